"""verify_aws, from an account without anything to one without anything."""

import contextlib
import io
import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError

from provisioning import beliefs
from provisioning.beliefs import account, lookout, throwaway
from provisioning.beliefs import scene as scenes
from provisioning.beliefs.belief import Broke, Held, Source, When, judged, tried
from provisioning.beliefs.scene import Scene
from provisioning.engine.graph import Graph
from provisioning.engine.run import apply
from provisioning.localcloud.rds.pause import Pause
from provisioning.localcloud.remains import remains
from provisioning.management import environment as room
from provisioning.management.commands import verify_aws
from provisioning.resources.rds import Cluster
from provisioning.tests.beliefs.clock import TwinsClock
from provisioning.tests.engine.world import refusal

SHOWN = Path(__file__).parent / "verify_aws.txt"
TAKEN = {"a-closed-account-is-refused-in-known-words", "only-create-service-refuses"}


@tried("The sky is blue", Source.BELIEVED, "It was, the last time", "README.md", seconds=60)
def the_sky_is_blue(scene):
    return Held("blue")


@tried("The grass is green", Source.REPORTED, "https://example.org/grass", "README.md")
def the_grass_is_green(scene):
    return Broke("brown")


@tried("Nothing is left", Source.DOCUMENTED, "docs.aws.amazon.com/nothing", "README.md", when=When.GONE)
def nothing_is_left(scene):
    return judged(scene.removed, "nothing")


@pytest.fixture
def lived(monkeypatch):
    """What was done to an environment that is never really made: three beliefs, none of them of AWS."""
    done = []

    def make(scene):
        done.append("made")
        yield from ()

    def remove(scene):
        done.append("removed")
        scene.removed = True
        yield from ()

    monkeypatch.setattr(beliefs, "ALL", (the_sky_is_blue, the_grass_is_green, nothing_is_left))
    monkeypatch.setattr(Scene, "make", make)
    monkeypatch.setattr(Scene, "remove", remove)
    return done


def refused(manage, *arguments, stdout=None):
    with pytest.raises(CommandError) as raised:
        manage("verify_aws", *arguments, stdout=stdout)
    return str(raised.value)


def test_a_lifecycle_on_the_twin_holds_what_is_believed_and_leaves_nothing(manage, on_local_aws, monkeypatch):
    monkeypatch.setattr(lookout, "EVERY", 0.05)
    monkeypatch.setattr(Pause, "is_due", lambda pause, idle: False)  # but when the clock says so
    monkeypatch.setattr(on_local_aws._rules, "while_resuming", "close")
    monkeypatch.setattr(on_local_aws._rules, "enforce_iam", True)
    out = io.StringIO()
    with closing(TwinsClock(on_local_aws, "scale0-verify")) as clock:
        monkeypatch.setattr(verify_aws.Command, "clock", clock)
        manage("verify_aws", "--yes", stdout=out)
    verdicts = {
        id_: word for word, id_ in re.findall(r"^  (held|broke|unknown) +(\S+)$", out.getvalue(), re.MULTILINE)
    }
    assert verdicts.keys() == {each.id for each in beliefs.ALL if each.attempt}
    assert {id_ for id_, word in verdicts.items() if word != "held"} == TAKEN, out.getvalue()
    assert "AWS has nothing of it left." in out.getvalue()
    assert [each for each in remains() if "verify" in each] == []


def tried_on(day, manage, cloud):
    """What `verify_aws` prints of the two beliefs about such an account, on such a day, to the end."""
    out = io.StringIO()
    only = [word for id_ in sorted(TAKEN) for word in ("--only", id_)]
    cloud.have_bad_days(day)
    try:
        manage("verify_aws", "--yes", "--env", "verify-late", *only, stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}\n{error}"
    finally:
        cloud.have_bad_days()
    return out.getvalue()


def test_a_closed_account_gets_the_rest_and_is_told_how_it_was_refused(manage, on_local_aws, lived, monkeypatch):
    monkeypatch.setattr(beliefs, "ALL", account.BELIEFS)
    told = tried_on("closed", manage, on_local_aws)
    assert "Cluster scale0-verify-late" in told
    assert "Service scale0-verify-late" not in told
    assert 'Seen: ListServices: AWS says: "SubscriptionRequiredException: ' in told
    assert "1 held, 1 broke, 0 unknown." in told
    assert told.endswith(
        "1 of 2 broke: only-create-service-refuses. "
        "Look at docs/troubleshooting.md, provisioning/resources/apprunner/closed.py."
    )
    assert lived == ["made", "removed"]


def test_an_account_that_is_refused_at_create_service_holds_what_is_believed_and_has_nothing_left(
    manage, on_local_aws, monkeypatch
):
    def make(scene):
        """No more than CreateService needs: the rest is the lifecycle's."""
        alone = {"after": (), "environment": {}, "secrets": {}, "instance_role": scene.the("Service").access_role}
        for event in apply(Graph(replace(scene.the("Service"), **alone)), scene.aws):
            scene.made.append(event)
            yield event

    monkeypatch.setattr(lookout, "EVERY", 0.05)
    monkeypatch.setattr(Scene, "make", make)
    told = tried_on("closed-at-create", manage, on_local_aws)
    assert "since 2026-04-30 it takes no new customers" in told
    assert "Seen: CreateService: Service scale0-verify-late: could not be created. AWS says: " in told
    assert "2 held, 0 broke, 0 unknown." in told
    assert "AWS has nothing of it left." in told
    assert [each for each in remains() if "verify-late" in each] == []


