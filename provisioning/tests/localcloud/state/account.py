"""What an account holds, as its own calls tell it: to be the same before a stop and after a start."""

from collections.abc import Callable, Iterator
from typing import Any

from .process import Local

# What goes on by itself.
FLOWS = ("EarliestRestorableTime", "LatestRestorableTime", "storedBytes")

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "ec2 describe_vpcs": ("Vpcs", {}),
    "ec2 describe_subnets": ("Subnets", {}),
    "ec2 describe_security_groups": ("SecurityGroups", {}),
    "ec2 describe_network_interfaces": ("NetworkInterfaces", {}),
    "ec2 describe_vpc_endpoints": ("VpcEndpoints", {}),
    "s3 list_buckets": ("Buckets", {}),
    "ecr describe_repositories": ("repositories", {}),
    "iam list_roles": ("Roles", {}),
    "ssm describe_parameters": ("Parameters", {}),
    "secretsmanager list_secrets": ("SecretList", {}),
    "rds describe_db_clusters": ("DBClusters", {}),
    "rds describe_db_instances": ("DBInstances", {}),
    "rds describe_db_subnet_groups": ("DBSubnetGroups", {}),
    "apprunner list_services": ("ServiceSummaryList", {}),
    "apprunner list_vpc_connectors": ("VpcConnectors", {}),
    "apprunner list_auto_scaling_configurations": ("AutoScalingConfigurationSummaryList", {}),
    "lambda list_functions": ("Functions", {}),
    "codebuild list_projects": ("projects", {}),
    "codebuild list_builds": ("ids", {}),
    "logs describe_log_groups": ("logGroups", {}),
    "resourcegroupstaggingapi get_resources": ("ResourceTagMappingList", {}),
}


def holds(local: Local) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for call, (key, arguments) in CALLS.items():
        service, _, operation = call.partition(" ")
        ask: Callable[..., Any] = getattr(local.client(service), operation)
        found[call] = [still(each) for each in ask(**arguments)[key]]
    return found | dict(details(local))


def still(found: Any) -> Any:
    return {key: value for key, value in found.items() if key not in FLOWS} if isinstance(found, dict) else found


def details(local: Local) -> Iterator[tuple[str, Any]]:
    s3, ecr, iam, secrets = (local.client(name) for name in ("s3", "ecr", "iam", "secretsmanager"))
    for bucket in s3.list_buckets()["Buckets"]:
        for entry in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", []):
            found = s3.get_object(Bucket=bucket["Name"], Key=entry["Key"])
            yield entry["Key"], (found["Body"].read(), found["ETag"], found["ContentType"])
    for repository in ecr.describe_repositories()["repositories"]:
        name = repository["repositoryName"]
        yield name, ecr.describe_images(repositoryName=name)["imageDetails"]
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            yield f"{name} {policy}", iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    for secret in secrets.list_secrets()["SecretList"]:
        yield secret["ARN"], secrets.get_secret_value(SecretId=secret["ARN"])["SecretString"]
