import pytest

from provisioning.engine.graph import Graph

from .world import Thing

A = Thing(name="a")
B = Thing(name="b", on=(A,))
C = Thing(name="c", after=(A,))
D = Thing(name="d", on=(B, C))


def test_each_comes_once_and_after_all_that_it_needs():
    assert list(Graph(D)) == [A, B, C, D]


def test_whatever_is_asked_for_first_each_comes_after_all_that_it_needs():
    for roots in ((A, B, C, D), (D, A), (C, D), (B, D)):
        order = list(Graph(*roots))
        assert len(order) == 4
        assert all(order.index(need) < order.index(each) for each in order for need in each.needs)


def test_order_alone_is_a_need_too():
    assert C.needs == (A,)


def test_only_some_come_with_what_they_need():
    assert list(Graph(D).only(B)) == [A, B]


def test_what_needs_a_resource_is_known():
    assert Graph(D).needed_by(A) == (B, C)


def test_one_thing_described_in_two_ways_is_an_error():
    with pytest.raises(ValueError, match="Thing a is described twice, with a different size"):
        Graph(D, Thing(name="a", size=2))


def test_the_same_thing_described_twice_is_one():
    assert len(Graph(B, Thing(name="b", on=(Thing(name="a"),)))) == 2


def test_the_longest_chain_is_the_one_that_takes_longest():
    seconds = {"a": 5, "b": 1, "c": 30, "d": 2}
    chain = Graph(D).longest_chain(lambda each: seconds[each.name])
    assert [each.name for each in chain] == ["a", "c", "d"]


def test_what_takes_no_time_is_not_in_the_longest_chain():
    seconds = {"a": 5, "b": 0, "c": 0, "d": 2}
    chain = Graph(D).longest_chain(lambda each: seconds[each.name])
    assert [each.name for each in chain] == ["a", "d"]
