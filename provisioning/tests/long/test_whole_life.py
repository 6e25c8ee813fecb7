"""What a person does, from nothing to nothing, by the commands they type: a local AWS, the real site on it.

The demo's test has the shorter life, and `management/` the same commands on a tiny site. `make test-long` runs this.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from provisioning.localcloud.demo.browser import Browser, Unexpected
from provisioning.localcloud.exports import MISLEADING
from provisioning.localcloud.remains import remains
from provisioning.tests.environment import open_folder

PROJECT = Path(__file__).parents[3]
PATIENCE = 180  # seconds for one command
PASSWORD = "made-up-for-a-test-8Xq"
LEFT_AT_HOME = (".git", ".venv*", ".localcloud", "__pycache__", ".*_cache", "db.sqlite3")
MADE = ("static", "media")  # at the top, by collectstatic and by a site on a laptop
# Appended to the settings of an image build, of which there are three: scripts are most of what it compresses.
QUICKER = """
from whitenoise.compress import Compressor
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "js", "css", "svg")
"""
MIGRATION = """
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("home", "0004_contact")]
    operations = [migrations.RunSQL({sql!r}, "DROP TABLE seats")]
"""


class Person:
    """Somebody at a terminal, in a copy of the project, whose environment points at the local AWS."""

    def __init__(self, exports, folder):
        self.folder = folder
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and k not in MISLEADING}
        self.environment |= dict(re.findall(r"^export (\w+)=(\S+)$", exports, re.MULTILINE))

    def manage(self, *command, settings="scale0site.settings.dev", exits=0, **variables):
        """What the command prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=self.folder,
            env=self.environment | {"DJANGO_SETTINGS_MODULE": settings} | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == exits, done.stdout + done.stderr
        return done.stdout + (done.stderr if exits else "")

    def objects(self, *command, **more):
        """The JSON objects that the command prints, a line each."""
        return [json.loads(line) for line in self.manage(*command, "--json", **more).splitlines()]

    def provision(self, *options, **more):
        return self.manage("provision_aws", "--yes", "--builder", "codebuild", *options, **more)

    def push(self, **more):
        return self.manage("push_image", "--yes", "--builder", "codebuild", **more)

    def restyle(self, rule):
        with (self.folder / "scale0site" / "static" / "css" / "site.css").open("a") as file:
            file.write(rule)

    def migration(self, sql):
        file = self.folder / "home" / "migrations" / "0005_seats.py"
        file.write_text(MIGRATION.format(sql=sql))


