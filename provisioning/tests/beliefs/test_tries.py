"""Each belief, tried on the local AWS as it is, and on one that was made to behave otherwise."""

from collections import Counter
from dataclasses import replace
from itertools import chain, repeat

import pytest

from provisioning.beliefs import deployments, nights, scaling
from provisioning.beliefs.belief import Broke, Held, Unknown
from provisioning.beliefs.nights import LOOK
from provisioning.beliefs.scene import Attempt, Scene
from provisioning.engine.events import Failed, Finished, Started, Waiting
from provisioning.engine.graph import Graph
from provisioning.engine.plan import Action
from provisioning.engine.resource import Live
from provisioning.engine.run import apply
from provisioning.load.watch import Seen
from provisioning.localcloud.apprunner import autoscaling
from provisioning.resources.apprunner import AutoScalingConfiguration
from provisioning.resources.s3 import Bucket
from provisioning.stack.images import Making
from provisioning.tests.engine.world import refusal

from .clock import TwinsClock


def test_an_attempt_that_read_of_no_entry_has_woken_it(scene, verdict, twin):
    twin.while_resuming = "no-pg-hba"
    for each in ("an-attempt-given-up-wakes-it", "waking-it-refuses-in-known-words", "asleep-it-is-available"):
        assert isinstance(found := verdict(scene, each), Held), found
    assert "no pg_hba.conf entry" in verdict(scene, "waking-it-refuses-in-known-words").seen
    assert " s later let in after" in verdict(scene, "an-attempt-given-up-wakes-it").seen


def test_an_attempt_that_hung_was_given_up_after_its_second(scene):
    scene.clock.sleep(LOOK)  # it falls asleep
    attempt = scene.attempt(1)
    assert "timeout expired" in attempt.met
    assert 1 <= attempt.took < 3
    assert f'" after {attempt.took:g} s' in attempt.words


def test_one_that_does_not_wake_breaks_the_beliefs(scene, verdict, twin, monkeypatch):
    monkeypatch.setattr(nights, "WAKES", 5)
    twin.while_resuming = "close"
    with twin.hold("rds resume"):
        found = verdict(scene, "an-attempt-given-up-wakes-it")
        assert isinstance(found, Broke), found
        found = verdict(scene, "the-data-api-says-that-it-wakes")
        assert isinstance(found, Broke), found
    assert found.seen.endswith(" s without an answer")


def test_one_that_was_awake_says_nothing_about_waking(scene, verdict, monkeypatch):
    monkeypatch.setattr(nights, "LATEST", 0)
    scene.clock.cluster = ""  # nobody puts it to sleep
    found = verdict(scene, "an-attempt-given-up-wakes-it")
    assert isinstance(found, Unknown)
    assert found.seen.startswith("It was awake all the same after ")


def test_a_call_that_is_made_again_breaks_the_belief(scene, verdict, env):
    env.client("lambda").put_function_event_invoke_config(
        FunctionName=env.the("Function").name, MaximumRetryAttempts=1
    )
    found = verdict(scene, "a-failed-call-is-not-made-again")
    assert isinstance(found, Broke), found
    assert found.seen.startswith("run 2 times in ")


def test_an_account_that_app_runner_takes_says_nothing_about_closed_ones(told, verdict, standing):
    told.made[:] = [Finished(standing.the("Service"), 9.0, Action.CREATE, 3.0)]
    assert verdict(told, "only-create-service-refuses") == Unknown("App Runner takes this account")


def test_a_closed_account_gets_the_rest_and_tells_how_it_was_refused(env, verdict, twin):
    twin.bad_days = ["closed"]
    closed = Scene(env.config, env.aws, Making())
    assert {each.kind for each in closed.site} & {"Service", "VpcConnector"} == set()
    assert closed.live("Cluster")
    assert "SubscriptionRequiredException" in verdict(closed, "a-closed-account-is-refused-in-known-words").seen
    assert isinstance(verdict(closed, "only-create-service-refuses"), Broke)
    unknown = verdict(closed, "it-writes-into-two-log-groups")
    assert unknown == Unknown("There is no Service: App Runner does not take this account")


def test_an_account_that_only_create_service_refuses_is_as_believed(env, scene, verdict, twin):
    twin.bad_days = ["closed-at-create"]
    another = replace(env.the("Service"), name=f"{env.config.name}-late")
    scene.made[:] = apply(Graph(another), env.aws)
    for each in ("a-closed-account-is-refused-in-known-words", "only-create-service-refuses"):
        found = verdict(scene, each)
        assert isinstance(found, Held), found
        assert "SubscriptionRequiredException" in found.seen


