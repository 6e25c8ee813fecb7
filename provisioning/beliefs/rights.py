"""Roles, and the tags by which things are known to be ours."""

from __future__ import annotations

from itertools import pairwise

from ..engine.events import Event, Failed, Finished, Waiting
from ..engine.plan import Action
from ..stack.leftovers import leftovers, tagged
from .belief import Broke, CannotBeTried, Held, Source, Verdict, When, judged, not_tried, tried
from .reading import a_missing_object_needs_list_bucket
from .scene import Scene

TAKE_A_ROLE = ("Project", "Function", "Service")
UNTAGGED = ("Role", "Image")  # AWS lists no roles; an image carries no tag
LISTED = 300  # seconds within which it should list what is there
UNLISTED = 900  # and not what is gone
LOOK = 10


@tried(
    "A role that is new is known to Lambda and CodeBuild within 90 s, and to App Runner within 60 s",
    Source.REPORTED,
    "The Terraform provider for AWS retries CreateFunction and CreateService; that these times will do is believed: "
    "https://github.com/hashicorp/terraform-provider-aws/issues/44517 was told of up to 15 minutes",
    "provisioning/resources/awslambda.py",
    "provisioning/resources/apprunner/service.py",
    "provisioning/resources/codebuild.py",
)
def a_new_role_is_known_soon(scene: Scene) -> Verdict:
    if not any(_was_made(event) for event in scene.made if event.resource.kind == "Role"):
        raise CannotBeTried("No role was made in this run")
    refused = []
    for kind in TAKE_A_ROLE:
        events = [event for event in scene.made if event.resource.kind == kind]
        for event in events:
            if isinstance(event, Failed) and "assum" in event.problem.lower():
                return Broke(event.problem)
        seconds = sum(after.at - before.at for before, after in pairwise(events) if _is_refusal(before))
        if seconds:
            refused.append(f"{kind} refused for {seconds:.0f} s")
    return Held(", ".join(refused) or "no call was refused")


@tried(
    "AWS's list of tagged things has all kinds that we tag, but roles",
    Source.DOCUMENTED,
    "docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html",
    "provisioning/stack/leftovers.py",
    seconds=30,
)
def what_carries_our_tags_is_listed(scene: Scene) -> Verdict:
    lives = {each: each.find(scene.aws) for each in scene.everything if not each.within}
    wanted = {
        str(each): live
        for each, live in lives.items()
        if live and each.kind not in (*UNTAGGED, "MovingTag", "Operation", "RolePolicy", "User")
    }
    began, missing = scene.clock.now(), list(wanted)
    while True:
        arns = [arn.removesuffix(":*") for arn in tagged(scene.aws)]
        missing = [name for name, live in wanted.items() if not _is_among(arns, live.arn, live.id)]
        waited = scene.clock.now() - began
        if not missing or waited > LISTED:
            break
        scene.clock.sleep(LOOK)
    listed = f"{len(wanted) - len(missing)} of {len(wanted)} after {waited:.0f} s"
    return judged(not missing, f"{listed}, without {', '.join(missing)}" if missing else listed)


@tried(
    "AWS's list of tagged things has nothing any more, after 15 minutes, of what was removed",
    Source.BELIEVED,
    "The guide says that it is eventually consistent, not how late",
    "provisioning/stack/leftovers.py",
    "provisioning/management/commands/teardown.py",
    when=When.GONE,
    seconds=120,
)
def what_is_gone_is_not_listed(scene: Scene) -> Verdict:
    if not scene.removed:
        raise CannotBeTried("Not all of it was removed")
    began = scene.clock.now()
    while True:
        arns, waited = leftovers(scene.config, scene.aws), scene.clock.now() - began
        if not arns or waited > UNLISTED:
            break
        scene.clock.sleep(LOOK)
    return judged(not arns, f"after {waited:.0f} s: {', '.join(arns) or 'nothing'}")


def _was_made(event: Event) -> bool:
    return isinstance(event, Finished) and event.action is Action.CREATE


def _is_refusal(event: Event) -> bool:
    return isinstance(event, Waiting) and event.word.startswith(
        ("InvalidParameterValueException", "InvalidRequestException", "InvalidInputException", "AccessDeniedException")
    )


def _is_among(arns: list[str], arn: str, id_: str) -> bool:
    return any(each == arn or (not arn and each.endswith(f"/{id_}")) for each in arns)


BELIEFS = (
    a_new_role_is_known_soon,
    a_missing_object_needs_list_bucket,
    what_carries_our_tags_is_listed,
    what_is_gone_is_not_listed,
    not_tried(
        "removal-needs-the-role",
        "Lambda removes its network interfaces in the name of the function's role, which so has to outlast them",
        Source.REPORTED,
        "https://github.com/hashicorp/terraform-provider-aws/issues/9495",
        "provisioning/stack/network.py",
        because="to try it is to leave something that can't be removed",
    ),
    not_tried(
        "what-was-made-is-seen-soon",
        "What EC2, IAM or S3 has just made is seen by its other calls within 60 s",
        Source.DOCUMENTED,
        "docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html, "
        "docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html; that 60 s will do is believed",
        "provisioning/resources/ec2/names.py",
        "provisioning/resources/ec2/groups.py",
        "provisioning/resources/iam.py",
        "provisioning/resources/s3.py",
        because="whether it is late is chance; a run that met it failed, and shows it",
    ),
    not_tried(
        "a-new-role-is-refused-in-known-words",
        'A role that is new is refused by Lambda with "cannot be assumed", "CreateNetworkInterface" or '
        '"access the ECR image", by CodeBuild with "sts:AssumeRole", by App Runner with a word on "assum…"',
        Source.REPORTED,
        "https://github.com/hashicorp/terraform/pull/15067, "
        "https://github.com/hashicorp/terraform-provider-aws/issues/44517, /4233 and /19484, "
        "https://github.com/aws-samples/bedrock-access-gateway/issues/127",
        "provisioning/resources/awslambda.py",
        "provisioning/resources/codebuild.py",
        "provisioning/resources/ecr.py",
        "provisioning/resources/apprunner/service.py",
        because="whether a role is late is chance; a run that met other words failed, and shows them",
    ),
)
