"""push_image, remote and the rest that needs a site which is there."""

import io
import json
import re
import shutil
import sys

import pytest
from django.core.management import CommandError

from provisioning.engine.plan import find_all
from provisioning.images.source import Source
from provisioning.tests.engine.world import refusal


@pytest.fixture
def changed(tiny, tmp_path, settings):
    """The tiny site with a change in it, as if somebody had gone on working."""

    def change(name, text):
        folder = tmp_path / "changed"
        shutil.copytree(tiny.folder, folder, dirs_exist_ok=True)
        (folder / name).write_text(text)
        settings.BASE_DIR = folder
        return Source(folder)

    return change


def refused(manage, *arguments, **options):
    out = io.StringIO()
    with pytest.raises(CommandError) as raised:
        manage(*arguments, stdout=out, **options)
    return out.getvalue() + str(raised.value)


def tags(env):
    found = env.client("ecr").describe_images(repositoryName=env.the("Repository").name)["imageDetails"]
    return {tag: each["imageDigest"] for each in found for tag in each.get("imageTags", [])}


def test_there_is_nothing_to_push_to_before_the_environment_is_made(manage, environment):
    environment("nothing")
    text = refused(manage, "push_image", "--env", "nothing", "--yes")
    assert "there is nothing to push to. The environment has no Cluster scale0-nothing. Make it with" in text


def test_an_image_that_was_pushed_is_released_serves_and_its_former_is_kept(manage, env, changed):
    before = tags(env)["running"]
    source = changed("serve.py", (changed("new.txt", "").folder / "serve.py").read_text() + "\n# changed\n")
    text = manage("push_image", "--env", "standing", "--yes")
    assert text.count("Applying tiny.0001_initial... OK") == 1
    assert text.splitlines()[-1].startswith("http://127.0.0.1:")
    after = tags(env)
    assert after["running"] == after["latest"] == after[source.tag] != before
    assert after["former"] == before
    assert env.the("Service").find(env.aws).values["image"].endswith(after["running"])

    again = manage("push_image", "--env", "standing", "--yes")
    assert "Nothing to do: all 36 are as they should be." in again
    assert "36 are as they should be" in manage("provision_aws", "--env", "standing", "--plan")


def test_a_release_that_fails_is_shown_and_the_former_image_goes_on(manage, env, changed):
    image = env.the("Service").find(env.aws).values["image"]
    changed("manage.py", "import sys\nprint('Applying tiny.0002...')\nsys.exit('column tiny.n does not exist')\n")
    text = refused(manage, "push_image", "--env", "standing", "--yes")
    assert "Operation scale0-standing:release: | Applying tiny.0002..." in text
    assert 'could not be created. It says: "ended with exit code 1' in text
    assert "column tiny.n does not exist" in text
    assert "Service scale0-standing: skipped, because of Operation scale0-standing:release" in text
    assert env.the("Service").find(env.aws).values["image"] == image
    assert tags(env)["running"] != tags(env)["latest"]

    # Run again, it is released again; mended, it serves.
    assert "ended with exit code 1" in refused(manage, "push_image", "--env", "standing", "--yes")
    changed("manage.py", "print('done')")
    manage("push_image", "--env", "standing", "--yes")
    assert tags(env)["running"] == tags(env)["latest"]


def test_an_image_that_does_not_serve_is_rolled_back_with_the_line_that_says_why(manage, env, changed):
    image = env.the("Service").find(env.aws).values["image"]
    changed("serve.py", "raise RuntimeError('no such setting')\n")
    text = refused(manage, "push_image", "--env", "standing", "--yes")
    assert "ROLLBACK_SUCCEEDED" in text
    assert "RuntimeError: no such setting" in text
    assert env.the("Service").find(env.aws).values["image"] == image
    assert image.endswith(tags(env)["running"])


def test_a_build_that_fails_says_so_and_nothing_else_happens(manage, env, changed):
    before = tags(env)
    (changed("new.txt", "new").folder / "Dockerfile").write_text("NONSENSE\n")
    text = refused(manage, "push_image", "--env", "standing", "--yes")
    assert "CodeBuild could not build and push it" in text
    assert tags(env) == before


def test_a_tree_without_a_dockerfile_is_refused_before_anything_is_done(manage, env, tmp_path, settings):
    settings.BASE_DIR = tmp_path
    assert "There is no Dockerfile" in refused(manage, "push_image", "--env", "standing", "--yes")


def test_the_first_superusers_link_is_printed_once_and_starter_content_loaded_once(manage, environment):
    environment("first")
    text = manage(*provision("first"), "--starter-content")
    assert len(re.findall(r"http\S+/admin/password_reset/confirm/\S+/", text)) == 1
    assert "load_starter_content: done" in text
    again = manage(*provision("first"), "--starter-content")
    assert "password_reset" not in again
    assert "Nothing to do" in again


