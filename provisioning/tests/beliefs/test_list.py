"""The list of beliefs: whole, honest about its sources, and the same in the documents."""

import json
import re
from pathlib import Path

import pytest

from provisioning.beliefs import ALL, BY_SUBJECT, chosen
from provisioning.beliefs.belief import Broke, Held, Source, Unknown
from provisioning.beliefs.report import blocks, counted, listing, markdown, object_of
from provisioning.beliefs.trial import Tried
from provisioning.engine.problem import Problem

PROJECT = Path(__file__).parents[3]
DOCS = PROJECT / "docs"


def test_each_belief_has_a_name_of_its_own():
    assert len({each.id for each in ALL}) == len(ALL)


@pytest.mark.parametrize("belief", ALL, ids=[each.id for each in ALL])
def test_each_is_tried_or_says_why_not_and_names_files_that_there_are(belief):
    assert bool(belief.attempt) != bool(belief.not_tried)
    assert belief.where
    assert belief.relied_on_by
    assert [file for file in belief.relied_on_by if not (PROJECT / file).exists()] == []
    assert not belief.says.endswith(".")


@pytest.mark.parametrize(
    "belief", [each for each in ALL if each.source is Source.DOCUMENTED], ids=lambda each: each.id
)
def test_what_is_documented_says_where(belief):
    assert re.search(r"\w+\.amazon\.com/\S|repost\.aws/\S", belief.where)


def test_the_document_is_made_from_the_list():
    text = (DOCS / "beliefs.md").read_text()
    assert text.partition("\n## ")[1:] == ("\n## ", (markdown(BY_SUBJECT) + "\n").removeprefix("## ")), (
        "Run `python -m provisioning.beliefs` and put what it prints in the place of the tables"
    )


def test_the_local_cloud_s_document_leads_to_it():
    assert "(beliefs.md)" in (DOCS / "local-cloud.md").read_text()


def test_the_beliefs_know_nothing_of_the_local_cloud():
    sources = [path.read_text() for path in (PROJECT / "provisioning" / "beliefs").glob("*.py")]
    assert not any("localcloud" in each for each in sources)


def test_all_are_chosen_where_none_is_named_and_else_those():
    assert chosen([]) == ALL
    assert [each.id for each in chosen(["an-object-is-made-once"])] == ["an-object-is-made-once"]


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("the-moon-is-round", "There is no such belief"),
        ("a-call-may-come-twice", "Nothing tries it: it is rare"),
    ],
)
def test_one_that_cannot_be_tried_is_refused(named, said):
    with pytest.raises(Problem, match=said):
        chosen([named])


def test_a_listing_tells_of_each_its_source_and_who_relies_on_it():
    text = listing(ALL)
    for each in ALL:
        assert f"{each.id} ({each.source.value})\n         {each.says}.\n         From: {each.where}\n" in text


def test_verdicts_read_as_blocks_and_as_json_and_are_counted():
    first, second, third = ALL[:3]
    tried = [Tried(first, Held("a")), Tried(second, Broke("b")), Tried(third, Unknown("c"))]
    assert blocks(tried).splitlines() == [
        f"held     {first.id} ({first.source.value})",
        f"         {first.says}.",
        "         Seen: a",
        f"broke    {second.id} ({second.source.value})",
        f"         {second.says}.",
        "         Seen: b",
        f"unknown  {third.id} ({third.source.value})",
        f"         {third.says}.",
        "         Why: c",
    ]
    assert counted(tried) == {"held": 1, "broke": 1, "unknown": 1}
    assert json.loads(json.dumps(object_of(first)))["relied_on_by"] == list(first.relied_on_by)
