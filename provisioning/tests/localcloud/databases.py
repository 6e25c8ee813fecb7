"""Clusters with as little as it takes, and what a client of them does."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import psycopg2
import pytest
from botocore.exceptions import ClientError

from .conftest import REGION, Aws, wait_for

SCALING = {"MinCapacity": 0, "MaxCapacity": 4}
WAKEFUL = {**SCALING, "SecondsUntilAutoPause": 86_400}


class Databases:
    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.api = aws.client("rds")
        self.secrets = aws.client("secretsmanager")

    def create(self, name: str, **more: Any) -> dict[str, Any]:
        wanted = {
            "DBClusterIdentifier": name,
            "Engine": "aurora-postgresql",
            "MasterUsername": "captain",
            "ManageMasterUserPassword": True,
            "DatabaseName": "site",
            "ServerlessV2ScalingConfiguration": SCALING,
            **more,
        }
        return self.api.create_db_cluster(**{k: v for k, v in wanted.items() if v is not None})["DBCluster"]

    def create_instance(self, cluster: str, name: str, **more: Any) -> dict[str, Any]:
        wanted = {"DBInstanceClass": "db.serverless", "Engine": "aurora-postgresql", **more}
        return self.api.create_db_instance(DBClusterIdentifier=cluster, DBInstanceIdentifier=name, **wanted)

    def describe(self, name: str) -> dict[str, Any]:
        return self.api.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]

    def wait(self, name: str, status: str = "available") -> None:
        wait_for(lambda: self.describe(name)["Status"], status)

    def wait_for_instance(self, name: str, status: str = "available") -> None:
        def look() -> str:
            return self.api.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]["DBInstanceStatus"]

        wait_for(look, status)

    def wait_until_gone(self, name: str) -> None:
        def gone() -> bool:
            try:
                self.describe(name)
            except self.api.exceptions.DBClusterNotFoundFault:
                return True
            return False

        wait_for(gone)

    def serve(self, name: str, **more: Any) -> str:
        """A cluster with an instance that answers; it pauses only when told to, unless asked otherwise."""
        self.create(name, **{"ServerlessV2ScalingConfiguration": WAKEFUL, **more})
        self.wait(name)
        self.create_instance(name, f"{name}-1")
        self.wait_for_instance(f"{name}-1")
        return name

    def login(self, name: str) -> dict[str, str]:
        arn = self.describe(name)["MasterUserSecret"]["SecretArn"]
        return json.loads(self.secrets.get_secret_value(SecretId=arn)["SecretString"])


def connect(databases: Databases, name: str, password: str | None = None, user: str | None = None) -> Any:
    cluster, login = databases.describe(name), databases.login(name)
    return psycopg2.connect(
        host=cluster["Endpoint"],
        port=cluster["Port"],
        user=user or login["username"],
        password=password or login["password"],
        dbname=cluster["DatabaseName"],
        connect_timeout=10,
    )


def sign_token(databases: Databases, name: str, keys: dict[str, str] | None = None, **other: Any) -> str:
    """For the user `site`; boto3 signs it without asking anybody."""
    cluster, keys = databases.describe(name), keys or databases.aws.cloud.environment
    client = boto3.client(
        "rds",
        region_name=REGION,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=keys.get("AWS_SESSION_TOKEN"),
    )
    wanted = {"DBHostname": cluster["Endpoint"], "Port": cluster["Port"], "DBUsername": "site", **other}
    return client.generate_db_auth_token(**wanted)


def refused(call: Callable[[], Any], code: str, match: str | None = None) -> None:
    with pytest.raises(ClientError, match=match) as error:
        call()
    assert error.value.response["Error"]["Code"] == code
