"""How plans and events read: as text, as one line each, as JSON."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .engine.events import Blocked, Event, Failed, Finished, Kept, Output, Skipped, Started, Unchanged, Waiting
from .engine.plan import Action, Change, Plan, Step
from .engine.resource import Later, Resource
from .pricing import estimate

SIGNS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.REPLACE: "±",
    Action.KEEP: "=",
    Action.WAIT: "…",
    Action.BLOCKED: "!",
    Action.DELETE: "-",
    Action.LEAVE: "=",
}
DOING = {"create": "creating", "update": "changing", "replace": "replacing", "delete": "removing"}
DONE = {"create": "created", "update": "changed", "replace": "replaced", "delete": "removed"}


def plan_text(plan: Plan) -> str:
    """A plan for a person: what comes, changes, stays and goes, with its values."""
    lines: list[str] = []
    for step in plan.steps:
        if step.action is Action.ABSENT:
            continue
        why = f": {step.why}" if step.why else ""
        lines.append(f"  {SIGNS[step.action]} {step.resource}{why}")
        lines += [f"      {each}" for each in _changes(step)]
    return "\n".join([*lines, "", plan_summary(plan)] if lines else [plan_summary(plan)])


def plan_summary(plan: Plan) -> str:
    """How much there is to do, how long it usually takes, what decides that, and what it costs."""
    teardown = bool(plan.having(Action.DELETE, Action.LEAVE, Action.ABSENT))
    if plan.blocked and not teardown:
        names = ", ".join(str(step.resource) for step in plan.blocked)
        return f"Blocked: {names}. Nothing can be done until a person decides."
    if teardown:
        return _teardown_summary(plan)
    price = costs(plan.graph)
    if plan.empty:
        return "\n".join(filter(None, [f"Nothing to do: all {len(plan.steps)} are as they should be.", price]))
    counts = [
        f"{len(plan.having(Action.CREATE))} to create",
        f"{len(plan.having(Action.UPDATE, Action.REPLACE))} to change",
        f"{len(plan.having(Action.KEEP))} as they should be",
    ]
    counts += [f"{len(waiting)} being changed by AWS"] if (waiting := plan.having(Action.WAIT)) else []
    chain = " → ".join(str(each) for each in plan.longest_chain)
    time = f"Usually takes {duration(plan.usual)} on AWS; the longest chain is {chain}."
    return "\n".join(filter(None, [f"{', '.join(counts)}.", time, price]))


def _teardown_summary(plan: Plan) -> str:
    going, staying = plan.having(Action.DELETE), plan.having(Action.LEAVE)
    told = f"{len(going)} to remove" if going else "Nothing to remove"
    told += f", {len(staying)} kept" if staying else ""
    told += f", {len(plan.blocked)} not ours and left alone" if plan.blocked else ""
    asleep = estimate(step.resource for step in staying).asleep
    cost = f" What is kept costs about ${asleep:.2f} a month on AWS while nobody looks." if asleep else ""
    return f"{told}.{cost}"


def costs(resources: Iterable[Resource]) -> str:
    """What these resources cost on AWS, asleep and awake, and which of them most; empty if nothing."""
    everything = list(resources)
    total = estimate(everything)
    if not total.asleep:
        return ""
    dearest = max(everything, key=lambda each: estimate([each]).asleep)
    return (
        f"On AWS it costs about ${total.asleep:.2f} a month while nobody looks ({dearest}: "
        f"${estimate([dearest]).asleep:.2f}), and ${total.awake:.2f} for each hour that somebody does, "
        "by the list prices of us-east-1."
    )


def existing_text(resources: Iterable[Resource]) -> str:
    """What is there after a run that did not end well, and what it costs to leave it there."""
    everything = list(resources)
    if not everything:
        return "AWS has nothing of it."
    dollars = {each: estimate([each]).asleep for each in everything}
    costing = [f"  {each}  ${dollars[each]:.2f} a month" for each in everything if dollars[each] >= 0.005]
    free = len(everything) - len(costing)
    total = f"AWS has {len(everything)} of them now; while nobody looks they cost about "
    total += f"${sum(dollars.values()):.2f} a month"
    rest = [f"  and {free} that cost nothing or next to it"] if free and costing else []
    return "\n".join([f"{total}{':' if costing else '.'}", *costing, *rest])


def duration(seconds: float) -> str:
    """Seconds as a person says them: `40 s`, `10 min`."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def tell(event: Event) -> str:
    """What happens, in a few words after the resource's name."""
    match event:
        case Started():
            return DOING[event.action.value]
        case Waiting():
            return event.word
        case Output():
            return event.text
        case Finished():
            return f"{DONE[event.action.value]} in {event.took:.1f} s"
        case Unchanged():
            return "as it should be"
        case Kept():
            return f"kept: {event.why}"
        case Skipped():
            return f"skipped, because of {event.because}"
        case Blocked():
            return f"blocked: {event.why}"
        case Failed():
            return event.problem.removeprefix(f"{event.resource}: ")
    raise TypeError(event)