def test_a_refusal_in_other_words_breaks_the_belief(told, verdict, standing):
    problem = 'Service scale0-x: could not be created. AWS says: "GoneException: no more". Mend that'
    told.made[:] = [Failed(standing.the("Service"), 9.0, problem)]
    assert verdict(told, "a-closed-account-is-refused-in-known-words") == Broke(problem)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"service": 1, "application": 2}, Held("service: 1 streams, application: 2 streams")),
        ({"service": 1, "application": 0}, Broke("service: 1 streams, application: 0 streams")),
        ({"service": 1}, Broke("service: 1 streams, application: no group")),
        ({"application": 1}, Broke("service: no group, application: 1 streams")),
    ],
)
def test_a_service_writes_into_both_of_its_log_groups(told, verdict, monkeypatch, parts, expected):
    id_ = f"written-{'-'.join(parts)}-{sum(parts.values())}"
    monkeypatch.setattr(told, "live", lambda kind: Live(id_, f"arn:aws:apprunner:::service/x/{id_}"))
    logs = told.aws.client("logs")
    for part, streams in parts.items():
        group = f"/aws/apprunner/x/{id_}/{part}"
        logs.create_log_group(logGroupName=group)
        for number in range(streams):
            logs.create_log_stream(logGroupName=group, logStreamName=str(number))
    assert verdict(told, "it-writes-into-two-log-groups") == expected


def test_how_long_a_role_took_to_be_known_is_read_off_the_run(told, verdict, standing):
    function, role = standing.the("Function"), standing.the("Role", "operations")
    made = [
        Finished(role, 1.0, Action.CREATE, 1.0),
        Started(function, 1.0, Action.CREATE),
        Waiting(function, 2.0, "InvalidParameterValueException, trying again"),
        Waiting(function, 10.0, "Pending"),
    ]
    told.made[:] = made
    assert verdict(told, "a-new-role-is-known-soon") == Held("Function refused for 8 s")
    problem = 'Function x: could not be created. AWS says: "InvalidParameterValueException: … cannot be assumed …"'
    told.made[:] = [*made, Failed(function, 99.0, problem)]
    assert verdict(told, "a-new-role-is-known-soon") == Broke(problem)
    told.made.clear()
    assert isinstance(verdict(told, "a-new-role-is-known-soon"), Unknown)


def test_a_connector_that_is_never_let_go_breaks_the_belief(told, verdict, standing):
    connector = standing.the("VpcConnector")
    gone = Finished(standing.the("Service"), 100.0, Action.DELETE, 90.0)
    told.gone[:] = [gone, Finished(connector, 640.0, Action.DELETE, 540.0)]
    assert verdict(told, "a-connector-is-let-go") == Held("gone 540 s after the service")
    told.gone[:] = [gone, Failed(connector, 1900.0, "not deleted after 1800 s")]
    assert verdict(told, "a-connector-is-let-go") == Broke("not deleted after 1800 s")


def test_interfaces_that_stay_longer_than_believed_break_it(told, verdict, standing):
    class Seen:
        last_seen = {"Lambda": 1300.0}

    told.gone[:] = [Finished(standing.the("Function"), 100.0, Action.DELETE, 5.0)]
    assert isinstance(verdict(told, "interfaces-of-lambda-go"), Unknown)
    told.lookout = Seen()
    assert verdict(told, "interfaces-of-lambda-go") == Held("gone 1200 s after the Function")
    Seen.last_seen = {"Lambda": 2600.0}
    assert verdict(told, "interfaces-of-lambda-go") == Broke("gone 2500 s after the Function")


def test_what_was_not_removed_says_nothing_of_what_is_gone(told, verdict):
    for each in ("what-is-gone-is-not-listed", "a-buckets-name-is-free-again", "the-masters-secret-goes"):
        assert isinstance(verdict(told, each), Unknown)


def test_a_bucket_that_an_earlier_try_left_goes_too(environment, on_local_aws, verdict):
    empty = environment("verify-bucket")
    scene = Scene(empty.config, empty.aws, Making(), TwinsClock(on_local_aws))
    scene.removed = True
    bucket = scene.foundation.bucket
    asked = []

    def lost(aws, wanted):  # S3 made it, and boto3 asked again
        if not asked:
            Bucket.create(bucket, aws, wanted)
        asked.append(wanted)
        raise refusal("BucketAlreadyOwnedByYou")

    object.__setattr__(bucket, "create", lost)
    assert isinstance(found := verdict(scene, "a-buckets-name-is-free-again"), Held), found
    assert bucket.find(empty.aws) is None


