"""Images that run: what of an image's layers is unpacked, and App Runner running it."""

import sys
import tarfile
from pathlib import Path

import pytest

from provisioning.localcloud import images

from .conftest import ACCOUNT, PROGRAM, REGION, Aws, Services, fetch, wait_for
from .pushing import Engine, configured, link

HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"


@pytest.fixture(scope="module")
def engine(aws: Aws) -> Engine:
    engine = Engine(aws)
    engine.ecr.create_repository(repositoryName="runnable")
    return engine


def unpacked(folder: Path) -> dict[str, str]:
    return {str(each.relative_to(folder)): each.read_text() for each in folder.rglob("*") if each.is_file()}


def test_only_the_working_folder_is_unpacked_once_for_each_digest(engine: Engine) -> None:
    """OCI's image specification: Env, Cmd, WorkingDir. That no more is unpacked is ours."""
    config = configured(Env=["PATH=/venv/bin:/bin", "A=b=c"], Cmd=["gunicorn", "site"], WorkingDir="/srv/site")
    files = {"srv/site/a": "a", "./srv/site/b/c": "c", "etc/passwd": "x", "srv/sitemap": "x", "app/a": "x"}
    digest = engine.push("runnable", "unpacked", config, files)
    image = images.app(f"{HOST}/runnable:unpacked")
    assert unpacked(image.folder) == {"a": "a", "b/c": "c"}
    assert (image.environment, image.command, image.digest) == ({"A": "b=c"}, ["gunicorn", "site"], digest)
    assert images.app(f"{HOST}/runnable@{digest}").folder == image.folder


def test_a_layer_takes_away_what_one_below_has(engine: Engine) -> None:
    """OCI's image specification, "Whiteouts"."""
    below = {"app/gone": "1", "app/changed": "1", "app/old/a": "1", "app/old/b": "1", "app/stays": "1"}
    above = {"app/.wh.gone": "", "app/changed": "2", "app/old/c": "2", "app/old/.wh..wh..opq": ""}
    engine.push("runnable", "whiteouts", configured(), below, above)
    found = unpacked(images.app(f"{HOST}/runnable:whiteouts").folder)
    assert found == {"changed": "2", "old/c": "2", "stays": "1"}


def test_nothing_is_written_outside_of_the_folder(engine: Engine, tmp_path: Path) -> None:
    """Ours."""
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    below = {
        "app/../../../escaped": "x",
        "app/absolute": link(str(victim)),
        "app/out": link("../../../../.."),
        "app/inside": link("a"),
        "app/a": "a",
        "app/hard": link("app/a", tarfile.LNKTYPE),
        "app/hard-out": link("etc/passwd", tarfile.LNKTYPE),
    }
    above = {"app/absolute": "written", "app/out/x": "x"}
    engine.push("runnable", "escaping", configured(), below, above)
    folder = images.app(f"{HOST}/runnable:escaping").folder
    assert unpacked(folder) == {"a": "a", "inside": "a", "hard": "a", "absolute": "written", "out/x": "x"}
    assert victim.read_text() == "untouched"
    assert (folder / "a").stat().st_mode & 0o444 == 0o444


def test_what_is_not_there_or_not_for_this_processor_is_not_run(engine: Engine) -> None:
    """Docker's words: "exec format error"."""
    for missing in ("runnable:never", "nowhere:latest", f"runnable@sha256:{'0' * 64}"):
        with pytest.raises(images.ImageMissing, match="does not exist"):
            images.app(f"{HOST}/{missing}")
    engine.push("runnable", "arm", configured(architecture="arm64", Cmd=["gunicorn"]), {"app/a": ""})
    with pytest.raises(images.NotRunnable, match=r"^exec /usr/local/bin/gunicorn: exec format error$"):
        images.app(f"{HOST}/runnable:arm")
    # zstd, which this Python does not read.
    broken = engine.manifest("runnable", configured(), b"\x28\xb5\x2f\xfd and more")
    engine.put_manifest("runnable", "zstd", broken)
    with pytest.raises(images.ImageMissing, match="can't be unpacked"):
        images.app(f"{HOST}/runnable:zstd")


def test_a_service_runs_its_image_and_not_this_tree(engine: Engine, services: Services) -> None:
    """Believed: a service's variables count before its image's. BIND and PATH are ours."""
    variables = ["PATH=/venv/bin", "A=of the image", "B=of the image", "BIND=0.0.0.0"]
    config = configured(Env=variables, Cmd=["/venv/bin/python", "serve.py"])
    engine.push("runnable", "served", config, {"app/serve.py": PROGRAM})
    source = services.source({"B": "of the service"}, image=f"{HOST}/runnable:served")
    service = services.create("of-an-image", source=source)
    services.wait(service)
    seen = fetch(service["ServiceUrl"])
    assert (seen["A"], seen["B"]) == ("of the image", "of the service")
    # In a container it may listen everywhere; here it must not.
    assert seen["BIND"] == "127.0.0.1"
    assert seen["PATH"].startswith(str(Path(sys.executable).parent))


def test_the_start_command_of_a_service_counts_before_its_images_own(services: Services) -> None:
    """botocore's model: StartCommand "overrides the Docker image's default start command"."""
    command = "env 'GREETING=hello there' python program.py"
    service = services.create("commanded", source=services.source(configuration={"StartCommand": command}))
    services.wait(service)
    assert fetch(service["ServiceUrl"])["GREETING"] == "hello there"


def test_a_push_to_its_tag_deploys_a_service_that_wants_it(engine: Engine, services: Services) -> None:
    """AWS documents: automatic deployments, by tag, for ECR images of the same account."""

    def push(version: str) -> None:
        config = configured(Env=[f"VERSION={version}"], Cmd=["python", "serve.py"])
        engine.push("runnable", "automatic", config, {"app/serve.py": PROGRAM})

    push("1")
    source = services.source(image=f"{HOST}/runnable:automatic")
    by_itself = services.create("automatic", source={**source, "AutoDeploymentsEnabled": True})
    by_hand = services.create("by-hand", source=source)
    for service in (by_itself, by_hand):
        services.wait(service)
    push("2")
    wait_for(lambda: services.operations(by_itself)[0], ("START_DEPLOYMENT", "SUCCEEDED"))
    assert fetch(by_itself["ServiceUrl"])["VERSION"] == "2"
    assert fetch(by_hand["ServiceUrl"])["VERSION"] == "1"
    assert len(services.operations(by_hand)) == 1


def test_an_image_for_another_processor_fails_its_health_check(aws: Aws, engine: Engine, services: Services) -> None:
    """Reported by this project's ancestor: an image built on an arm64 laptop. The log has the kernel's words."""
    engine.push("runnable", "arm", configured(architecture="arm64", Cmd=["gunicorn"], User="2"), {"app/a": ""})
    source = services.source(image=f"{HOST}/runnable:arm")
    service = services.create("of-arm", source=source)
    services.wait(service, "CREATE_FAILED")
    assert "Health check failed" in services.story(service)
    group = f"/aws/apprunner/of-arm/{service['ServiceId']}/application"
    [event] = aws.client("logs").filter_log_events(logGroupName=group)["events"]
    assert event["message"] == "exec /usr/local/bin/gunicorn: exec format error"
