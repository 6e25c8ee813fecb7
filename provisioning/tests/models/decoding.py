"""A raw answer, read by botocore's model and by nothing more lenient: boto3 passes over what it doesn't know."""

import json
from typing import Any
from xml.etree import ElementTree

from botocore.model import ListShape, MapShape, Shape, StructureShape

NOWHERE = ("header", "headers", "statusCode", "uri", "querystring")
NUMBERS = {"integer": int, "long": int, "float": float, "double": float}
TRUTHS = {"true": True, "false": False}


class Reading:
    """The value, and what stands in the answer without standing in the model."""

    def __init__(self) -> None:
        self.strangers: list[str] = []

    # JSON

    def json(self, value: Any, shape: Shape, where: str = "") -> Any:
        if value is None:
            return None
        if isinstance(shape, StructureShape) and isinstance(value, dict):
            names = {wire_name(member, name): (name, member) for name, member in shape.members.items()}
            if shape.metadata.get("document"):
                return value
            self._strange(where, value.keys() - names.keys() - {"__type"})
            return {
                name: self.json(value[wire], member, f"{where}.{name}")
                for wire, (name, member) in names.items()
                if wire in value
            }
        if isinstance(shape, ListShape) and isinstance(value, list):
            return [self.json(each, shape.member, f"{where}[]") for each in value]
        if isinstance(shape, MapShape) and isinstance(value, dict):
            return {key: self.json(each, shape.value, f"{where}.{key}") for key, each in value.items()}
        return value

    # XML

    def xml(self, node: ElementTree.Element, shape: Shape, where: str = "") -> Any:
        if isinstance(shape, StructureShape):
            return self._structure(node, shape, where)
        if isinstance(shape, ListShape):
            name = shape.member.serialization.get("name", "member")
            self._strange(where, {local(each) for each in node} - {name})
            return [self.xml(each, shape.member, f"{where}[]") for each in node]
        if isinstance(shape, MapShape):
            return dict(self._entry(each, shape, where) for each in node)
        return scalar(node.text or "", shape)

    def _structure(self, node: ElementTree.Element, shape: StructureShape, where: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        known = set()
        for name, member in shape.members.items():
            if member.serialization.get("location") in NOWHERE or member.serialization.get("xmlAttribute"):
                continue
            flat = isinstance(member, (ListShape, MapShape)) and member.serialization.get("flattened")
            wire = flat_name(member, name) if flat else wire_name(member, name)
            known.add(wire)
            nodes = [each for each in node if local(each) == wire]
            if not nodes:
                continue
            inside = f"{where}.{name}"
            if flat and isinstance(member, ListShape):
                found[name] = [self.xml(each, member.member, f"{inside}[]") for each in nodes]
            elif flat and isinstance(member, MapShape):
                found[name] = dict(self._entry(each, member, inside) for each in nodes)
            else:
                found[name] = self.xml(nodes[0], member, inside)
        self._strange(where, {local(each) for each in node} - known)
        return found

    def _entry(self, node: ElementTree.Element, shape: MapShape, where: str) -> tuple[Any, Any]:
        named = {local(each): each for each in node}
        key, value = shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")
        return (named[key].text or ""), self.xml(named[value], shape.value, f"{where}.{named[key].text}")

    def _strange(self, where: str, names: Any) -> None:
        self.strangers += [f"{where}.{name} is not in the model" for name in sorted(names)]


def wire_name(member: Shape, name: str) -> str:
    return str(member.serialization.get("name", name))


def flat_name(member: Shape, name: str) -> str:
    inner = member.member.serialization.get("name") if isinstance(member, ListShape) else None
    return str(member.serialization.get("name") or inner or name)


def local(node: ElementTree.Element) -> str:
    """Its name without the namespace."""
    return node.tag.rpartition("}")[2]


def scalar(text: str, shape: Shape) -> Any:
    """As its type; left as text where it is none, which the check then says."""
    if shape.type_name == "boolean":
        return TRUTHS.get(text, text)
    if shape.type_name in NUMBERS:
        try:
            return NUMBERS[shape.type_name](text)
        except ValueError:
            return text
    return text


def read(body: bytes, shape: StructureShape, protocol: str) -> tuple[Any, list[str]]:
    """What an answer without an error holds, by the members of the operation's output, and the strangers in it."""
    reading = Reading()
    payload = shape.serialization.get("payload")
    if payload is not None:
        member = shape.members[payload]
        if member.type_name not in ("structure", "list"):
            return None, []  # a file's bytes, say
        shape = member  # type: ignore[assignment]
    inside = [m for m in getattr(shape, "members", {}).values() if m.serialization.get("location") not in NOWHERE]
    if not inside and not body:
        return None, []
    if protocol in ("json", "rest-json"):
        return reading.json(json.loads(body or b"{}"), shape), reading.strangers
    root = ElementTree.fromstring(body)
    if protocol == "query":
        (root, *_) = [each for each in root if local(each) == shape.serialization.get("resultWrapper")] or [
            ElementTree.Element("nothing")
        ]
    elif protocol == "ec2":
        for each in [each for each in root if local(each) == "requestId"]:
            root.remove(each)
    return reading.xml(root, shape), reading.strangers
