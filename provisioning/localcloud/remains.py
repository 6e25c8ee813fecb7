"""What an account still holds, asked with plain boto3: a witness that knows nothing of how it was made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import boto3

QUESTIONS: dict[tuple[str, str], Callable[[Any], Iterable[str]]] = {
    ("s3", "bucket"): lambda s3: [each["Name"] for each in s3.list_buckets()["Buckets"]],
    ("ecr", "repository"): lambda ecr: [
        each["repositoryName"] for each in ecr.describe_repositories()["repositories"]
    ],
    ("iam", "role"): lambda iam: [
        each["RoleName"] for each in iam.list_roles()["Roles"] if "/aws-service-role/" not in each["Path"]
    ],
    ("ssm", "parameter"): lambda ssm: [each["Name"] for each in ssm.describe_parameters()["Parameters"]],
    ("secretsmanager", "secret"): lambda secrets: [each["Name"] for each in secrets.list_secrets()["SecretList"]],
    ("rds", "cluster"): lambda rds: [each["DBClusterIdentifier"] for each in rds.describe_db_clusters()["DBClusters"]],
    ("rds", "instance"): lambda rds: [
        each["DBInstanceIdentifier"] for each in rds.describe_db_instances()["DBInstances"]
    ],
    ("rds", "snapshot"): lambda rds: [
        each["DBClusterSnapshotIdentifier"]
        for each in rds.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
    ],
    ("ec2", "vpc"): lambda ec2: [each["VpcId"] for each in ec2.describe_vpcs()["Vpcs"] if not each["IsDefault"]],
    ("ec2", "subnet"): lambda ec2: [
        each["SubnetId"] for each in ec2.describe_subnets()["Subnets"] if not each["DefaultForAz"]
    ],
    ("ec2", "security group"): lambda ec2: [
        each["GroupName"]
        for each in ec2.describe_security_groups()["SecurityGroups"]
        if each["GroupName"] != "default"
    ],
    ("ec2", "vpc endpoint"): lambda ec2: [
        each["VpcEndpointId"] for each in ec2.describe_vpc_endpoints()["VpcEndpoints"] if each["State"] != "deleted"
    ],
    ("rds", "subnet group"): lambda rds: [
        each["DBSubnetGroupName"] for each in rds.describe_db_subnet_groups()["DBSubnetGroups"]
    ],
    ("lambda", "function"): lambda functions: [
        each["FunctionName"] for each in functions.list_functions()["Functions"]
    ],
    ("codebuild", "project"): lambda codebuild: codebuild.list_projects()["projects"],
    ("apprunner", "vpc connector"): lambda apprunner: [
        each["VpcConnectorName"]
        for each in apprunner.list_vpc_connectors()["VpcConnectors"]
        if each["Status"] == "ACTIVE"
    ],
    ("logs", "log group"): lambda logs: [each["logGroupName"] for each in logs.describe_log_groups()["logGroups"]],
    ("apprunner", "service"): lambda apprunner: [
        each["ServiceName"]
        for each in apprunner.list_services()["ServiceSummaryList"]
        if each["Status"] != "DELETED"  # it stays listed for a while
    ],
    ("apprunner", "autoscaling configuration"): lambda apprunner: [
        each["AutoScalingConfigurationArn"]
        for each in apprunner.list_auto_scaling_configurations()["AutoScalingConfigurationSummaryList"]
        if not each["AutoScalingConfigurationName"].startswith("DefaultConfiguration")  # AWS's own
    ],
}


def remains() -> list[str]:
    """Each thing that is there, as `bucket scale0-dev-123456789012`; boto3's environment says where."""
    return [f"{noun} {name}" for (service, noun), ask in QUESTIONS.items() for name in ask(boto3.client(service))]