def test_a_token_of_ten_minutes_signs_in_and_one_of_sixteen_does_not(scene, verdict, monkeypatch):
    found = verdict(scene, "a-token-holds-for-15-minutes")
    assert isinstance(found, Held), found
    monkeypatch.setattr(Scene, "attempt", lambda *_: Attempt(0.1, ""))
    found = verdict(scene, "a-token-holds-for-15-minutes")
    assert found == Broke("one of 600 s: let in after 0.1 s; one of 960 s: let in after 0.1 s")


def test_a_missing_object_is_forbidden_to_one_who_may_not_list_where_policies_count(scene, verdict, twin):
    assert "Nobody is held to policies here" in verdict(scene, "a-missing-object-needs-list-bucket").seen
    twin.enforce_iam = True
    found = verdict(scene, "a-missing-object-needs-list-bucket")
    assert found == Held("404 to who may list the bucket, 403 to who may not")
    roles = scene.aws.client("iam").list_roles(PathPrefix=scene.config.path)["Roles"]
    assert not any(each["RoleName"].endswith("-reader") for each in roles)


def test_a_deployment_that_cannot_serve_is_rolled_back_and_breaks_the_belief_where_it_is_not(
    scene, verdict, monkeypatch
):
    found = verdict(scene, "a-failed-deployment-is-rolled-back")
    assert isinstance(found, Held), found
    monkeypatch.setattr(deployments, "CANNOT_SERVE", "python serve.py")
    found = verdict(scene, "a-failed-deployment-is-rolled-back")
    assert isinstance(found, Broke), found
    assert found.seen.startswith("SUCCEEDED after ")


def test_a_request_that_a_deployment_loses_breaks_the_belief(scene, verdict, monkeypatch):
    given = chain(["200", "ConnectionRefusedError"], repeat("200"))
    monkeypatch.setattr(deployments, "answer", lambda url: next(given))
    found = verdict(scene, "a-deployment-runs-beside")
    assert isinstance(found, Broke), found
    assert "1 × ConnectionRefusedError" in found.seen
    monkeypatch.setattr(deployments, "answer", lambda url: "503")
    assert "answers 503 before anything is deployed" in verdict(scene, "a-deployment-runs-beside").seen


def test_a_load_that_nobody_is_turned_away_from_breaks_the_belief_if_they_waited(told, verdict, monkeypatch):
    def met(most, turned_away, p95, **seen):
        answers = Counter({"200": 90, "429": turned_away})
        monkeypatch.setattr(scaling, "crowd", lambda scene: scaling.Crowd(60.0, 30, answers, p95, most, Seen(**seen)))
        return verdict(told, "it-scales-by-concurrency")

    most = told.config.max_instances
    assert met(most, 10, 2.0) == Held(f"{most} instances; 10 of 100 requests were answered 429 in 60 s")
    assert isinstance(met(most, 0, 2.0), Broke)
    assert isinstance(met(most - 1, 10, 2.0), Broke)
    assert "hardly there together" in met(most, 0, 0.1).seen
    assert met(None, 10, 2.0) == Unknown("CloudWatch told of no instances for 60 s")
    assert verdict(told, "cloudwatch-tells-of-a-load") == Broke("nothing within 60 s")
    met(most, 10, 2.0, instances=4.0, connections=7.0, capacity=0.5)
    assert verdict(told, "cloudwatch-tells-of-a-load") == Held("4 instances, 7 connections, 0.5 capacity within 60 s")


def test_a_sixth_revision_that_is_taken_breaks_the_belief(scene, verdict, monkeypatch):
    assert "5, then AWS says: " in verdict(scene, "five-revisions-of-a-configuration").seen
    monkeypatch.setattr(autoscaling, "MOST_REVISIONS", 9)
    assert verdict(scene, "five-revisions-of-a-configuration") == Broke("6 were taken")
    listed = scene.aws.client("apprunner").list_auto_scaling_configurations()["AutoScalingConfigurationSummaryList"]
    assert not any(each["AutoScalingConfigurationName"].endswith("-rev") for each in listed)


def test_a_refusal_of_what_is_used_in_other_words_breaks_the_belief(scene, verdict, monkeypatch):
    found = verdict(scene, "what-is-used-is-not-removed")
    assert isinstance(found, Held), found
    monkeypatch.setattr(AutoScalingConfiguration, "retries", ())
    assert isinstance(verdict(scene, "what-is-used-is-not-removed"), Broke)
