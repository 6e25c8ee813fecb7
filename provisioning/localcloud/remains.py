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
