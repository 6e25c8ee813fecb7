import dataclasses

import pytest

from provisioning.engine.resource import Given, Later, Live, Lives, is_later, now, text

from .world import Thing


def test_a_later_value_equals_nothing_not_even_itself():
    later = Later("Thing a id")
    assert later != later
    assert later != "(known after Thing a id)"
    assert str(later) == "(known after Thing a id)"


def test_a_later_value_is_never_formatted_into_a_string_by_accident():
    with pytest.raises(TypeError, match="known after Thing a id"):
        f"http://{Later('Thing a id')}/"


def test_text_with_a_later_part_is_later_as_a_whole():
    assert text("{}:{}", "host", 5432) == "host:5432"
    assert str(text("{}:{}", "host", Later("Thing a port"))) == "(known after Thing a port)"


def test_later_is_seen_however_deep_it_lies():
    assert is_later({"a": [{"b": Later("x")}]})
    assert not is_later({"a": [{"b": "x"}]})


def test_what_a_given_value_speaks_of_is_a_need():
    a = Thing(name="a")
    b = Thing(name="b", label=Given("http://{}", (a, "id")))
    assert b.needs == (a,)


def test_a_given_value_is_known_once_its_resource_is():
    a = Thing(name="a")
    lives = Lives()
    given = Given("http://{}:{}", (a, "id"), (a, "port"))
    assert str(now(given, lives)) == "(known after Thing a id)"
    lives[a] = Live(id="host", values={"port": 80})
    assert now(given, lives) == "http://host:80"


def test_a_resource_cannot_be_changed_so_it_cannot_come_to_need_itself():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Thing(name="a").size = 2
