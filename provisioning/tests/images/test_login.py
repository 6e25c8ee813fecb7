"""The person's own login stays as it is, and docker still finds its daemon and its plugins."""

import json
import stat

import pytest

from provisioning.images.login import Registry, sign_in


@pytest.fixture
def theirs(tmp_path, monkeypatch):
    folder = tmp_path / "theirs"
    (folder / "contexts" / "meta").mkdir(parents=True)
    (folder / "cli-plugins").mkdir()
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    settings = {
        "auths": {"https://index.docker.io/v1/": {"auth": "c2VjcmV0"}},
        "credsStore": "desktop",
        "credHelpers": {"123456789012.dkr.ecr.eu-west-3.amazonaws.com": "ecr-login"},
        "currentContext": "colima",
        "cliPluginsExtraDirs": ["/opt/plugins"],
    }
    (folder / "config.json").write_text(json.dumps(settings))
    return folder


def registry(auth="QVdTOng="):
    return Registry("registry.example", False, auth)


def test_a_login_holds_one_registry_and_the_person_s_way_to_the_daemon(theirs, tmp_path):
    before = (theirs / "config.json").read_bytes()
    sign_in(registry(), tmp_path / "ours")
    assert json.loads((tmp_path / "ours" / "config.json").read_text()) == {
        "auths": {"registry.example": {"auth": "QVdTOng="}},
        "currentContext": "colima",
        "cliPluginsExtraDirs": ["/opt/plugins"],
    }
    assert (tmp_path / "ours" / "contexts" / "meta").is_dir()
    assert (tmp_path / "ours" / "cli-plugins").is_dir()
    assert (theirs / "config.json").read_bytes() == before


def test_nobody_else_can_read_it(theirs, tmp_path):
    sign_in(registry(), tmp_path / "ours")
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "ours" / "config.json").stat().st_mode) == 0o600
    assert "QVdTOng=" not in repr(registry())


def test_a_second_login_takes_the_place_of_the_first(theirs, tmp_path):
    sign_in(registry(), tmp_path / "ours")
    sign_in(registry("bmV3"), tmp_path / "ours")
    found = json.loads((tmp_path / "ours" / "config.json").read_text())
    assert found["auths"] == {"registry.example": {"auth": "bmV3"}}


@pytest.mark.parametrize("content", [None, "not JSON", "[]"])
def test_a_configuration_that_is_not_there_or_broken_is_none(theirs, tmp_path, content):
    (theirs / "config.json").unlink()
    if content is not None:
        (theirs / "config.json").write_text(content)
    sign_in(registry(), tmp_path / "ours")
    assert list(json.loads((tmp_path / "ours" / "config.json").read_text())) == ["auths"]


def test_the_registry_is_the_one_that_ecr_names(ecr):
    found = Registry.of(ecr)
    assert (found.host, found.plain_http, found.auth) == (ecr.host, True, ecr.auth)
