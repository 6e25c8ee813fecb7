"""The real Dockerfile, built and pushed by a real engine, released and served: `make test-image`."""

import json
import os
import urllib.request

import pytest
from django.conf import settings

from provisioning.images.arrival import arrived
from provisioning.images.engines import choose
from provisioning.images.source import Source
from provisioning.localcloud.cloud import LocalCloud
from provisioning.localcloud.demo.browser import Browser
from provisioning.localcloud.images import app
from provisioning.stack import address
from provisioning.tests.conftest import WITNESS
from provisioning.tests.environment import Environment, pointed_at


@pytest.fixture(scope="module")
def env():
    """An environment whose image an engine on this machine has built."""
    choice = choose(os.environ.get("BUILDER", ""))
    assert choice.engine, f"{choice.words}: `make test-image` needs docker, podman, finch or buildah"
    with LocalCloud(speed=100) as cloud, pointed_at(cloud):
        cloud.look_on(WITNESS)
        env = Environment("image", Source(settings.BASE_DIR), builder=choice.engine.name)
        env.apply(*env.site)
        yield env
        env.teardown(*env.everything)


def test_it_is_released_and_serves(env):
    visitor = Browser(address(env.config, env.aws))
    visitor.get("/", shows="<h1")
    visitor.get("/admin/login/", shows="Sign in")


def test_it_is_one_manifest_for_amd64_that_runs_as_nobody_in_particular(env):
    repository = env.the("Repository").name
    image = arrived(env.aws, repository, tag="latest")
    manifest = json.loads(image.manifest)
    assert "manifests" not in manifest
    where = env.client("ecr").get_download_url_for_layer(
        repositoryName=repository, layerDigest=manifest["config"]["digest"]
    )
    with urllib.request.urlopen(where["downloadUrl"]) as answer:
        config = json.load(answer)
    assert (config["os"], config["architecture"]) == ("linux", "amd64")
    assert (config["config"]["User"], config["config"]["Cmd"]) == ("10001", ["gunicorn", "scale0site.wsgi"])
    assert not [name for name in config["config"]["Env"] if "SECRET" in name]


def test_what_the_site_does_not_need_stayed_out(env):
    image = env.the("Service").find(env.aws).values["image"]
    folder = app(image).folder
    assert (folder / "provisioning" / "operations.py").is_file()
    assert not (folder / "provisioning" / "localcloud").exists()
    assert not [path for path in folder.rglob("tests") if path.is_dir()]
    assert not (folder / "scale0site" / "settings" / "dev.py").exists()
    assert (folder / "static" / "staticfiles.json").is_file()
