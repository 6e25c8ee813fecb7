"""App Runner under more visitors than it may serve at a time, and what CloudWatch tells of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from botocore.exceptions import ClientError

from ..aws import absent
from ..engine.problem import code, said
from ..load.run import Load
from ..load.watch import Seen, Watch
from .belief import Broke, CannotBeTried, Held, Source, Verdict, judged, tried
from .scene import Scene

PAGE = "/search/"  # it asks the database, and so takes a while
TOO_MANY = 1.5  # times as many visitors as all instances may have requests
LONGEST = 420  # seconds: an instance takes one or two minutes to start, CloudWatch as long to tell
LOCAL_LONGEST = 20
SOON = 0.5  # seconds; whom 95 of 100 wait no longer for may not have been there together
REVISIONS = 5
ROADMAP = "https://github.com/aws/apprunner-roadmap/issues"


@dataclass(frozen=True)
class Crowd:
    """What a load met, and what CloudWatch told of it."""

    seconds: float
    visitors: int
    answers: Counter[str]
    p95: float
    """Seconds."""
    instances: float | None
    """The most that were told of."""
    told: Seen


def crowd(scene: Scene) -> Crowd:
    config, service = scene.config, scene.live("Service")
    scene.ask("SELECT 1")  # so that it is awake
    visitors = int(config.max_concurrency * config.max_instances * TOO_MANY)
    longest = LOCAL_LONGEST if scene.aws.is_local else LONGEST
    load = Load(f"{scene.aws.scheme}://{service.id}{PAGE}", visitors, longest)
    watch = Watch(config, scene.aws)
    seconds, most, answers, seen = 0.0, None, Counter[str](), Seen()
    for moment in load.moments():
        seconds, seen = moment.at, watch.look(moment.at)
        answers += moment.answers
        most = max((each for each in (most, seen.instances) if each is not None), default=None)
        if answers["429"] and (most or 0) >= config.max_instances and None not in vars(seen).values():
            load.stop()
    p95 = load.whole.p95 if load.whole else 0.0
    return Crowd(seconds, visitors, answers, p95, most, seen)


@tried(
    "App Runner starts another instance for more than MaxConcurrency requests at a time, and answers 429 itself "
    "where it may start no more",
    Source.REPORTED,
    f"botocore's model, AutoScalingConfiguration, tells of the first half; {ROADMAP}/224 of the second",
    "provisioning/stack/apprunner.py",
    "provisioning/config.py",
    "provisioning/load/verdict.py",
    seconds=LONGEST,
)
def it_scales_by_concurrency(scene: Scene) -> Verdict:
    seen, most = scene.once(crowd), scene.config.max_instances
    if seen.instances is None:
        raise CannotBeTried(f"CloudWatch told of no instances for {seen.seconds:.0f} s")
    turned_away = seen.answers["429"]
    words = f"{seen.instances:g} instances; {turned_away:,} of {seen.answers.total():,} requests were answered 429"
    if not turned_away and seen.p95 < SOON:
        raise CannotBeTried(f"95 of 100 waited {seen.p95:.2f} s at most: they were hardly there together")
    return judged(bool(turned_away) and seen.instances >= most, f"{words} in {seen.seconds:.0f} s")


@tried(
    "CloudWatch tells of ActiveInstances by ServiceName and ServiceID, of DatabaseConnections and "
    "ServerlessDatabaseCapacity by DBClusterIdentifier, a minute or two late",
    Source.DOCUMENTED,
    "docs.aws.amazon.com/apprunner/latest/dg/monitor-cw.html, "
    "docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html; how late is believed",
    "provisioning/load/watch.py",
    "provisioning/beliefs/nights.py",
)
def cloudwatch_tells_of_a_load(scene: Scene) -> Verdict:
    seen = scene.once(crowd)
    told = {name: value for name, value in vars(seen.told).items() if value is not None}
    words = ", ".join(f"{value:g} {name}" for name, value in told.items()) or "nothing"
    return judged(len(told) == len(vars(seen.told)), f"{words} within {seen.seconds:.0f} s")


@tried(
    f"App Runner keeps {REVISIONS} revisions of an auto scaling configuration at most",
    Source.DOCUMENTED,
    "docs.aws.amazon.com/apprunner/latest/dg/manage-autoscaling.html",
    "provisioning/resources/apprunner/scaling.py",
)
def five_revisions_of_a_configuration(scene: Scene) -> Verdict:
    apprunner, live = scene.aws.client("apprunner"), scene.live("AutoScalingConfiguration")
    name = f"{scene.config.name[:28]}-rev"
    revisions: list[str] = []
    try:
        for _ in range(REVISIONS + 1):
            made = apprunner.create_auto_scaling_configuration(
                AutoScalingConfigurationName=name,
                **{key: live.values[ours] for key, ours in (("MinSize", "min_size"), ("MaxSize", "max_size"))},
                Tags=scene.aws.tag_list(),
            )["AutoScalingConfiguration"]
            revisions.append(made["AutoScalingConfigurationArn"])
    except ClientError as error:
        if not revisions:
            raise
        refused = code(error) == "ServiceQuotaExceededException"
        return judged(refused and len(revisions) == REVISIONS, f"{len(revisions)}, then {said(error)}")
    finally:
        for arn in revisions:
            with absent("ResourceNotFoundException"):
                apprunner.delete_auto_scaling_configuration(AutoScalingConfigurationArn=arn)
    return Broke(f"{len(revisions)} were taken")


@tried(
    'What a service uses is not removed: App Runner refuses with InvalidRequestException, "being used by" of a '
    'connector, "in use" or "used by" of an auto scaling configuration',
    Source.REPORTED,
    f"{ROADMAP}/161 for the connector's words; the others are botocore's model's, DeleteAutoScalingConfiguration",
    "provisioning/resources/apprunner/connector.py",
    "provisioning/resources/apprunner/scaling.py",
)
def what_is_used_is_not_removed(scene: Scene) -> Verdict:
    scene.live("Service")
    words = []
    for kind in ("AutoScalingConfiguration", "VpcConnector"):
        each, live = scene.the(kind), scene.live(kind)
        try:
            each.delete(scene.aws, live)
        except ClientError as error:
            words.append(f"{kind}: {said(error)}")
            if not any(retry.cures(code(error), str(error), 0) for retry in each.retries):
                return Broke(words[-1])
        else:
            return Broke(f"{kind}: it was removed")
    return Held("; ".join(words))


BELIEFS = (
    it_scales_by_concurrency,
    cloudwatch_tells_of_a_load,
    five_revisions_of_a_configuration,
    what_is_used_is_not_removed,
)