def test_that_no_link_can_be_made_does_not_hide_how_the_run_ended(manage, environment, monkeypatch):
    environment("linkless")

    def denied(*arguments):
        raise refusal("AccessDeniedException", "not authorized to perform: ssm:GetParameter")

    monkeypatch.setattr("provisioning.management.deployment.DeploymentCommand.invite", denied)
    text = manage(*provision("linkless"))
    assert "ssm:GetParameter" in text
    assert "`manage.py invite` makes one." in text
    assert text.splitlines()[-1].startswith("http://127.0.0.1:")


def test_a_lost_link_is_printed_again(manage, env):
    text = manage("invite", "--env", "standing")
    assert len(re.findall(r"http\S+/admin/password_reset/confirm/\S+/", text)) == 1


def test_where_somebody_signs_in_nobody_is_invited(manage, env, changed):
    changed("manage.py", "print('There is a superuser already: anna.')")
    manage("push_image", "--env", "standing", "--yes")
    assert "There is a superuser already: anna." in refused(manage, "invite", "--env", "standing")


def provision(env):
    return "provision_aws", "--env", env, "--yes"


def remote(manage, *command, exits=0):
    """What the command printed, and nothing else."""
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        manage("remote", "--env", "standing", *command, stdout=out)
    assert ended.value.code == exits
    return out.getvalue()


def test_a_command_runs_there_and_its_output_and_exit_code_come_back(manage, env, capsys):
    assert remote(manage, "echo", "hello", "--there") == "hello --there\n"
    assert remote(manage, "fail", exits=1) == "it was asked to fail\n"
    assert "EOFError" in remote(manage, "ask", exits=1)
    assert "nobody can answer there: pass it as an option" in capsys.readouterr().err


def test_remote_wakes_the_database_first(manage, env, capsys):
    from provisioning.localcloud.rds.models import find_cluster

    find_cluster(env.the("Cluster").name, env.aws.region).pause_now()
    assert remote(manage, "echo", "hello") == "hello\n"
    assert "DatabaseResumingException" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "advice"),
    [
        (["createsuperuser"], "Add --noinput --username NAME"),
        (["changepassword", "anna"], "it would ask you"),
        (["shell"], "Add -c and the code"),
        ([], "It runs one management command"),
        (["-e", "NO_SUCH_NAME", "check"], "Your environment has none of that name"),
        (["-e", "=value", "check"], "A variable has a name"),
    ],
)
def test_what_would_ask_somebody_is_refused_before_anything_is_woken(manage, command, advice):
    assert advice in refused(manage, "remote", *command)


def test_remote_in_an_environment_that_is_not_there_says_so(manage, environment):
    environment("nothing")
    assert "There is none" in refused(manage, "remote", "--env", "nothing", "check")


@pytest.fixture
def closed(on_local_aws):
    yield on_local_aws.have_bad_days
    on_local_aws.have_bad_days()


def test_an_account_that_app_runner_does_not_take_is_told_so_before_anything_is_made(manage, environment, closed):
    env = environment("closed")
    closed("closed")
    text = refused(manage, *provision("closed"))
    assert "since 2026-04-30 it takes no new customers" in text
    closed()
    assert not any(find_all(env.site, env.aws).values())


def test_where_only_the_service_is_refused_it_says_what_there_is_and_what_it_costs(manage, environment, closed):
    env = environment("closed")
    closed("closed-at-create")
    text = refused(manage, *provision("closed"))
    assert "Service scale0-closed: could not be created. AWS says" in text
    assert "since 2026-04-30 it takes no new customers" in text
    (count,) = re.findall(r"AWS has (\d+) of them now; while nobody looks they cost about \$0\.\d\d a month:", text)
    assert int(count) == sum(live is not None for live in find_all(env.site, env.aws).values()) < len(env.site)
    assert re.search(r"  Cluster scale0-closed  \$0\.50 a month", text)
    closed()
    assert env.the("Service").find(env.aws) is None


def test_json_tells_of_output_and_of_the_invitation(manage, environment):
    environment("json")
    told = [json.loads(line) for line in manage(*provision("json"), "--json").splitlines()]
    assert any(each.get("event") == "output" and "Applying tiny" in each["text"] for each in told)
    (link,) = [each["url"] for each in told if each.get("event") == "invitation"]
    assert "/password_reset/confirm/" in link
    assert told[-1]["event"] == "address"


def test_a_named_builder_that_is_not_there_is_refused_before_anything_is_made(manage, environment, monkeypatch):
    env = environment("builder")
    monkeypatch.setenv("PATH", sys.prefix)
    text = refused(manage, *provision("builder"), "--builder", "finch")
    assert "Image: finch could not be used" in text
    assert not any(find_all(env.site, env.aws).values())
