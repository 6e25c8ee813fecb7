"""The life of an environment on each of AWS's bad days, by the commands that a person types.

Where the day makes it impossible, the run ends with what AWS said and what to do, and the same command on a good day
ends in the same place.
"""

import io
import shutil

import pytest
from botocore.retries import standard
from django.core.management import CommandError

from provisioning.engine.graph import Graph
from provisioning.engine.plan import find_all
from provisioning.engine.problem import SIGN_IN
from provisioning.engine.run import apply
from provisioning.localcloud.badday import NAMES, roles, slow
from provisioning.localcloud.badday.day import Spell
from provisioning.localcloud.rds.models import find_cluster
from provisioning.localcloud.rules import rules
from provisioning.resources.apprunner import Service

SURVIVED = [
    ("throttling", "failures", "lagging-reads"),
    ("lost-answers", "slow-roles", "connector-in-use", "lingering-interfaces", "waiting-names"),
]
IMPOSSIBLE = {"closed", "closed-at-create", "quotas", "expired-credentials", "stuck-service"}


@pytest.fixture(autouse=True)
def eager(monkeypatch):
    """boto3 tries as often as it does, without the pauses."""
    monkeypatch.setattr(standard.ExponentialBackoff, "delay_amount", lambda *_: 0.001)


@pytest.fixture
def day(cloud, monkeypatch):
    # Seconds: until a role is taken on, as much else has to be made here as on AWS in its twenty.
    monkeypatch.setattr(roles, "SPREADING", Spell(20, least=10))
    yield cloud.have_bad_days
    cloud.have_bad_days()


@pytest.fixture
def type_in(manage):
    """A command on an environment; what it printed, to the end."""

    def typed(command, name, *options):
        out = io.StringIO()
        try:
            manage(command, "--env", name, *options, stdout=out)
        except CommandError as error:
            return f"{out.getvalue()}\n{error}"
        return out.getvalue()

    return typed


def test_every_bad_day_is_lived_through():
    assert {name for names in SURVIVED for name in names} | IMPOSSIBLE == set(NAMES)


@pytest.mark.parametrize("names", SURVIVED, ids=",".join)
def test_a_site_is_made_released_woken_and_removed_on_such_a_day(names, environment, day, type_in, settings, tmp_path):
    env = environment(names[0][:10].strip("-"))
    name = env.config.env
    day(*names, seed=7)
    struck = rules().days.struck
    made = type_in("provision_aws", name, "--yes")
    assert made.splitlines()[-1].startswith("http://127.0.0.1:"), made
    assert "as they should be" in type_in("provision_aws", name, "--plan")

    shutil.copytree(settings.BASE_DIR, tmp_path / "changed")
    (tmp_path / "changed" / "new.txt").write_text("new")
    settings.BASE_DIR = tmp_path / "changed"
    released = type_in("push_image", name, "--yes")
    assert released.splitlines()[-1].startswith("http://127.0.0.1:"), released

    find_cluster(env.the("Cluster").name, env.aws.region).pause_now()
    woken = type_in("wake_db", name)
    assert "awake" in woken.splitlines()[-1], woken

    removed = type_in("teardown", name, "--data", "--no-snapshot", "--yes")
    assert removed.splitlines()[-1] == "AWS has nothing of it left.", removed
    assert {name for name, _ in struck} == set(names), struck
    day()
    assert not any(find_all(env.everything, env.aws).values())


def test_a_name_that_waits_for_its_deletion_is_waited_for(environment, day, cloud, monkeypatch):
    monkeypatch.setattr(slow, "BUCKET_NAME", Spell(600, least=3))  # seconds, for a machine that is busy
    env = environment("waiting")
    again = [env.the("Bucket"), env.the("VpcConnector")]
    env.apply(*again)
    day("waiting-names")
    with cloud.hold("apprunner forget"):
        env.teardown(*again)
        events = env.apply(*again)
    assert rules().days.struck["waiting-names", "refused"]
    assert "OperationAborted, trying again" in {getattr(event, "word", "") for event in events}
    assert again[1].find(env.aws).id.split("/")[1] == f"{again[1].name}-2"


def test_with_credentials_that_end_half_way_nothing_is_lost(environment, day, type_in):
    env = environment("expired")
    day("expired-credentials", seed=3)
    told = type_in("provision_aws", "expired", "--yes")
    assert "The security token included in the request is expired" in told
    assert SIGN_IN in told
    day()
    begun = {each for each, live in find_all(env.site, env.aws).items() if live}
    assert 0 < len(begun) < len(env.site)
    assert type_in("provision_aws", "expired", "--yes").splitlines()[-1].startswith("http://127.0.0.1:")
    day("expired-credentials", seed=3)
    assert SIGN_IN in type_in("teardown", "expired", "--data", "--no-snapshot", "--yes")
    day()
    assert type_in("teardown", "expired", "--data", "--no-snapshot", "--yes").endswith("AWS has nothing of it left.\n")


def test_where_all_is_used_up_closed_or_stuck_it_says_so_and_goes_on_another_day(environment, day, type_in):
    env = environment("full")
    day("closed")
    assert "since 2026-04-30 it takes no new customers" in type_in("provision_aws", "full", "--yes")
    day()
    assert not any(find_all(env.site, env.aws).values())

    day("quotas")
    told = type_in("provision_aws", "full", "--yes")
    assert 'Vpc scale0-full: could not be created. AWS says: "VpcLimitExceeded: The maximum number of VPCs' in told
    assert "ask AWS for a higher quota" in told
    assert "Repository scale0-full: could not be created" in told
    assert "run the same again: it goes on from there" in told
    day()
    env.apply(*(each for each in env.site if each.kind in ("Cluster", "Function", "Vpc", "Bucket", "Repository")))

    day("closed-at-create")
    told = type_in("provision_aws", "full", "--yes")
    assert "Service scale0-full: could not be created. AWS says" in told
    assert "since 2026-04-30 it takes no new customers" in told

    day("stuck-service")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Service, "patience", 1)
        patch.setattr(Service, "removal_patience", 1)
        told = type_in("provision_aws", "full", "--yes")
        assert "Service scale0-full: not created after 1 s. AWS still reports it as OPERATION_IN_PROGRESS" in told
        assert "run again: that goes on from here" in told
        told = type_in("teardown", "full", "--data", "--no-snapshot", "--yes")
        assert "AWS still reports it as OPERATION_IN_PROGRESS" in told
        assert "What AWS still has of it:" in told
    day()
    assert type_in("provision_aws", "full", "--yes").splitlines()[-1].startswith("http://127.0.0.1:")


def test_a_vpc_whose_creation_was_not_answered_is_made_once(environment, day):
    """CreateVpc knows no token: whoever repeats it has two."""
    env = environment("once")
    day("lost-answers", "lagging-reads")
    list(apply(Graph(env.the("Vpc")), env.aws))
    day()
    vpcs = env.client("ec2").describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [env.the("Vpc").name]}])["Vpcs"]
    assert len(vpcs) == 1
