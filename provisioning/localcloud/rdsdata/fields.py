"""A result as the Data API returns it: each value under the name of its type."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from psycopg2.extensions import new_array_type, new_type, register_type

from .errors import BadRequest, UnsupportedResult

LARGEST = 1_048_576  # bytes. AWS documents 1 MiB.

BOOL, BYTEA, INT8, NUMERIC, TIMESTAMPTZ = 16, 17, 20, 1700, 1184
# botocore's model says no more than that they are numbers; they are java.sql.Types.
JAVA = {16: -7, 17: -2, 18: 1, 20: -5, 21: 5, 23: 4, 25: 12, 700: 7, 701: 8, 1042: 1, 1043: 12, 1082: 91, 1083: 92}
JAVA |= {1114: 93, 1184: 93, 1266: 92, 1700: 2}
OTHER, ARRAY = 1111, 2003
# AWS documents: geometric and monetary types have to be cast to text.
UNSUPPORTED = {600: "point", 601: "lseg", 602: "path", 603: "box", 604: "polygon", 628: "line", 718: "circle"}
UNSUPPORTED |= {790: "money"}

# date, time, timestamp, timestamptz, timetz, interval, json, jsonb: as PostgreSQL writes them.
WRITTEN = new_type((1082, 1083, 1114, 1184, 1266, 1186, 114, 3802), "WRITTEN", lambda value, cursor: value)
WRITTEN_ARRAYS = new_array_type((1182, 1183, 1115, 1185, 2951), "WRITTEN[]", WRITTEN)


def prepare(connection: Any) -> None:
    for kind in (WRITTEN, WRITTEN_ARRAYS):
        register_type(kind, connection)


def records(cursor: Any, options: Mapping[str, str]) -> list[list[dict[str, Any]]]:
    """Raises BadRequest when they are too much, UnsupportedResult for a type that has to be cast."""
    for column in cursor.description:
        if column.type_code in UNSUPPORTED:
            raise UnsupportedResult(f"The result contains the unsupported data type {UNSUPPORTED[column.type_code]}")
    found = [
        [field(value, column.type_code, options) for value, column in zip(row, cursor.description, strict=True)]
        for row in cursor.fetchall()
    ]
    if len(str(found)) > LARGEST:
        raise BadRequest("Database returned more than the allowed response size limit")
    return found


def field(value: Any, kind: int, options: Mapping[str, str]) -> dict[str, Any]:
    if value is None:
        return {"isNull": True}
    if isinstance(value, list):
        return {"arrayValue": array(value)}
    if isinstance(value, bool):
        return {"booleanValue": value}
    if isinstance(value, int):
        return {"stringValue": str(value)} if options.get("longReturnType") == "STRING" else {"longValue": value}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, Decimal):
        if options.get("decimalReturnType") != "DOUBLE_OR_LONG":
            return {"stringValue": str(value)}
        return {"longValue": int(value)} if value == value.to_integral_value() else {"doubleValue": float(value)}
    if isinstance(value, memoryview):
        return {"blobValue": bytes(value)}
    if kind == TIMESTAMPTZ:  # the session is in UTC, and AWS leaves the offset away
        value = value.removesuffix("+00")
    return {"stringValue": str(value)}


def array(values: Sequence[Any]) -> dict[str, Any]:
    kinds = {bool: "booleanValues", int: "longValues", float: "doubleValues"}
    if any(isinstance(each, list) for each in values):
        raise UnsupportedResult("The result contains the unsupported data type multidimensional array")
    kind = next((kinds.get(type(each)) for each in values if each is not None), None)
    if kind is None:
        return {"stringValues": [None if each is None else str(each) for each in values]}
    return {kind: list(values)}


def metadata(cursor: Any) -> list[dict[str, Any]]:
    """Of each column; which table it comes from is not known here."""
    columns = cursor.description
    cursor.execute("SELECT oid, typname FROM pg_type WHERE oid = ANY(%s)", [[column.type_code for column in columns]])
    names = dict(cursor.fetchall())
    return [describe(column, names[column.type_code]) for column in columns]


def describe(column: Any, type_name: str) -> dict[str, Any]:
    return {
        "name": column.name,
        "label": column.name,
        "type": JAVA.get(column.type_code, ARRAY if type_name.startswith("_") else OTHER),
        "typeName": type_name,
        "schemaName": "",
        "tableName": "",
        "isAutoIncrement": False,
        "isSigned": column.type_code in (20, 21, 23, 700, 701, 1700),
        "isCurrency": False,
        "isCaseSensitive": column.type_code in (18, 25, 1042, 1043),
        "nullable": 1,
        "precision": column.precision or 0,
        "scale": column.scale or 0,
        "arrayBaseColumnType": 0,
    }


def as_json(names: Sequence[str], rows: Sequence[Sequence[Mapping[str, Any]]]) -> str:
    return json.dumps([{name: plain(value) for name, value in zip(names, row, strict=True)} for row in rows])


def plain(value: Mapping[str, Any]) -> Any:
    [(kind, content)] = value.items()
    if kind == "isNull":
        return None
    if kind == "arrayValue":
        [content] = content.values()
    return content.decode("latin-1") if isinstance(content, bytes) else content
