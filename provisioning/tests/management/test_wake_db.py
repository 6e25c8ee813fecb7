"""wake_db, as somebody before a demo meets it."""

import io
import json

import pytest
from django.core.management import CommandError

from provisioning.localcloud.rds.models import find_cluster


@pytest.fixture
def database(standing):
    """An environment that has its database."""
    standing.apply(standing.the("Instance"))
    return standing


def in_the_cloud(env):
    return find_cluster(env.the("Cluster").name, env.aws.region)


def refused(manage, env="standing"):
    with pytest.raises(CommandError) as raised:
        manage("wake_db", "--env", env)
    return str(raised.value)


def test_a_paused_database_is_woken_and_it_says_how_long_that_took(manage, database):
    in_the_cloud(database).pause_now()
    text = manage("wake_db", "--env", "standing")
    assert "Cluster scale0-standing: DatabaseResumingException" in text
    assert "Cluster scale0-standing: awake after " in text
    assert not in_the_cloud(database).pause.paused


def test_one_that_is_awake_is_told_to_be(manage, database):
    manage("wake_db", "--env", "standing")
    assert "was awake already" in manage("wake_db", "--env", "standing")


def test_with_json_each_line_is_an_object(manage, database):
    in_the_cloud(database).pause_now()
    told = [json.loads(line) for line in manage("wake_db", "--env", "standing", "--json").splitlines()]
    assert [each["event"] for each in told] == ["waiting", "awake"]
    assert told[-1]["waited"] is True


def test_where_there_is_none_it_says_how_to_make_one(manage, environment):
    environment("waking")
    assert "There is none. Make it with `manage.py provision_aws`" in refused(manage, "waking")


def test_one_without_its_instance_cannot_be_woken(manage, environment):
    env = environment("waking")
    env.apply(env.the("Cluster"))
    assert refused(manage, "waking").startswith("Instance scale0-waking-writer: could not be woken. There is none.")


def test_one_that_is_being_made_is_not_there_yet(manage, database):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_the_cloud(database), "_status", "creating")
        assert "AWS reports it as creating. Run again when it is available." in refused(manage)


def test_one_that_somebody_stopped_is_no_pause_and_it_says_how_to_start_it(manage, database):
    rds, name = database.client("rds"), database.the("Cluster").name
    rds.stop_db_cluster(DBClusterIdentifier=name)
    text = refused(manage)
    assert "somebody stopped it, which is not a pause" in text
    assert f"aws rds start-db-cluster --db-cluster-identifier {name} --region eu-west-3" in text
    started(rds, name)


def started(rds, name):
    """Wait until it is stopped, start it, and wait until it is there."""
    status = ""
    while status != "stopped":
        status = rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]["Status"]
    rds.start_db_cluster(DBClusterIdentifier=name)
    while status != "available":
        status = rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]["Status"]


def test_one_whose_data_api_is_off_says_what_switches_it_on(manage, database):
    database.client("rds").disable_http_endpoint(ResourceArn=database.the("Cluster").find(database.aws).arn)
    assert "Its Data API is off. Run `manage.py provision_aws`: it switches it on." in refused(manage)


def test_somebody_without_the_right_is_told_which_it_is(manage, database, on_local_aws, monkeypatch):
    looks = {"Effect": "Allow", "Action": ["rds:Describe*", "rds:List*"], "Resource": "*"}
    person = on_local_aws.person({"Version": "2012-10-17", "Statement": [looks]})
    for name, value in person.environment.items():
        monkeypatch.setenv(name, value)
    on_local_aws.enforce_iam = True
    try:
        text = refused(manage)
    finally:
        on_local_aws.enforce_iam = False
    assert "rds-data:ExecuteStatement" in text.split("AWS says")[1]
    assert "Whoever wakes it needs rds-data:ExecuteStatement and secretsmanager:GetSecretValue" in text


def test_it_gives_up_when_its_time_is_over_and_what_was_begun_goes_on(manage, database, monkeypatch):
    cluster = in_the_cloud(database)
    monkeypatch.setattr(type(cluster.pause), "wake", lambda pause: False)
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"not awake after 0.5 s\. .*DatabaseResumingException"):
        manage("wake_db", "--env", "standing", "--timeout", "0.5", stdout=out)
    assert "DatabaseResumingException" in out.getvalue()
