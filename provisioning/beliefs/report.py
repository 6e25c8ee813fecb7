"""How beliefs read: as blocks on a terminal, as JSON, and as the tables of docs/beliefs.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .belief import Belief, Broke, Held, Source
from .trial import Tried

WIDTH = 9  # letters of the first column


def block(belief: Belief, word: str, seen: str) -> str:
    indent = " " * WIDTH
    return "\n".join(
        [
            f"{word:{WIDTH}}{belief.id} ({belief.source.value})",
            f"{indent}{belief.says}.",
            *([f"{indent}Seen: {seen}" if word != "unknown" else f"{indent}Why: {seen}"] if seen else []),
        ]
    )


def blocks(tried: Iterable[Tried]) -> str:
    return "\n".join(block(each.belief, each.verdict.word, each.verdict.seen) for each in tried)


def listing(beliefs: Iterable[Belief]) -> str:
    """All that is known of them without asking AWS."""
    return "\n".join(_listed(belief) for belief in beliefs)


def _listed(belief: Belief) -> str:
    indent = " " * WIDTH
    told = block(belief, "tried" if belief.attempt else "not", "")
    why = [f"{indent}Not tried: {belief.not_tried}."] if belief.not_tried else []
    files = f"{indent}Relied on by {', '.join(belief.relied_on_by)}"
    return "\n".join([told, f"{indent}From: {belief.where}", files, *why])


def object_of(belief: Belief) -> dict[str, Any]:
    return {
        "event": "belief",
        "id": belief.id,
        "says": belief.says,
        "source": belief.source.value,
        "where": belief.where,
        "relied_on_by": list(belief.relied_on_by),
    }


def counted(tried: Iterable[Tried]) -> dict[str, int]:
    found = Counter(each.verdict.word for each in tried)
    return {word: found[word] for word in (Held.word, Broke.word, "unknown")}


def totals(beliefs: Sequence[Belief]) -> str:
    """A sentence: how many there are, by where they are from, and how many are tried."""
    found = Counter(each.source for each in beliefs)
    tried = sum(each.attempt is not None for each in beliefs)
    documented, modelled, reported, believed = (found[source] for source in Source)
    return (
        f"Of {len(beliefs)} beliefs, {documented} are documented, {modelled} in botocore's model, {reported} reported "
        f"and {believed} believed; `verify_aws` tries {tried}."
    )


def markdown(by_subject: Mapping[str, Iterable[Belief]]) -> str:
    """The tables, each under its subject."""
    return "\n\n".join("\n".join(_table(subject, beliefs)) for subject, beliefs in by_subject.items())


def _table(subject: str, beliefs: Iterable[Belief]) -> Iterator[str]:
    yield f"## {subject}"
    yield ""
    yield "| belief | source | relied on by | tried by `verify_aws` |"
    yield "|---|---|---|---|"
    for each in beliefs:
        files = ", ".join(f"`{name}`" for name in each.relied_on_by)
        tried = f"`{each.id}`" if each.attempt else f"no: {each.not_tried}"
        yield f"| {each.says}. | **{each.source.value}**: {each.where} | {files} | {tried} |"
