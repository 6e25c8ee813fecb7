"""The commands as a person, or a script, meets them."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from provisioning.management import environment as room
from provisioning.tests.engine.world import refusal

from .conftest import Terminal


def refused(manage, *arguments, **options):
    with pytest.raises(CommandError) as raised:
        manage(*arguments, **options)
    return str(raised.value)


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def test_a_plan_asks_nothing_and_changes_nothing(manage, environment):
    made = environment("only-plan")
    assert "36 to create" in manage("provision_aws", "--env", "only-plan", "--plan")
    assert all(each.find(made.aws) is None for each in made.site)


@pytest.mark.parametrize("typed", ["n", "", "yess"])
def test_any_other_answer_than_yes_changes_nothing(manage, environment, types, typed):
    made = environment("asked")
    types(typed)
    assert "Nothing was changed." in manage("provision_aws", "--env", "asked")
    assert all(each.find(made.aws) is None for each in made.site)


def test_on_a_terminal_a_tree_is_drawn_and_the_address_is_the_last_line(manage, environment, types):
    environment("drawn")
    types("y")
    text = manage("provision_aws", "--env", "drawn", stdout=Terminal())
    assert "├─" in text
    assert "Service scale0-drawn" in text
    assert text.splitlines()[-1].startswith("http://127.0.0.1:")


def test_elsewhere_each_event_is_a_line_and_none_comes_twice(manage, env):
    env.teardown(env.the("Service"))
    lines = manage("provision_aws", "--env", "standing", "--yes").splitlines()
    events = [line.split(" s  ", 1)[1] for line in lines if " s  " in line]
    assert len(events) == len(set(events))
    assert "Service scale0-standing: creating" in events


def test_a_terminal_that_knows_no_arrows_gets_question_marks(on_local_aws, environment):
    environment("ascii")
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    call_command("provision_aws", "--env", "ascii", "--plan", stdout=ascii_only)
    ascii_only.flush()
    assert b"Cluster scale0-ascii ? Instance" in ascii_only.buffer.getvalue()


def test_with_json_every_line_is_an_object_and_the_last_is_the_address(manage, env):
    told = objects(manage("provision_aws", "--env", "standing", "--yes", "--json"))
    assert [each["step"] for each in told[:36]] == ["keep"] * 36
    assert told[36]["event"] == "plan"
    assert set(told[36]["dollars"]) == {"asleep_month", "awake_hour"}
    assert set(told[-1]) == {"event", "address"}


def test_with_json_nothing_is_asked(manage, environment, types):
    environment("no-asking")
    types("y")
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        manage("provision_aws", "--env", "no-asking", "--json", stdout=out)
    assert ended.value.code == 1
    assert "add --yes" in objects(out.getvalue())[-1]["problem"]


def test_a_teardown_wants_the_name_typed(manage, env, types):
    types("y")
    assert "Nothing was changed." in manage("teardown", "--env", "standing")
    assert env.the("Service").find(env.aws) is not None
    types("standing")
    assert "18 to remove, 10 kept." in manage("teardown", "--env", "standing")
    assert env.the("Service").find(env.aws) is None
    assert env.the("Bucket").find(env.aws) is not None


def snapshots(env):
    found = env.client("rds").describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
    names = [each["DBClusterSnapshotIdentifier"] for each in found]
    return [each for each in names if each.startswith(env.the("Cluster").name)]


@pytest.fixture
def database(standing):
    """An environment that has its database, if nothing else."""
    standing.apply(standing.the("Instance"))
    return standing


def test_a_removed_database_leaves_a_snapshot_which_is_named(manage, database):
    text = manage("teardown", "--env", "standing", "--yes", "--data")
    (snapshot,) = snapshots(database)
    assert f"cluster-snapshot:{snapshot}" in text.split("What AWS still has of it:")[1]
    database.client("rds").delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=snapshot)
    assert "AWS has nothing of it left." in manage("teardown", "--env", "standing", "--yes", "--data")


@pytest.mark.parametrize("by", ["option", "setting"])
def test_without_a_snapshot_nothing_is_left(manage, database, settings, by):
    if by == "setting":
        settings.PROVISIONING = {**settings.PROVISIONING, "FINAL_SNAPSHOT": False}
    more = ["--no-snapshot"] if by == "option" else []
    text = manage("teardown", "--env", "standing", "--yes", "--data", *more)
    assert "leaves no snapshot" in text
    assert text.endswith("AWS has nothing of it left.\n")
    assert snapshots(database) == []


def test_a_stranger_in_the_way_ends_a_run_before_it_begins(manage, environment):
    stranger = environment("stranger")
    stranger.aws.tags = {"team": "another"}
    stranger.apply(stranger.the("Repository"))
    assert "Nothing was changed" in refused(manage, "provision_aws", "--env", "stranger", "--yes")
    assert stranger.the("Bucket").find(stranger.aws) is None
    assert "look whose it is" in refused(manage, "teardown", "--env", "stranger", "--yes", "--data")
    assert stranger.the("Repository").find(stranger.aws) is not None


def test_ctrl_c_says_how_to_go_on_and_ends_with_the_shells_code(manage, environment, monkeypatch):
    environment("stopped")

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("provisioning.management.deployment.apply", interrupted)
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        manage("provision_aws", "--env", "stopped", "--yes", stdout=out)
    assert ended.value.code == room.INTERRUPTED
    assert "run the same again to go on from there" in out.getvalue()


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"AWS_SECRET_ACCESS_KEY": None}, "Partial credentials found"),
        ({"AWS_ENDPOINT_URL": "localhost:4566"}, "Invalid endpoint"),
        ({"AWS_ACCESS_KEY_ID": "nobody"}, "InvalidClientTokenId"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "does not answer"),
        ({"AWS_REGION": None, "AWS_DEFAULT_REGION": None}, "No region is chosen"),
        ({"AWS_REGION": "eu-wst-3"}, "It has eu-west-3"),
    ],
)
def test_a_way_to_aws_that_is_not_one_is_a_problem_in_words(manage, monkeypatch, variables, said):
    for name, value in variables.items():
        monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)
    assert said in refused(manage, "provision_aws", "--yes")


def test_a_right_that_is_missing_at_the_end_is_a_problem_in_words(manage, env, monkeypatch):
    def denied(*arguments):
        raise refusal("AccessDenied", "not authorized to perform: tag:GetResources")

    monkeypatch.setattr("provisioning.management.commands.teardown.leftovers", denied)
    assert "tag:GetResources" in refused(manage, "teardown", "--env", "standing", "--yes")


def test_awss_own_variable_for_the_region_is_heard(manage, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert "scale0-heard in eu-west-1" in manage("provision_aws", "--env", "heard", "--plan")
