"""The list of beliefs: whole, honest about its sources, and the same in the documents."""

import ast
import json
import re
import tokenize
from pathlib import Path

import pytest

from provisioning.beliefs import ALL, BY_SUBJECT, chosen
from provisioning.beliefs.belief import Broke, Held, Source, Unknown
from provisioning.beliefs.report import blocks, counted, listing, markdown, object_of, totals
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


@pytest.mark.parametrize("document", ["beliefs.md", "local-cloud.md"])
def test_the_documents_tell_how_many_are_from_where(document):
    assert totals(ALL) in (DOCS / document).read_text(), "It is what `python -m provisioning.beliefs` prints first"


def test_the_commands_document_tells_how_many_are_tried():
    tried = [each for each in ALL if each.attempt]
    assert f"tries {len(tried)} of {len(ALL)} beliefs" in " ".join((DOCS / "commands.md").read_text().split())


def test_the_local_cloud_s_document_leads_to_it():
    assert "(beliefs.md)" in (DOCS / "local-cloud.md").read_text()


def sources():
    """All that is ours and no test; the local AWS has tables of its own in docs/local-cloud.md."""
    for folder in ("provisioning", "sleeping", "scale0site"):
        for path in (PROJECT / folder).rglob("*.py"):
            if not {"tests", "localcloud", "beliefs", "migrations"} & set(path.relative_to(PROJECT).parts):
                yield path
    yield PROJECT / "gunicorn.conf.py"


def said(path):
    """Its comments and its strings, docstrings among them."""
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type in (tokenize.COMMENT, tokenize.STRING):
                yield token.string


def retried(path):
    """The words of AWS's by which it knows that time will cure an error."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Retry":
            words = [*node.args[1:2], *(each.value for each in node.keywords if each.arg == "saying")]
            yield from (ast.literal_eval(each) for each in words)


def test_whatever_our_files_say_is_believed_or_reported_is_in_the_list():
    relied_on = {file for belief in ALL for file in belief.relied_on_by}
    saying = {
        str(path.relative_to(PROJECT))
        for path in sources()
        if any(re.search(r"\b(believed|reported)\b", text) for text in said(path))
    }
    assert {"provisioning/budget.py", "gunicorn.conf.py"} <= saying  # it does look
    assert saying - relied_on == set(), "Write a belief for each in provisioning/beliefs, that names the file"


def test_the_words_by_which_an_error_is_known_to_pass_are_in_the_list():
    found = {(str(path.relative_to(PROJECT)), words) for path in sources() for words in retried(path)}
    assert ("provisioning/resources/codebuild.py", "sts:AssumeRole") in found  # it does look
    named = {
        (file, words)
        for file, words in found
        for belief in ALL
        if file in belief.relied_on_by and f'"{words}' in belief.says
    }
    assert found - named == set(), "Write a belief for each, that names the file, and in quotes the words"


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
