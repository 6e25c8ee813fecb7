"""A statement as the Data API takes it: one at a time, with parameters by name and by type."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg2 import sql

from .errors import BadRequest, Validation

# Only outside of strings, quoted names and comments is a colon a parameter, and a semicolon an end.
TOKENS = re.compile(
    r"""
      (?P<space> \s+ | --[^\n]* | /\*.*?\*/ )
    | (?P<end> ; )
    | (?P<kept> [eE]'(?:[^'\\]|\\.|'')*'
              | '(?:[^']|'')*'
              | "(?:[^"]|"")*"
              | \$(?P<tag>(?:[A-Za-z_]\w*)?)\$.*?\$(?P=tag)\$
              | [A-Za-z_][\w$]*
              | ::
              | := )
    | : (?P<name> [A-Za-z_]\w* )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)

# The server is told the type of each, as by a driver: a string does not become a number by itself.
TYPES = {"stringValue": "varchar", "longValue": "bigint", "booleanValue": "boolean", "doubleValue": "float8"}
HINTS = {
    "TIMESTAMP": "timestamp",
    "DATE": "date",
    "TIME": "time",
    "UUID": "uuid",
    "JSON": "jsonb",
    "DECIMAL": "numeric",
}

Parameters = Sequence[Mapping[str, Any]]


def render(statement: str, parameters: Parameters, connection: Any) -> str:
    """The statement with its parameters in place; raises BadRequest or Validation."""
    values = {each["name"]: each for each in parameters}
    written, ended = [], False
    for token in TOKENS.finditer(statement):
        if token["end"]:
            ended = True
        elif ended and not token["space"]:
            # AWS documents it, word by word.
            raise Validation("Multistatements aren't supported.")
        name = token["name"]
        if name is None:
            written.append(token[0])
        elif name in values:
            written.append(literal(values[name], connection))
        else:  # seen in reports
            raise BadRequest(f"Cannot find parameter: {name}")
    return "".join(written)


def literal(parameter: Mapping[str, Any], connection: Any) -> str:
    value, hint = parameter.get("value") or {}, parameter.get("typeHint")
    if value.get("isNull"):
        return "NULL"
    [(kind, given)] = value.items()
    if kind == "arrayValue":  # botocore's model: "Array parameters are not supported."
        raise BadRequest("Array parameters are not supported.")
    if kind == "blobValue":
        return f"'\\x{base64.b64decode(given).hex()}'::bytea"
    # Parentheses: the cast belongs to a negative number as a whole.
    return f"({sql.Literal(given).as_string(connection)})::{HINTS.get(str(hint), TYPES[kind])}"
