"""App Runner's deployments: one that cannot serve, and one that can, while somebody asks all the time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any

from ..engine.resource import Live
from ..resources.apprunner.settings import settings_of
from .belief import CannotBeTried, Source, Verdict, judged, tried
from .scene import Scene

CANNOT_SERVE = "false"  # a program that ends at once
UNDER_WAY = {"PENDING", "IN_PROGRESS", "ROLLBACK_IN_PROGRESS"}
LONGEST = 1800  # seconds
USUAL = 600
ASK = 1
LOOK = 5  # requests from one look at the operation to the next
PATIENCE = 10  # seconds that one answer may take: the site needs none of them for its health
MOVED_TO = {"SCALE0_VERIFIED": "yes"}  # a variable that nothing reads


@dataclass(frozen=True)
class Deployment:
    status: str
    """The operation's last."""
    took: float
    answers: Counter[str]
    """To whoever asked meanwhile, one request after the other: "200", "ConnectionRefusedError"."""
    after: Live
    """The service when it was over."""

    @property
    def without_a_gap(self) -> bool:
        return set(self.answers) == {"200"}

    @property
    def words(self) -> str:
        told = ", ".join(f"{many} × {word}" for word, many in self.answers.most_common())
        return f"{self.status} after {self.took:.0f} s; answers meanwhile: {told}"


@tried(
    "A deployment whose instances do not pass the health check is rolled back while the former ones go on, and only "
    "the operation tells",
    Source.BELIEVED,
    "botocore's model, OperationStatus, has the words for it",
    "provisioning/resources/apprunner/service.py",
    seconds=USUAL,
)
def a_failed_deployment_is_rolled_back(scene: Scene) -> Verdict:
    former = scene.live("Service")
    settings = settings_of(former.values)
    settings["SourceConfiguration"]["ImageRepository"]["ImageConfiguration"]["StartCommand"] = CANNOT_SERVE
    seen = deploy(scene, former, settings)
    as_it_was = (
        seen.after.values == former.values and seen.after.word == "RUNNING" and seen.status in seen.after.setback
    )
    return judged(seen.status == "ROLLBACK_SUCCEEDED" and as_it_was and seen.without_a_gap, seen.words)


@tried(
    "In a deployment the new version's instances start beside the old ones, so that no request is lost",
    Source.BELIEVED,
    "No request is lost in one (documented), so both must be there",
    "provisioning/budget.py",
    seconds=USUAL,
)
def a_deployment_runs_beside(scene: Scene) -> Verdict:
    former = scene.live("Service")
    values = {**former.values, "environment": {**former.values["environment"], **MOVED_TO}}
    seen = deploy(scene, former, settings_of(values))
    return judged(seen.status == "SUCCEEDED" and seen.without_a_gap, seen.words)


def deploy(scene: Scene, service: Live, settings: dict[str, Any]) -> Deployment:
    """Raises CannotBeTried if it does not come to an end."""
    url = f"{scene.aws.scheme}://{service.id}{service.values['health_path']}"
    answers = Counter([answer(url)])
    if set(answers) != {"200"}:
        raise CannotBeTried(f"{url} answers {next(iter(answers))} before anything is deployed")
    apprunner = scene.aws.client("apprunner")
    began = scene.clock.now()
    operation = apprunner.update_service(ServiceArn=service.arn, **settings)["OperationId"]
    while True:
        for _ in range(LOOK):
            scene.clock.sleep(ASK)
            answers[answer(url)] += 1
        status, after, took = _status(apprunner, service, operation), scene.live("Service"), scene.clock.now() - began
        if status not in UNDER_WAY and after.word != "OPERATION_IN_PROGRESS":
            return Deployment(status, took, answers, after)
        if took > LONGEST:
            raise CannotBeTried(f"It was {status} still after {took:.0f} s")


def answer(url: str) -> str:
    """Its status, or what went wrong."""
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    connection = (HTTPSConnection if scheme == "https" else HTTPConnection)(host, timeout=PATIENCE)
    try:
        connection.request("GET", f"/{path}")
        return str(connection.getresponse().status)
    except (OSError, HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()


def _status(apprunner: Any, service: Live, operation: str) -> str:
    listed = apprunner.list_operations(ServiceArn=service.arn, MaxResults=5)["OperationSummaryList"]
    return next((each["Status"] for each in listed if each["Id"] == operation), "PENDING")


BELIEFS = (a_failed_deployment_is_rolled_back, a_deployment_runs_beside)
