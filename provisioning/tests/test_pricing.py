import pytest

from provisioning.aws import Aws
from provisioning.config import Config
from provisioning.console import plan_text
from provisioning.engine.plan import plan
from provisioning.pricing import HOURS, RATES, Usage, estimate
from provisioning.stack import site


@pytest.fixture
def price(on_local_aws):
    aws = Aws()
    return lambda **settings: estimate(site(Config(**settings), aws))


def test_every_meter_of_the_stack_has_a_rate_with_its_source(standing):
    units = {meter.unit for each in standing.everything for meter in each.meters(Usage(hours=1))}
    assert units <= RATES.keys()
    assert all(RATES[unit].source for unit in units)


def test_asleep_it_is_the_memory_of_one_instance_that_costs(price):
    smaller, larger = price(memory=0.5), price(memory=1.0)
    assert larger.asleep - smaller.asleep == pytest.approx(0.5 * 0.007 * HOURS)
    assert larger.awake == pytest.approx(smaller.awake)


def test_a_database_that_may_not_pause_costs_at_all_hours(price):
    assert price(min_capacity=0.5).asleep - price().asleep == pytest.approx(0.5 * 0.12 * HOURS)
    assert price(min_capacity=0.5).awake < price().awake


def test_an_hour_awake_is_half_a_capacity_unit_and_the_processor(price):
    assert price().awake == pytest.approx(0.5 * 0.12 + 0.25 * 0.064)


def test_the_plan_of_the_site_shows_what_it_costs(environment):
    env = environment("shown")
    assert "On AWS it costs about $5.66 a month while nobody looks" in plan_text(plan(env.site, env.aws))