def line(event: Event) -> str:
    """One line for a log; of output, as many as it has."""
    before = f"{event.at:6.1f} s  {event.resource}: "
    if isinstance(event, Output):
        return "\n".join(f"{before}| {each}" for each in event.text.splitlines())
    return before + tell(event)


def event_json(event: Event) -> dict[str, Any]:
    """The same as data: `{"event": "started", "kind": …, "name": …, "at": seconds, …}`."""
    data: dict[str, Any] = {"event": type(event).__name__.lower(), **_named(event.resource)}
    for each in dataclasses.fields(event):
        value = getattr(event, each.name)
        if each.name != "resource":
            data[each.name] = _plain(value)
    return data


def step_json(step: Step) -> dict[str, Any]:
    """One step of a plan as data."""
    changes = {key: _plain(change) for key, change in step.changes.items()}
    return {"step": step.action.value, **_named(step.resource), "why": step.why, "changes": changes}


def _named(resource: Resource) -> dict[str, str]:
    return {"kind": resource.kind, "name": resource.name}


def _plain(value: Any) -> Any:
    if isinstance(value, Change):
        return {"before": _plain(value.before), "after": _plain(value.after)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, float):
        return round(value, 2)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, (Resource, Later)) else value


def _changes(step: Step) -> Iterator[str]:
    """A line for each value that changes, nested ones by their dotted names."""
    if step.action is Action.CREATE:
        rows = [(key, _shown(after)) for key, after in _flat(step.values)]
    else:
        before = dict(_flat({key: change.before for key, change in step.changes.items()}))
        after = dict(_flat({key: change.after for key, change in step.changes.items()}))
        rows = [
            (key, f"{_shown(before.get(key))} → {_shown(after.get(key))}")
            for key in dict.fromkeys([*before, *after])
            if before.get(key) != after.get(key)
        ]
    width = max((len(key) for key, _ in rows), default=0)
    return (f"{key:{width}}  {value}" for key, value in rows)


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping) and "Statement" in value:
            for n, statement in enumerate(value["Statement"], 1):
                yield f"{prefix}{key}.{n}", _statement(statement)
        elif isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, (list, tuple)) and any(isinstance(inner, Mapping) for inner in value):
            yield from _flat({str(n): inner for n, inner in enumerate(value, 1)}, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _statement(statement: Mapping[str, Any]) -> str:
    """A statement of an IAM policy, in one line."""
    words = [statement["Effect"].lower(), _shown(statement["Action"])]
    if "Resource" in statement:
        words += ["on", _shown(statement["Resource"])]
    if "Principal" in statement:
        who = statement["Principal"]
        words += ["to", _shown(list(who.values()) if isinstance(who, Mapping) else who)]
    if "Condition" in statement:
        words += ["if", ", ".join(f"{key} is {value}" for key, value in _flat(statement["Condition"]))]
    return " ".join(words)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "none"
    return str(value)
