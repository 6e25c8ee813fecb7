"""Whether a value is what a shape of botocore's model says, and in AWS's words what it is not.

botocore itself looks at required members and types before it sends, but not at enums, patterns and longest
lengths: AWS does, and so does this.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

NUMBER = (int, float)
TYPES: dict[str, type | tuple[type, ...]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "character": str,
    "integer": int,
    "long": int,
    "float": NUMBER,
    "double": NUMBER,
    "boolean": bool,
}


def check(value: Any, shape: Shape, where: str) -> Iterator[str]:
    """What is wrong with it, and with what is in it."""
    expected = TYPES.get(shape.type_name)
    if expected and (not isinstance(value, expected) or (isinstance(value, bool) and shape.type_name != "boolean")):
        yield f"Value '{value}' at '{where}' failed to satisfy constraint: Member must be of type {shape.type_name}"
    elif isinstance(shape, StructureShape):
        yield from check_structure(value, shape, where)
    elif isinstance(shape, ListShape):
        yield from outside(value, shape, where)
        for index, item in enumerate(value, start=1):
            yield from check(item, shape.member, f"{where}.{index}.member")
    elif isinstance(shape, MapShape):
        yield from outside(value, shape, where)
        for key, item in value.items():
            yield from check(key, shape.key, f"{where}.key")
            yield from check(item, shape.value, f"{where}.{key}")
    else:
        yield from outside(value, shape, where)


def check_structure(value: dict[str, Any], shape: StructureShape, where: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"Value null at '{path(where, name)}' failed to satisfy constraint: Member must not be null"
    for name, item in value.items():
        # A member the model does not know is passed over, as AWS does with a newer client's.
        if name in shape.members and item is not None:
            yield from check(item, shape.members[name], path(where, name))


def outside(value: Any, shape: Shape, where: str) -> Iterator[str]:
    for constraint in broken(value, shape):
        yield f"Value '{value}' at '{where}' failed to satisfy constraint: Member must {constraint}"


def broken(value: Any, shape: Shape) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if isinstance(shape, StringShape):
        if shape.enum and value not in shape.enum:
            yield f"satisfy enum value set: [{', '.join(shape.enum)}]"
        if (pattern := pattern_of(shape)) and not pattern.fullmatch(value):
            yield f"satisfy regular expression pattern: {pattern.pattern}"
    if isinstance(shape, (StringShape, ListShape, MapShape)):
        if least is not None and len(value) < least:
            yield f"have length greater than or equal to {least}"
        if most is not None and len(value) > most:
            yield f"have length less than or equal to {most}"
    elif isinstance(value, NUMBER) and shape.type_name != "timestamp":
        if least is not None and value < least:
            yield f"have value greater than or equal to {least}"
        if most is not None and value > most:
            yield f"have value less than or equal to {most}"


def pattern_of(shape: Shape) -> re.Pattern[str] | None:
    # botocore keeps a shape's pattern in its metadata in some versions, and in the bare model in all.
    return compiled(shape._shape_model.get("pattern"))


@cache
def compiled(pattern: str | None) -> re.Pattern[str] | None:
    # ".*" is meant to be anything, also text of several lines. Python knows no classes such as \\p{L}.
    if pattern in (None, ".*") or r"\p{" in pattern:
        return None
    try:
        return re.compile(pattern)
    except re.error:  # another of Java's ways
        return None


def path(where: str, name: str) -> str:
    first = name[0].lower() + name[1:]
    return f"{where}.{first}" if where else first
