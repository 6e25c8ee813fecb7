"""How a new image reaches the service: by its digest, or by the tag that App Runner follows."""

import shutil

import pytest

from provisioning.engine.events import Failed, Finished
from provisioning.engine.graph import Graph
from provisioning.engine.plan import plan
from provisioning.engine.run import apply
from provisioning.images.source import Source
from provisioning.tests.environment import Environment, pointed_at


@pytest.fixture
def changed(tiny, tmp_path):
    """The tiny site with one file that differs."""

    def change(name, text):
        folder = tmp_path / "changed"
        shutil.copytree(tiny.folder, folder, dirs_exist_ok=True)
        (folder / name).write_text(text)
        return Source(folder)

    return change


@pytest.fixture(scope="module")
def _automatic(cloud, tiny):
    with pointed_at(cloud):
        env = Environment("automatic", tiny, automatic_deployments=True)
        yield env
        env.teardown(*env.everything)


@pytest.fixture
def automatic(on_local_aws, tiny, _automatic):
    """An environment that is there, all of it, with the tiny site as it is: App Runner deploys what the tag names."""
    _automatic.apply(*_automatic.built_from(tiny, push=True))
    return _automatic


def digest(env, tag):
    found = env.client("ecr").describe_images(repositoryName=env.the("Repository").name, imageIds=[{"imageTag": tag}])
    return found["imageDetails"][0]["imageDigest"]


def test_app_runner_follows_a_tag_that_moves_only_after_the_release(automatic, changed):
    env = automatic
    values = env.the("Service").find(env.aws).values
    assert values["automatic_deployments"]
    assert values["image"].endswith(":released")

    pushed = env.built_from(changed("new.txt", "new"), push=True)
    names = [event.resource.name.rpartition(":")[2] for event in apply(pushed, env.aws) if isinstance(event, Finished)]
    order = [name for name in names if name in ("release", "static", "released", "scale0-automatic", "running")]
    assert order == ["release", "static", "released", "scale0-automatic", "running"]
    assert digest(env, "running") == digest(env, "released") == digest(env, "latest")
    assert plan(pushed, env.aws).empty


def test_an_image_that_it_rolls_back_fails_the_push_and_is_not_running(automatic, changed):
    env = automatic
    former = digest(env, "running")
    broken = env.built_from(changed("serve.py", "raise RuntimeError('no such setting')"), push=True)
    (failed,) = [event for event in apply(broken, env.aws) if isinstance(event, Failed)]
    assert failed.resource.kind == "Service"
    assert "RuntimeError: no such setting" in failed.problem
    assert digest(env, "running") == former


def test_while_migrations_are_pending_nothing_is_deployed(automatic, changed):
    env = automatic
    former = digest(env, "running")
    broken = env.built_from(changed("manage.py", "raise SystemExit('it does not migrate')"), push=True)
    (failed,) = [event for event in apply(broken, env.aws) if isinstance(event, Failed)]
    assert "it does not migrate" in failed.problem
    assert digest(env, "latest") != former
    assert digest(env, "running") == former
    assert env.the("Operation", ":static").find(env.aws) is None  # it leaves no files for pages that nobody got


def test_the_same_image_is_released_once_for_each_database(env):
    release = env.the("Operation", ":release")
    once_for = release.find(env.aws).values["once_for"]
    assert once_for == [env.the("Image").find(env.aws).id, env.the("Cluster").find(env.aws).values["resource_id"]]
    assert {type(event).__name__ for event in env.apply(release)} == {"Unchanged"}
    assert plan(Graph(release), env.aws).empty


def test_static_files_are_left_once_for_each_image_without_the_database(env):
    static = env.the("Operation", ":static")
    live = static.find(env.aws)
    assert live.values == {"once_for": [env.the("Image").find(env.aws).id], "command": ["copy_static"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("provisioning.stack.operation.DataApi", None)  # nothing is woken for it
        static.delete(env.aws, live)
        env.apply(static)


def test_a_call_that_lambda_delivers_twice_runs_once(environment, cloud):
    env = environment("delivered")
    cloud.deliver_twice(env.the("Function").name)
    env.apply(env.the("Operation", ":release"))
    logs, group = env.client("logs"), env.the("LogGroup", "-operations").name
    said = ""
    while "begun before, so not again" not in said:  # the second may come after the first has ended
        said = "".join(event["message"] for event in logs.filter_log_events(logGroupName=group)["events"])
    assert said.count("Applying tiny.0001_initial") == 1


def test_a_release_that_never_begins_says_what_its_function_printed(environment, changed):
    env = environment("never")
    broken = env.built_from(changed("provisioning/operations.py", "import no_such_module\n"))
    (release,) = [each for each in broken if each.name.endswith(":release")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(release), "appears", 3)
        (failed,) = [event for event in apply(Graph(release), env.aws) if isinstance(event, Failed)]
    assert "did not begin it. Its log says" in failed.problem
    assert "no_such_module" in failed.problem
