"""Whether App Runner takes this account, and how it says no."""

from __future__ import annotations

import re

from ..engine.events import Failed, Finished
from ..resources.apprunner.closed import CLOSED
from .belief import CannotBeTried, Source, Verdict, judged, tried
from .scene import Scene

CODE = re.compile(r'AWS says: "(\w+): ')
KINDS = ("AutoScalingConfiguration", "VpcConnector", "Service")
CLOSED_TO_NEW = "docs.aws.amazon.com/apprunner/latest/dg/setting-up.html says that it is closed, not how it says so"


@tried(
    f"An account that App Runner does not take is refused with one of {', '.join(CLOSED)}",
    Source.BELIEVED,
    CLOSED_TO_NEW,
    "provisioning/resources/apprunner/closed.py",
)
def a_closed_account_is_refused_in_known_words(scene: Scene) -> Verdict:
    if scene.closed:
        return judged(True, scene.closed)
    refusals = _refusals(scene)
    unknown = [text for text in refusals.values() if not _is_known(text)]
    return judged(not unknown, next(iter(unknown or refusals.values())))


@tried(
    "It is CreateService that refuses a closed account; the calls before it answer",
    Source.BELIEVED,
    CLOSED_TO_NEW,
    "provisioning/resources/apprunner/closed.py",
    "docs/troubleshooting.md",
)
def only_create_service_refuses(scene: Scene) -> Verdict:
    if scene.closed:
        return judged(False, f"ListServices: {scene.closed}")
    refusals = {kind: text for kind, text in _refusals(scene).items() if _is_known(text)}
    if not refusals:
        raise CannotBeTried("What was refused was refused for another reason")
    first, text = next(iter(refusals.items()))
    return judged(first == "Service", f"Create{first}: {text}")


def _is_known(problem: str) -> bool:
    return any(code in CLOSED for code in CODE.findall(problem))


def _refusals(scene: Scene) -> dict[str, str]:
    """What was said, by kind, in the order in which they are made. Raises CannotBeTried if nothing was."""
    ends = {event.resource.kind: event for event in scene.made if isinstance(event, (Finished, Failed))}
    if not ends.keys() & set(KINDS):
        raise CannotBeTried("This run made nothing of App Runner's")
    found = {kind: ends[kind] for kind in KINDS if kind in ends}
    refusals = {kind: event.problem for kind, event in found.items() if isinstance(event, Failed)}
    if not refusals:
        came_so_far = "Service" in ends
        raise CannotBeTried("App Runner takes this account" if came_so_far else "It did not come to CreateService")
    return refusals


BELIEFS = (a_closed_account_is_refused_in_known_words, only_create_service_refuses)
