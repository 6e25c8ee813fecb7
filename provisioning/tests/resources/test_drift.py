"""What somebody changed by hand is seen by the plan and put right by the next run, and nothing else is touched."""

import json

import pytest

from provisioning.engine.events import Finished
from provisioning.engine.graph import Graph
from provisioning.engine.plan import Action, plan

OPEN = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def open_the_bucket(env, bucket):
    env.client("s3").delete_public_access_block(Bucket=bucket.name)


def allow_plain_http(env, bucket):
    env.client("s3").delete_bucket_policy(Bucket=bucket.name)


def stop_scanning(env, repository):
    off = {"scanOnPush": False}
    env.client("ecr").put_image_scanning_configuration(repositoryName=repository.name, imageScanningConfiguration=off)


def allow_everything(env, role):
    env.client("iam").put_role_policy(RoleName=role.name, PolicyName="site", PolicyDocument=OPEN)


def let_somebody_else_in(env, role):
    trust = json.loads(OPEN)["Statement"][0] | {"Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    trust.pop("Resource")
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    env.client("iam").update_assume_role_policy(RoleName=role.name, PolicyDocument=document)


def add_rights(env, role):
    env.client("iam").put_role_policy(RoleName=role.name, PolicyName="by-hand", PolicyDocument=OPEN)
    policy = env.client("iam").create_policy(PolicyName=f"{role.name}-by-hand", PolicyDocument=OPEN)["Policy"]["Arn"]
    env.client("iam").attach_role_policy(RoleName=role.name, PolicyArn=policy)


def never_sleep(env, cluster):
    scaling = {"MinCapacity": 0.5, "MaxCapacity": 16}
    env.client("rds").modify_db_cluster(
        DBClusterIdentifier=cluster.name, ServerlessV2ScalingConfiguration=scaling, ApplyImmediately=True
    )


def grow(env, service):
    arn = service.find(env.aws).arn
    env.client("apprunner").update_service(ServiceArn=arn, InstanceConfiguration={"Cpu": "1 vCPU", "Memory": "2 GB"})


def pause(env, service):
    env.client("apprunner").pause_service(ServiceArn=service.find(env.aws).arn)


@pytest.mark.parametrize(
    ("kind", "by_hand", "value"),
    [
        ("Bucket", open_the_bucket, "public_access"),
        ("Bucket", allow_plain_http, "policy"),
        ("Repository", stop_scanning, "scan_on_push"),
        ("Role", allow_everything, "policy"),
        ("Role", let_somebody_else_in, "trust"),
        ("Role", add_rights, "others"),
        ("Cluster", never_sleep, "scaling"),
        ("Service", grow, "cpu"),
        ("Service", pause, "paused"),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_a_change_by_hand_is_put_right(environment, kind, by_hand, value):
    env = environment(by_hand.__name__.replace("_", "-")[:20])
    each = env.the(kind, "-site" if kind == "Role" else "")
    env.apply(each)
    by_hand(env, each)
    settle(env, each)

    (step,) = [step for step in plan(Graph(each), env.aws).steps if step.action is not Action.KEEP]
    assert (step.resource, step.action) == (each, Action.UPDATE)
    assert value in step.changes

    (done,) = [event for event in env.apply(each) if isinstance(event, Finished)]
    assert done.resource == each
    assert plan(Graph(each), env.aws).empty


def settle(env, each):
    """Until AWS has carried out what was asked of it by hand."""
    env_plan = plan(Graph(each), env.aws)
    while env_plan.having(Action.WAIT):
        env_plan = plan(Graph(each), env.aws)
