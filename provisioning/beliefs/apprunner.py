"""App Runner: what it leaves behind, and for how long."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from ..aws import absent
from ..engine.events import Failed
from ..engine.plan import Action
from ..engine.problem import code, said
from ..resources.apprunner.connector import NAME_TAKEN
from .belief import Broke, CannotBeTried, Held, Source, Verdict, When, judged, not_tried, tried
from .scene import Scene

LET_GO = 1800  # seconds; what a teardown waits for a connector
ROADMAP = "https://github.com/aws/apprunner-roadmap/issues"


@tried(
    "App Runner writes into /aws/apprunner/NAME/ID/service and …/application",
    Source.DOCUMENTED,
    "docs.aws.amazon.com/apprunner/latest/dg/monitor-cwl.html",
    "provisioning/resources/logs.py",
)
def it_writes_into_two_log_groups(scene: Scene) -> Verdict:
    arn = scene.live("Service").arn
    logs, found = scene.aws.client("logs"), dict.fromkeys(("service", "application"), "no group")
    for part in found:
        group = f"/aws/apprunner/{'/'.join(arn.split('/')[-2:])}/{part}"
        with absent("ResourceNotFoundException"):
            streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
            found[part] = f"{len(streams)} streams"
    seen = ", ".join(f"{part}: {what}" for part, what in found.items())
    return judged({"no group", "0 streams"}.isdisjoint(found.values()), seen)


@tried(
    'A connector that was deleted holds its name for a while, which is refused as one that "already exists"',
    Source.BELIEVED,
    "botocore's model knows connectors that are INACTIVE; one revision of a name is allowed",
    "provisioning/resources/apprunner/connector.py",
)
def a_deleted_connector_holds_its_name(scene: Scene) -> Verdict:
    apprunner, live = scene.aws.client("apprunner"), scene.live("VpcConnector")
    name = f"{scene.config.name}-name"
    made: list[str] = []
    ever_made = False
    try:
        # In other subnets each time, for App Runner refuses two that join the same.
        for subnet in live.values["subnets"]:
            _remove(apprunner, made)
            connector = apprunner.create_vpc_connector(
                VpcConnectorName=name,
                Subnets=[subnet],
                SecurityGroups=live.values["security_groups"],
                Tags=scene.aws.tag_list(),
            )["VpcConnector"]
            made.append(connector["VpcConnectorArn"])
            ever_made = True
    except ClientError as error:
        if not ever_made:
            raise
        return judged(code(error) == "InvalidRequestException" and bool(NAME_TAKEN.search(str(error))), said(error))
    finally:
        _remove(apprunner, made)
    return Broke("the name was free at once")


@tried(
    'A connector counts as used ("being used by") for some minutes after its service is gone, and for 30 at most',
    Source.REPORTED,
    f"{ROADMAP}/161",
    "provisioning/resources/apprunner/connector.py",
    when=When.GONE,
)
def a_connector_is_let_go(scene: Scene) -> Verdict:
    service = scene.finished("Service", Action.DELETE)
    end = scene.end("VpcConnector", scene.gone)
    if isinstance(end, Failed):
        return Broke(end.problem)
    waited = scene.finished("VpcConnector", Action.DELETE).at - service.at
    return judged(waited <= LET_GO, f"gone {waited:.0f} s after the service")


@tried(
    "A service that is gone is not listed, or listed as DELETED",
    Source.MODELLED,
    "apprunner, ServiceStatus",
    "provisioning/resources/apprunner/service.py",
    when=When.GONE,
)
def a_service_that_is_gone_is_deleted(scene: Scene) -> Verdict:
    scene.finished("Service", Action.DELETE)
    listed = scene.aws.client("apprunner").list_services()["ServiceSummaryList"]
    words = [each["Status"] for each in listed if each["ServiceName"] == scene.config.name]
    return judged(set(words) <= {"DELETED"}, ", ".join(words) or "not listed")


@tried(
    "A service's log groups outlive it, and are not made again once they were removed",
    Source.BELIEVED,
    "The guide tells of neither",
    "provisioning/stack/leftovers.py",
    when=When.GONE,
)
def its_logs_stay_removed(scene: Scene) -> Verdict:
    scene.finished("Service", Action.DELETE)
    if not scene.removed:
        raise CannotBeTried("Not all of it was removed")
    prefix = f"/aws/apprunner/{scene.config.name}/"
    groups = scene.aws.client("logs").describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
    return Broke(", ".join(each["logGroupName"] for each in groups)) if groups else Held("none")


def _remove(apprunner: Any, connectors: list[str]) -> None:
    while connectors:
        with absent("ResourceNotFoundException"):
            apprunner.delete_vpc_connector(VpcConnectorArn=connectors.pop())


BELIEFS = (
    it_writes_into_two_log_groups,
    a_deleted_connector_holds_its_name,
    a_connector_is_let_go,
    a_service_that_is_gone_is_deleted,
    its_logs_stay_removed,
    not_tried(
        "a-request-ends-after-120-s",
        "App Runner ends a request after 120 s",
        Source.DOCUMENTED,
        "docs.aws.amazon.com/apprunner/latest/dg/develop.html",
        "gunicorn.conf.py",
        because="the site answers nothing that slowly",
    ),
    not_tried(
        "idle-instances-have-no-processor",
        "An instance without requests is throttled, so nothing of ours runs between two",
        Source.REPORTED,
        f"{ROADMAP}/105",
        "sleeping/connection.py",
        because="the site has nothing that would show it",
    ),
    not_tried(
        "some-zones-are-not-taken",
        "App Runner takes no subnets in use1-az3 and apne1-az3",
        Source.REPORTED,
        "People's Terraform modules leave out the first; the second is believed",
        "provisioning/resources/apprunner/connector.py",
        because="our subnets lie elsewhere",
    ),
    not_tried(
        "the-first-connector-may-be-refused",
        'An account\'s first connector may be refused for 60 s with InvalidRequestException, "service-linked role", '
        "until the role that App Runner makes for it is known",
        Source.BELIEVED,
        "docs.aws.amazon.com/apprunner/latest/dg/using-service-linked-roles-networking.html tells of the role, of no "
        "refusal",
        "provisioning/resources/apprunner/connector.py",
        because="only an account's first connector would show it",
    ),
    not_tried(
        "one-address-is-appended",
        "App Runner appends one entry to X-Forwarded-For: the address that asked it",
        Source.BELIEVED,
        "docs.aws.amazon.com/apprunner/latest/dg/network-incoming.html says that the visitor's address is in it, not "
        "that it comes last and alone",
        "scale0site/login/network.py",
        "docs/security.md",
        because="the site shows nobody what it was sent",
    ),
    not_tried(
        "it-kills-after-30-s",
        "App Runner kills an instance 30 s after it has asked it to end",
        Source.BELIEVED,
        f"It is what ECS does, which {ROADMAP}/176 compares it with; nobody documents it",
        "gunicorn.conf.py",
        because="the site answers nothing that slowly",
    ),
    not_tried(
        "memory-comes-with-vcpu",
        "App Runner pairs 0.25 vCPU with 0.5 or 1 GB, 0.5 with 1, 1 with 2 to 4, 2 with 4 or 6, 4 with 8, 10 or 12",
        Source.DOCUMENTED,
        "docs.aws.amazon.com/apprunner/latest/dg/architecture.html, Supported configurations",
        "provisioning/config.py",
        because="an environment has one pair",
    ),
    not_tried(
        "keys-of-a-role-last-a-while",
        "Where keys do not tell their end, on Lambda, they hold for 15 minutes more",
        Source.BELIEVED,
        "Fresh ones were seen to hold for twelve hours (https://github.com/boto/boto3/issues/2392); nobody says how "
        "fresh they are",
        "scale0site/s3.py",
        "docs/media.md",
        because="the site does not serve on Lambda",
    ),
)