def test_it_prints_a_table_of_what_held_and_what_broke(manage, lived):
    out = io.StringIO()
    problem = refused(manage, "--yes", stdout=out)
    assert problem == "1 of 3 broke: the-grass-is-green. Look at README.md."
    assert out.getvalue()[out.getvalue().index("Then 3 beliefs") :] == SHOWN.read_text()
    assert lived == ["made", "removed"]


def test_what_held_ends_well(manage, lived):
    assert "1 held, 0 broke, 0 unknown." in manage("verify_aws", "--yes", "--only", "the-sky-is-blue")


def test_with_json_each_belief_is_an_object(manage, lived):
    text = manage("verify_aws", "--yes", "--json", "--only", "the-sky-is-blue")
    assert '"verdict": "held", "seen": "blue"}' in text
    assert text.splitlines()[-2] == '{"event": "verdict", "held": 1, "broke": 0, "unknown": 0}'


def test_it_may_be_kept(manage, lived):
    assert "AWS has nothing of it." in manage("verify_aws", "--yes", "--keep", "--only", "the-sky-is-blue")
    assert lived == ["made"]


def test_ctrl_c_leaves_it_and_says_how_to_go_on(manage, lived, monkeypatch):
    def interrupted(scene):
        raise KeyboardInterrupt

    monkeypatch.setattr(Scene, "make", interrupted)
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        manage("verify_aws", "--yes", stdout=out)
    assert ended.value.code == room.INTERRUPTED
    assert "manage.py teardown --env verify --data --no-snapshot\nStopped." in out.getvalue()
    assert lived == []


def test_whatever_goes_wrong_on_the_way_it_is_removed(manage, lived, monkeypatch):
    def fails(scene):
        raise ZeroDivisionError

    monkeypatch.setattr(beliefs, "ALL", (tried("It fails", Source.BELIEVED, "here", "README.md")(fails),))
    with pytest.raises(ZeroDivisionError):
        manage("verify_aws", "--yes")
    assert lived == ["made", "removed"]


def test_it_is_removed_though_nobody_reads_any_more(manage, lived, monkeypatch):
    def cut(command, graph, events):
        raise BrokenPipeError

    monkeypatch.setattr(verify_aws.Command, "follow", cut)
    with pytest.raises(SystemExit), contextlib.redirect_stdout(io.StringIO()):
        manage("verify_aws", "--yes")
    assert lived == ["removed"]


def test_an_aws_that_refuses_to_be_looked_at_is_removed_all_the_same(on_local_aws, environment, monkeypatch):
    def throttled(*_):
        raise refusal("Throttling")

    built = environment("verify-refuses")
    scene = Scene(built.config, built.aws, None)
    monkeypatch.setattr(scenes, "teardown", lambda *_, **__: iter(()))
    with monkeypatch.context() as aws:
        aws.setattr(Cluster, "find", throttled)
        assert list(scene.remove()) == []
    assert scene.removed


def test_a_removal_that_aws_refuses_is_told_with_how_to_remove_it(manage, lived, monkeypatch):
    def expired(scene):
        yield from ()
        raise refusal("ExpiredToken")

    monkeypatch.setattr(Scene, "remove", expired)
    out = io.StringIO()
    problem = refused(manage, "--yes", "--only", "the-sky-is-blue", stdout=out)
    assert "run `manage.py teardown --env verify --data --no-snapshot`" in problem
    assert "ExpiredToken" in out.getvalue()


def test_what_could_not_be_removed_is_a_problem(manage, lived, monkeypatch):
    monkeypatch.setattr(Scene, "remove", lambda scene: iter(()))
    assert "not all of it was removed" in refused(manage, "--yes", "--only", "the-sky-is-blue")


@pytest.mark.parametrize("name", ["dev", "verified", "my-verify"])
def test_an_environment_that_somebody_may_want_to_keep_is_refused_by_its_name(manage, lived, name):
    assert f'--env is "{name}". It is removed at the end' in refused(manage, "--env", name, "--yes")
    assert lived == []


def test_one_that_somebody_made_under_such_a_name_is_refused(manage, lived, environment):
    foreign = environment("verify-foreign")
    foreign.apply(foreign.the("Repository"))
    text = refused(manage, "--env", "verify-foreign", "--yes")
    assert text.startswith(
        "scale0-verify-foreign is no throw-away environment. Repository scale0-verify-foreign: there"
    )
    assert lived == []
    assert foreign.the("Repository").find(foreign.aws) is not None


def test_one_that_was_begun_by_it_is_gone_on_with(manage, lived, environment, types):
    begun = environment("verify-begun")
    begun.aws.tags = {**begun.aws.tags, **throwaway.TAGS}
    begun.apply(begun.the("Repository"))
    types("verify-begun")
    assert "35 to create, 0 to change, 1 as they should be." in manage(
        "verify_aws", "--env", "verify-begun", "--only", "the-sky-is-blue"
    )
    assert lived == ["made", "removed"]


def test_it_asks_for_the_name(manage, lived, types):
    types("y")
    assert "Nothing was changed." in manage("verify_aws")
    assert lived == []


def test_the_list_asks_nothing_of_aws(manage, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    text = manage("verify_aws", "--list")
    assert "an-attempt-given-up-wakes-it (reported)" in text
    assert "Not tried: it takes a week." in text
    assert len(manage("verify_aws", "--list", "--json").splitlines()) == len(beliefs.ALL)
