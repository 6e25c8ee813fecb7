import pytest

from provisioning.aws import Aws
from provisioning.config import Config
from provisioning.engine.problem import Problem
from provisioning.engine.resource import Given
from provisioning.stack import TARGETS, address, everything, site


def stack_for(**settings):
    config = Config(**settings)
    return site(config, Aws(config.region, config.tags))


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_torn_down_holds_all_that_any_target_makes(on_local_aws, target):
    config = Config(target=target)
    aws = Aws(tags=config.tags)
    assert set(site(config, aws)) <= set(everything(config, aws))


def test_an_unknown_target_is_refused_with_those_that_exist(on_local_aws):
    with pytest.raises(Problem) as raised:
        stack_for(target="heroku")
    assert str(raised.value).startswith(f'--target is "heroku". The targets are {", ".join(TARGETS)}.')


def test_the_longest_name_that_aws_takes_is_taken(on_local_aws):
    longest = 32 - len("scale0-")
    assert max(len(each.name) - each.name_limit for each in stack_for(env="a" * longest)) == 0


def test_a_name_too_long_is_refused_with_what_it_would_make_and_how_long_it_may_be(on_local_aws):
    with pytest.raises(Problem) as raised:
        stack_for(env="a" * 26)
    assert str(raised.value) == (
        f'--env is "{"a" * 26}". AutoScalingConfiguration would be called "scale0-{"a" * 26}", 33 characters, '
        "and AWS takes 32: use at most 25. Change it and run again: nothing was changed."
    )


def test_a_region_without_app_runner_is_refused(on_local_aws):
    with pytest.raises(Problem, match="Region eu-north-1: apprunner is not there"):
        stack_for(region="eu-north-1")


def test_two_environments_share_nothing(on_local_aws):
    dev, review = ({(type(each), each.name) for each in stack_for(env=name)} for name in ("dev", "review"))
    assert dev & review == set()


def test_no_secret_is_among_the_plain_variables_of_the_service(on_local_aws):
    (service,) = [each for each in stack_for() if each.kind == "Service"]
    assert set(service.secrets) == {"SECRET_KEY"}
    assert "SECRET_KEY" not in service.environment
    for value in service.secrets.values():
        assert isinstance(value, Given)


def test_the_address_of_what_is_not_there_is_empty(environment):
    env = environment("nowhere")
    assert address(env.config, env.aws) == ""
