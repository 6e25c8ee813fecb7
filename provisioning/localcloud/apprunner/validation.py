"""Whether a request has the shape of botocore's model, for which botocore itself checks too little.

botocore looks at required members and types before it sends, but not at enums, patterns and longest lengths:
AWS does, and so does this.
"""

import re
from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from .errors import InvalidRequest

TYPES: dict[str, type | tuple[type, ...]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "timestamp": (int, float),
}


def validate(request: Any, shape: Shape) -> None:
    """Raises InvalidRequest with every failure, in AWS's common wording."""
    failures = list(check(request, shape, ""))
    if failures:
        count = f"{len(failures)} validation error{'s' if len(failures) > 1 else ''} detected"
        raise InvalidRequest(f"{count}: {'; '.join(failures)}")


def check(value: Any, shape: Shape, where: str) -> Iterator[str]:
    expected = TYPES.get(shape.type_name)
    if expected and (not isinstance(value, expected) or (isinstance(value, bool) and shape.type_name != "boolean")):
        yield f"Value '{value}' at '{where}' failed to satisfy constraint: Member must be of type {shape.type_name}"
    elif isinstance(shape, StructureShape):
        yield from check_structure(value, shape, where)
    elif isinstance(shape, ListShape):
        for index, item in enumerate(value, start=1):
            yield from check(item, shape.member, f"{where}.{index}.member")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from check(key, shape.key, f"{where}.key")
            yield from check(item, shape.value, f"{where}.{key}")
    else:
        for constraint in broken(value, shape):
            yield f"Value '{value}' at '{where}' failed to satisfy constraint: Member must {constraint}"


def check_structure(value: dict[str, Any], shape: StructureShape, where: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"Value null at '{path(where, name)}' failed to satisfy constraint: Member must not be null"
    for name, item in value.items():
        # A member the model does not know is passed over, as AWS does with a newer client's.
        if name in shape.members and item is not None:
            yield from check(item, shape.members[name], path(where, name))


def broken(value: Any, shape: Shape) -> Iterator[str]:
    metadata = shape.metadata
    if isinstance(shape, StringShape):
        if shape.enum and value not in shape.enum:
            yield f"satisfy enum value set: [{', '.join(shape.enum)}]"
        if "min" in metadata and len(value) < metadata["min"]:
            yield f"have length greater than or equal to {metadata['min']}"
        if "max" in metadata and len(value) > metadata["max"]:
            yield f"have length less than or equal to {metadata['max']}"
        if (pattern := pattern_of(shape)) and not re.fullmatch(pattern, value):
            yield f"satisfy regular expression pattern: {pattern}"
    elif shape.type_name == "integer":
        if "min" in metadata and value < metadata["min"]:
            yield f"have value greater than or equal to {metadata['min']}"
        if "max" in metadata and value > metadata["max"]:
            yield f"have value less than or equal to {metadata['max']}"


def pattern_of(shape: Shape) -> str | None:
    # botocore keeps a shape's pattern in its metadata in some versions, and in the bare model in all.
    pattern = shape._shape_model.get("pattern")
    # ".*" is meant to be anything, also text of several lines. Python knows no classes such as \\p{L}.
    return None if pattern in (None, ".*") or r"\p{" in pattern else str(pattern)


def path(where: str, name: str) -> str:
    first = name[0].lower() + name[1:]
    return f"{where}.{first}" if where else first
