"""What somebody changed by hand is seen by the plan and put right by the next run, and nothing else is touched."""

import json

import pytest

from provisioning.engine.events import Finished
from provisioning.engine.graph import Graph
from provisioning.engine.plan import Action, plan

ENDINGS = {"Role": "-site", "SecurityGroup": "-database", "LogGroup": "-operations"}
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


def let_everybody_in(env, group):
    env.client("ec2").authorize_security_group_ingress(
        GroupId=group.find(env.aws).id, IpProtocol="tcp", FromPort=5432, ToPort=5432, CidrIp="0.0.0.0/0"
    )


def take_a_subnet_away(env, table):
    found = env.client("ec2").describe_route_tables(RouteTableIds=[table.find(env.aws).id])["RouteTables"][0]
    association = found["Associations"][0]["RouteTableAssociationId"]
    env.client("ec2").disassociate_route_table(AssociationId=association)


def close_the_way_to_s3(env, endpoint):
    live = endpoint.find(env.aws)
    env.client("ec2").modify_vpc_endpoint(VpcEndpointId=live.id, RemoveRouteTableIds=live.values["route_tables"])


def keep_logs_for_ever(env, group):
    env.client("logs").delete_retention_policy(logGroupName=group.name)


def let_images_pile_up(env, repository):
    env.client("ecr").delete_lifecycle_policy(repositoryName=repository.name)


def take_the_database_away(env, policy):
    name = policy.role.name
    env.client("iam").put_role_policy(RoleName=name, PolicyName=policy.name, PolicyDocument=OPEN)


def shorten(env, function):
    env.client("lambda").update_function_configuration(FunctionName=function.name, Timeout=3)


def call_again(env, function):
    env.client("lambda").delete_function_event_invoke_config(FunctionName=function.name)


def forget_the_user(env, user):
    env.client("rds").remove_tags_from_resource(ResourceName=user.find(env.aws).arn, TagKeys=["scale0:database-user"])


def build_without_docker(env, project):
    environment = env.client("codebuild").batch_get_projects(names=[project.name])["projects"][0]["environment"]
    env.client("codebuild").update_project(name=project.name, environment={**environment, "privilegedMode": False})


@pytest.mark.parametrize(
    ("kind", "by_hand", "value"),
    [
        ("SecurityGroup", let_everybody_in, "lets_in"),
        ("RouteTable", take_a_subnet_away, "subnets"),
        ("VpcEndpoint", close_the_way_to_s3, "route_tables"),
        ("LogGroup", keep_logs_for_ever, "days"),
        ("Repository", let_images_pile_up, "lifecycle"),
        ("RolePolicy", take_the_database_away, "policy"),
        ("Function", shorten, "timeout"),
        ("Function", call_again, "retries"),
        ("Project", build_without_docker, "privileged"),
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
def test_a_change_by_hand_is_put_right(standing, kind, by_hand, value):
    env = standing
    each = env.the(kind, ENDINGS.get(kind, ""))
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


def test_a_user_whom_nothing_tells_of_is_made_again(standing):
    env = standing
    user = env.the("User")
    env.apply(user)
    forget_the_user(env, user)
    assert plan(Graph(user), env.aws).steps[-1].action is Action.CREATE
    env.apply(user)
    assert plan(Graph(user), env.aws).empty
