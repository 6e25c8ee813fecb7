"""Looks at every answer that the local AWS gives in a test, and remembers which are none that AWS could give."""

import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from moto.core.utils import get_service_model

from provisioning.localcloud.answers import Answer
from provisioning.localcloud.calls import Call
from provisioning.localcloud.cloud import LocalCloud
from provisioning.localcloud.shapes import check

from .allowed import COMMON, allowed
from .decoding import read

NUMBERS = re.compile(rb"[0-9a-f]{8,}|[0-9]+")
CODE = re.compile(rb"<Code>([^<]+)</Code>")


class Witness:
    def __init__(self) -> None:
        self.found: list[str] = []
        self._looked: set[tuple[str, str, int, int]] = set()
        self._lock = threading.Lock()

    def __call__(self, call: Call, answer: Answer) -> None:
        # Who waits asks again and again, and what differs are ids and times.
        seen = (call.service, call.operation, answer.code, hash(NUMBERS.sub(b"0", answer.body)))
        if seen in self._looked:
            return
        self._looked.add(seen)
        wrong = list(deviations(call, answer))
        with self._lock:
            self.found += [each for each in wrong if each not in self.found]

    def take(self) -> list[str]:
        """What was found since the last time."""
        with self._lock:
            taken, self.found = self.found, []
        return taken


@contextmanager
def watched(cloud: LocalCloud) -> Iterator[None]:
    """Of a program's own local AWS: raises SystemExit with what was found."""
    witness = Witness()
    cloud.look_on(witness)
    yield
    if found := witness.take():
        sys.exit("\n".join(["What AWS could not answer:", *found]))


def deviations(call: Call, answer: Answer) -> list[str]:
    what = f"{call.service} {call.operation}"
    told = errors_of(call, answer) if answer.code >= 300 else contents_of(call, answer)
    return [f"{what}: {each}" for each in told if not allowed(call, each)]


def contents_of(call: Call, answer: Answer) -> list[str]:
    model = get_service_model(call.boto_name).operation_model(call.operation)
    shape = model.output_shape
    if shape is None:
        return []
    try:
        value, strangers = read(answer.body, shape, call.protocol)
    except (ValueError, SyntaxError, KeyError) as error:
        return [f"cannot be read: {error!r}"]
    payload = shape.serialization.get("payload")
    of = shape.members[payload] if payload else shape
    elsewhere = {name for name, member in getattr(of, "members", {}).items() if "location" in member.serialization}
    wrong = list(check(value, of, "")) if value is not None else []
    return [re.sub(r"\d+\.member", "N.member", each) for each in strangers + wrong if not about(each, elsewhere)]


def about(failure: str, names: set[str]) -> bool:
    return any(f"at '{name[0].lower()}{name[1:]}'" in failure for name in names)


def errors_of(call: Call, answer: Answer) -> list[str]:
    if call.protocol in ("ec2", "rest-xml") or call.operation.startswith("Head") or answer.code == 304:
        return []  # EC2's and S3's codes stand in their guides, not in a model
    if call.protocol == "query":
        found = CODE.search(answer.body)
        code = found[1].decode() if found else ""
    else:
        told = json.loads(answer.body or b"{}")
        headers = {name.lower(): value for name, value in answer.headers}
        code = str(headers.get("x-amzn-errortype") or told.get("__type") or told.get("code") or "")
        code = code.partition(":")[0].rpartition("#")[2]
    shapes = get_service_model(call.boto_name).operation_model(call.operation).error_shapes
    known = {each.name for each in shapes} | {each.metadata.get("error", {}).get("code") for each in shapes}
    return [] if code in known | COMMON else [f"error {code!r} is neither the operation's nor common to all"]