@pytest.fixture(scope="module")
def local_aws():
    """`manage.py localcloud` in another process, as in another terminal: the exports that it prints."""
    command = [sys.executable, "manage.py", "localcloud", "--port", "0", "--speed", "200", "--enforce-iam"]
    with open_folder() as folder:
        process = subprocess.Popen(
            [*command, "--folder", str(folder / "cloud")],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        exports = ""
        while not exports.rpartition("\n")[0].endswith("AWS_ENDPOINT_URL_STS") and "unset" not in exports:
            exports += process.stdout.readline()
        yield exports
        process.terminate()
        assert process.wait(PATIENCE) == 0


@pytest.fixture(scope="module")
def person(local_aws, tmp_path_factory):
    folder = tmp_path_factory.mktemp("project") / "site"
    ignored = shutil.ignore_patterns(*LEFT_AT_HOME)
    top = shutil.ignore_patterns(*LEFT_AT_HOME, *MADE)
    shutil.copytree(PROJECT, folder, ignore=lambda at, names: (top if Path(at) == PROJECT else ignored)(at, names))
    with (folder / "scale0site" / "settings" / "build.py").open("a") as file:
        file.write(QUICKER)
    return Person(local_aws, folder)


def kinds(objects, **wanted):
    return [each["kind"] for each in objects if wanted.items() <= each.items()]


def soon(visitor, path, shows):
    """An edit shows at once in the process that took it, and in others when they look again."""
    end = time.monotonic() + 15
    while True:
        try:
            return visitor.get(path, shows)
        except Unexpected:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def address_in(text):
    address = text.splitlines()[-1]
    assert address.startswith("http://127.0.0.1:")
    return address


def test_from_nothing_to_a_site_and_back_to_nothing(person, monkeypatch):
    for name, value in person.environment.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    assert remains() == []

    # The plan changes nothing.
    plan = person.objects("provision_aws", "--plan", "--builder", "codebuild")
    assert len(kinds(plan, step="create")) == 36
    assert remains() == []
    assert "add --yes" in person.manage("provision_aws", "--builder", "codebuild", exits=1)
    assert remains() == []

    # The image is built and released, the site is made, and its address is the last line.
    made = person.provision("--starter-content")
    assert made.count("Applying home.0001_initial... OK") == 1
    address = address_in(made)
    (invitation,) = re.findall(r"http\S+/password_reset/confirm/\S+", made)

    visitor = Browser(address)
    visitor.get("/", shows="<h1")
    visitor.get("/search/?query=sleep", shows="sleep")
    visitor.get("/nothing/here/", status=404)
    visitor.get("/healthz", shows="ok")

    # The first superuser sets a password by the link, and edits.
    editor = Browser(address)
    editor.set_password(invitation, PASSWORD)
    editor.log_in("admin", PASSWORD)
    editor.publish_page("Written in the test", "written")
    soon(visitor, "/written/", shows="Written in the test")
    assert editor.upload_picture("Painted in the test").startswith(b"\x89PNG")

    # A second run has nothing to do, and prints no second link.
    again = person.provision()
    assert "Nothing to do: all 36 are as they should be." in again
    assert address_in(again) == address
    assert "password_reset" not in again

    # One setting changes one thing.
    changed = person.objects(
        "provision_aws", "--yes", "--builder", "codebuild", settings="provisioning.tests.more_capacity"
    )
    assert kinds(changed, step="update") == kinds(changed, event="finished") == ["Cluster"]
    assert len(kinds(changed, event="unchanged")) == 35
    assert changed[-1] == {"event": "address", "address": address}
    (connections,) = [each for each in changed if each.get("event") == "connections"]
    assert (connections["offered"], connections["after_restart"]) == (1654, True)
    assert "of 808 connections, as soon as the database has been restarted: until then" in person.provision()

    # A migration that fails is shown, and the former image goes on serving.
    person.migration("CREATE TABLE seats AS SELECT 1/0")
    failed = person.push(exits=1)
    assert "division by zero" in failed
    assert re.search(r"Service scale0-dev: skipped, because of Operation scale0-dev:release", failed)
    assert "AWS has 34 of them now" in failed
    visitor.get("/written/", shows="Written in the test")
    assert "[ ] 0005_seats" in person.manage("remote", "showmigrations", "home")

    # The next image migrates once, before it serves; pushed again, nothing is left to do. A tab that is open from
    # before still finds its style sheet, which is another one now.
    person.migration("CREATE TABLE seats (number int)")
    former = visitor.get("/").find("link", rel="stylesheet")["href"]
    person.restyle("p { color: teal }")
    pushed = person.push()
    assert pushed.count("Applying home.0005_seats... OK") == 1
    assert ", of which 1 were copied now" in pushed
    assert address_in(pushed) == address
    visitor.get("/written/", shows="Written in the test")
    present = visitor.get("/").find("link", rel="stylesheet")["href"]
    assert present != former
    visitor.get(present, shows="teal")
    visitor.get(former, shows="Newsreader")
    assert "Applying" not in person.push()
    assert "[X] 0005_seats" in person.manage("remote", "showmigrations", "home")

    # Management commands run next to the database.
    person.manage("wake_db")
    assert "it would ask you" in person.manage("remote", "createsuperuser", exits=1)
    new = ("createsuperuser", "--noinput", "--username", "anna", "--email", "anna@example.org")
    said = person.manage("remote", "-e", "DJANGO_SUPERUSER_PASSWORD", *new, DJANGO_SUPERUSER_PASSWORD=PASSWORD)
    assert "Superuser created successfully." in said
    assert "That username is already taken" in person.manage("remote", *new, exits=1)
    Browser(address).log_in("anna", PASSWORD)

    # Teardown keeps the data, and the next site has it: pages, pictures and people.
    assert "18 to remove, 10 kept." in person.manage("teardown", "--yes")
    assert sorted({each.rpartition(" ")[0] for each in remains()}) == [
        *("bucket", "cluster", "instance", "role", "secret", "security group", "subnet", "subnet group", "vpc"),
    ]
    back = person.provision()
    assert "password_reset" not in back
    assert "No migrations to apply." in back
    address = address_in(back)
    Browser(address).get("/written/", shows="Written in the test")
    Browser(address).log_in("anna", PASSWORD)

    # With --data it goes too, and only the last snapshot is left; it is named.
    gone = person.manage("teardown", "--yes", "--data")
    (snapshot,) = remains()
    assert snapshot.split()[1] in gone
    assert "Nothing to remove." in person.manage("teardown", "--yes", "--data")
