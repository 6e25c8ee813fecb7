"""How often somebody may fail, and who is kept out for how long."""

import pytest

from scale0site.login.models import Attempt
from scale0site.login.throttle import KNOWN, MOST, NAME, NETWORK, PAIR, Refused, Throttle

pytestmark = pytest.mark.django_db

HOME, ELSEWHERE = "203.0.113.9", "198.51.100.{}"


@pytest.fixture
def throttle(clock):
    return Throttle(clock)


def fail(throttle, times, name="anna", network=HOME):
    for _ in range(times):
        throttle.check(name, network)
        throttle.failed(name, network)


def test_after_five_failures_the_sixth_attempt_is_refused_until_the_first_is_a_quarter_of_an_hour_old(throttle, clock):
    fail(throttle, PAIR.failures)
    clock.go_on(minutes=5)
    with pytest.raises(Refused) as raised:
        throttle.check("anna", HOME)
    assert raised.value.seconds == 10 * 60
    clock.go_on(minutes=10)
    throttle.check("anna", HOME)


def test_trying_on_does_not_make_it_longer(throttle, clock):
    fail(throttle, PAIR.failures)
    for _ in range(15):
        with pytest.raises(Refused):
            throttle.check("anna", HOME)
        clock.go_on(minutes=1)
    throttle.check("anna", HOME)


def test_another_name_and_another_network_are_not_held_up(throttle):
    fail(throttle, PAIR.failures)
    throttle.check("berta", HOME)
    throttle.check("anna", ELSEWHERE.format(1))


@pytest.mark.parametrize("written", ["Anna", " anna ", "ANNA", "\uff41\uff4e\uff4e\uff41"])
def test_a_name_is_the_same_however_it_is_written(throttle, written):
    fail(throttle, PAIR.failures)
    with pytest.raises(Refused):
        throttle.check(written, HOME)


def test_many_names_from_one_network_are_refused(throttle):
    for each in range(NETWORK.failures):
        fail(throttle, 1, f"name{each}")
    with pytest.raises(Refused) as raised:
        throttle.check("one more", HOME)
    assert raised.value.seconds == 60 * 60
    throttle.check("one more", ELSEWHERE.format(1))


def test_one_name_from_many_networks_is_refused_but_not_where_its_owner_came_in(throttle, clock):
    throttle.came_in("anna", HOME)
    clock.go_on(days=29)
    for each in range(NAME.failures):
        fail(throttle, 1, network=ELSEWHERE.format(each))
    with pytest.raises(Refused):
        throttle.check("anna", ELSEWHERE.format(200))
    throttle.check("anna", HOME)
    fail(throttle, PAIR.failures)
    with pytest.raises(Refused):  # somebody at home may be the one who guesses
        throttle.check("anna", HOME)


def test_who_has_not_come_in_for_a_month_is_a_stranger_again(throttle, clock):
    throttle.came_in("anna", HOME)
    clock.go_on(days=KNOWN.days, minutes=1)
    for each in range(NAME.failures):
        fail(throttle, 1, network=ELSEWHERE.format(each))
    with pytest.raises(Refused):
        throttle.check("anna", HOME)


def test_what_was_mistyped_before_one_came_in_is_forgiven(throttle):
    fail(throttle, PAIR.failures - 1)
    throttle.came_in("anna", HOME)
    fail(throttle, PAIR.failures)


def test_all_instances_count_together_and_a_new_one_knows(throttle, clock):
    other = Throttle(clock)
    fail(throttle, 3)
    fail(other, 2)
    for each in (throttle, other, Throttle(clock)):
        with pytest.raises(Refused):
            each.check("anna", HOME)


def test_a_flood_costs_no_query(throttle, django_assert_num_queries):
    fail(throttle, PAIR.failures)
    with django_assert_num_queries(1), pytest.raises(Refused):
        throttle.check("anna", HOME)
    with django_assert_num_queries(0):
        for _ in range(100):
            with pytest.raises(Refused):
                throttle.check("anna", HOME)


def test_a_flood_of_names_costs_no_query_either(throttle, django_assert_num_queries):
    for each in range(NETWORK.failures):
        fail(throttle, 1, f"name{each}")
    with pytest.raises(Refused):
        throttle.check("first", HOME)
    with django_assert_num_queries(0):
        for each in range(100):
            with pytest.raises(Refused):
                throttle.check(f"another{each}", HOME)


def test_memory_has_a_bound(throttle, clock):
    fail(throttle, PAIR.failures)
    throttle._refusals = {("", str(each)): clock.now for each in range(MOST)}
    with pytest.raises(Refused):
        throttle.check("anna", HOME)
    assert len(throttle._refusals) == MOST


def test_old_rows_go_by_themselves(throttle, clock):
    fail(throttle, 3)
    throttle.came_in("berta", HOME)
    clock.go_on(minutes=61)
    fail(throttle, 1, "carla")
    assert Attempt.objects.count() == 2  # Berta's is kept for a month
    clock.go_on(days=31)
    fail(throttle, 1, "carla")
    assert Attempt.objects.count() == 1


def test_one_who_comes_in_daily_has_one_row(throttle, clock):
    for _ in range(20):
        throttle.came_in("anna", HOME)
        clock.go_on(days=1)
    assert Attempt.objects.count() == 1


def test_neither_a_name_nor_an_address_can_be_read_in_the_table(throttle):
    fail(throttle, 1)
    (row,) = Attempt.objects.values_list("name", "network")
    assert not {"anna", HOME} & set(row)
    assert all(len(each) == 64 for each in row)


def test_the_log_says_which_limit_it_was_and_nothing_personal(throttle, caplog):
    fail(throttle, PAIR.failures)
    with pytest.raises(Refused):
        throttle.check("anna", HOME)
    assert caplog.messages == ["Logging in: 5 attempts of one name from one network failed, refused for 900 s."]
