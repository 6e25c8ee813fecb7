"""What a person does, from nothing to nothing, by the commands they type: a local AWS, the real site on it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from provisioning.localcloud.exports import MISLEADING
from provisioning.localcloud.remains import remains
from provisioning.localcloud.visit import Browser

PROJECT = Path(__file__).parents[2]
PATIENCE = 120  # seconds for one command


class Person:
    """Somebody at a terminal whose environment points at the local AWS."""

    def __init__(self, exports):
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and k not in MISLEADING}
        self.environment |= dict(re.findall(r"^export (\w+)=(\S+)$", exports, re.MULTILINE))

    def manage(self, *command, settings="scale0site.settings.dev", exits=0):
        """What the command prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=PROJECT,
            env=self.environment | {"DJANGO_SETTINGS_MODULE": settings},
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


@pytest.fixture(scope="module")
def local_aws():
    """`manage.py localcloud` in another process, as in another terminal: its exports, and what it says."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "localcloud", "--port", "0", "--speed", "200"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    exports = ""
    while not exports.rpartition("\n")[0].endswith("AWS_ENDPOINT_URL_STS") and "unset" not in exports:
        exports += process.stdout.readline()
    yield process, exports
    process.terminate()
    assert process.wait(PATIENCE) == 0


@pytest.fixture(scope="module")
def person(local_aws):
    return Person(local_aws[1])


def kinds(objects, **wanted):
    return [each["kind"] for each in objects if wanted.items() <= each.items()]


def test_from_nothing_to_a_site_and_back_to_nothing(local_aws, person, monkeypatch):
    for name, value in person.environment.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    assert remains() == []

    # The plan changes nothing.
    plan = person.objects("provision_aws", "--plan")
    assert len(kinds(plan, step="create")) == 10
    assert remains() == []
    assert "add --yes" in person.manage("provision_aws", exits=1)
    assert remains() == []

    # The site is made, and its address is the last line.
    address = person.manage("provision_aws", "--yes").splitlines()[-1]
    assert address.startswith("http://127.0.0.1:")
    login = administrator(local_aws[0])

    visitor = Browser(address)
    visitor.get("/", shows="<h1")
    visitor.get("/search/?query=sleep", shows="sleep")
    visitor.get("/nothing/here/", status=404)
    visitor.get("/healthz", shows="ok")

    editor = Browser(address)
    editor.log_in(*login)
    editor.publish_page("Written in the test", "written")
    visitor.get("/written/", shows="Written in the test")
    assert editor.upload_picture("Painted in the test").startswith(b"\x89PNG")

    # A second run has nothing to do.
    again = person.manage("provision_aws", "--yes")
    assert "Nothing to do: all 10 are as they should be." in again
    assert again.splitlines()[-1] == address

    # One setting changes one thing.
    changed = person.objects("provision_aws", "--yes", settings="provisioning.tests.more_capacity")
    assert kinds(changed, step="update") == kinds(changed, event="finished") == ["Cluster"]
    assert len(kinds(changed, event="unchanged")) == 9
    assert changed[-1] == {"event": "address", "address": address}

    # Teardown keeps the data, and the next site has it.
    assert "7 to remove, 3 kept." in person.manage("teardown", "--yes")
    assert sorted(each.split()[0] for each in remains()) == ["bucket", "cluster", "instance", "secret"]
    address = person.manage("provision_aws", "--yes").splitlines()[-1]
    Browser(address).get("/written/", shows="Written in the test")

    # With --data it goes too, and only the last snapshot is left; it is named.
    gone = person.manage("teardown", "--yes", "--data")
    (snapshot,) = remains()
    assert snapshot.split()[1] in gone
    assert "Nothing to remove." in person.manage("teardown", "--yes", "--data")


def administrator(process):
    """The login that the local AWS shows once."""
    for line in process.stderr:
        if found := re.search(r"administrator: (\S+), password (\S+)", line):
            return found.groups()
    raise AssertionError("no login was shown")
