"""Network interfaces that stay when what they were for is gone, and keep the network from going."""

from __future__ import annotations

from ..engine.plan import Action
from .belief import CannotBeTried, Source, Verdict, When, judged, tried
from .lookout import APP_RUNNER, LAMBDA
from .scene import Scene

FORTY_MINUTES = 2400  # seconds
HALF_AN_HOUR = 1800


@tried(
    "Lambda's network interfaces go within 40 minutes after the function",
    Source.REPORTED,
    "docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html says up to 20; "
    "https://github.com/hashicorp/terraform-provider-aws waits for up to 45",
    "provisioning/resources/ec2/groups.py",
    "docs/troubleshooting.md",
    when=When.GONE,
)
def interfaces_of_lambda_go(scene: Scene) -> Verdict:
    return _linger(scene, LAMBDA, "Function", FORTY_MINUTES)


@tried(
    "App Runner's network interfaces go within 30 minutes after the connector",
    Source.BELIEVED,
    "Nobody documents how long they stay",
    "provisioning/resources/ec2/groups.py",
    when=When.GONE,
)
def interfaces_of_app_runner_go(scene: Scene) -> Verdict:
    return _linger(scene, APP_RUNNER, "VpcConnector", HALF_AN_HOUR)


def _linger(scene: Scene, owner: str, kind: str, most: float) -> Verdict:
    gone = scene.finished(kind, Action.DELETE)
    last_seen = scene.lookout.last_seen.get(owner) if scene.lookout else None
    if last_seen is None:
        raise CannotBeTried(f"No network interface of {owner}'s was seen")
    stayed = max(last_seen - gone.at, 0)
    return judged(stayed <= most, f"gone {stayed:.0f} s after the {gone.resource.kind}")


BELIEFS = (interfaces_of_lambda_go, interfaces_of_app_runner_go)
