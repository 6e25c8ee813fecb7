"""A local AWS that was stopped, or killed, and started again: it has what it had, and goes on with what it did."""

import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from provisioning.engine.graph import Graph
from provisioning.engine.plan import Action, plan
from provisioning.images.source import Source
from provisioning.localcloud.folder import remove, root_s
from provisioning.localcloud.remains import remains
from provisioning.stack.leftovers import sweep_logs

from ...environment import Environment, point_at
from ..conftest import wait_for
from ..databases import SCALING, Databases, connect
from .account import holds
from .process import Local

FAST = ("--speed", "3000")
SLOWLY = ("--speed", "10")  # what takes AWS a minute does not end before it is cut off


class Story:
    """One cloud: it is provisioned and stopped; started and killed at work; started, and torn down."""

    def __init__(self, local: Local, env: Environment) -> None:
        self.local, self.env = local, env
        self.databases = Databases(local)  # type: ignore[arg-type]
        self.name = env.the("Cluster").name

    def sql(self, statement: str) -> list[Any]:
        with connect(self.databases, self.name) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @property
    def turns(self) -> list[str]:
        """Of the database, as far as it was told."""
        return re.findall(rf"cluster {self.name}: (paused|resuming|awake)\n", self.local.said)

    def answer(self) -> str:
        (service,) = self.local.client("apprunner").list_services()["ServiceSummaryList"]
        return requests.get(f"http://{service['ServiceUrl']}/", timeout=10).text


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, tiny: Source) -> Iterator[Story]:
    local = Local(tmp_path_factory.mktemp("kept") / "cloud")
    with pytest.MonkeyPatch.context() as patch:
        try:
            local.start(*FAST)
            point_at(local, patch)
            env = Environment("kept", tiny)
            env.apply(*env.site)
            yield Story(local, env)
        finally:
            local.stop()
            remove(root_s(local.folder))  # where root has the databases of what lies in a folder of pytest's


def test_a_cloud_that_was_stopped_has_what_it_had(story: Story) -> None:
    local = story.local
    bucket = local.client("s3").list_buckets()["Buckets"][0]["Name"]
    for key, size in (("small", 10), ("large", 100_000)):
        local.client("s3").put_object(Bucket=bucket, Key=key, Body=b"x" * size, ContentType="text/x")
    story.sql("CREATE TABLE kept AS SELECT 'a row' AS what")
    before, answered = holds(local), story.answer()
    wait_for(lambda: story.turns[-1:] == ["paused"])
    assert local.stop() == 0
    assert "its state is kept in" in local.said
    local.start(*SLOWLY)
    assert holds(local) == before
    assert story.answer() == answered


def test_a_database_that_slept_sleeps_on_and_has_its_rows(story: Story) -> None:
    assert f"cluster {story.name}: answers again" in story.local.said
    assert ", asleep" in story.local.said
    assert story.sql("SELECT what FROM kept") == [("a row",)]
    assert story.turns[:1] == ["resuming"]


def test_a_plan_of_the_same_configuration_has_nothing_to_do(story: Story) -> None:
    steps = plan(Graph(*story.env.site), story.env.aws).steps
    assert {step.action for step in steps} == {Action.KEEP}


def test_what_a_killed_cloud_was_doing_comes_to_its_end(story: Story) -> None:
    local, api = story.local, story.local.client("apprunner")
    (service,) = api.list_services()["ServiceSummaryList"]
    operation = api.start_deployment(ServiceArn=service["ServiceArn"])["OperationId"]
    story.databases.create("cut-off", ServerlessV2ScalingConfiguration=SCALING)
    (project,) = local.client("codebuild").list_projects()["projects"]
    build = local.client("codebuild").start_build(projectName=project)["build"]["id"]
    function = story.env.the("Function").name
    local.client("lambda").update_function_configuration(FunctionName=function, Description="changed")
    local.wait_until_kept()
    local.stop(signal.SIGKILL)
    local.start(*FAST)
    story.databases.wait("cut-off")
    assert story.sql("SELECT what FROM kept") == [("a row",)]
    assert story.answer()

    def ended(call: Any, *path: Any) -> Any:
        def look() -> Any:
            found = call()
            for step in path:
                found = found[step]
            return found

        return look

    operations = ended(lambda: api.list_operations(ServiceArn=service["ServiceArn"]), "OperationSummaryList", 0)
    wait_for(lambda: operations()["Status"], "SUCCEEDED")
    assert operations()["Id"] == operation
    built = ended(lambda: local.client("codebuild").batch_get_builds(ids=[build]), "builds", 0, "buildComplete")
    wait_for(built, True)
    changed = local.client("lambda").get_function_configuration
    wait_for(lambda: changed(FunctionName=function)["LastUpdateStatus"], "Successful")
    assert changed(FunctionName=function)["Description"] == "changed"


def test_a_teardown_then_leaves_nothing(story: Story) -> None:
    story.local.client("rds").delete_db_cluster(DBClusterIdentifier="cut-off", SkipFinalSnapshot=True)
    story.databases.wait_until_gone("cut-off")
    story.local.client("ssm").delete_parameter(Name="/kept/now")
    story.env.teardown(*story.env.everything)
    sweep_logs(story.env.config, story.env.aws)
    assert remains() == []
