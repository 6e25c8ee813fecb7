"""The one instance of the database's cluster."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from ...aws import Aws, absent
from ...engine.resource import Live, Lives, Resource, Values, resource
from ...pricing import HOURS, Meter, Usage
from .cluster import Cluster
from .states import BUSY, ENGINE, state


@resource
class Instance(Resource):
    """The cluster's one writer, of the class that scales by itself."""

    service: ClassVar[str] = "rds"
    fixed: ClassVar[frozenset[str]] = frozenset({"cluster"})
    keeps_data: ClassVar[bool] = True  # without it nobody reaches the cluster's data
    retries: ClassVar = BUSY
    patience: ClassVar[int] = 2400
    usual: ClassVar[int] = 300
    name_limit: ClassVar[int] = 63

    cluster: Cluster

    def find(self, aws: Aws) -> Live | None:
        with absent("DBInstanceNotFound", "DBInstanceNotFoundFault"):
            found = aws.client("rds").describe_db_instances(DBInstanceIdentifier=self.name)["DBInstances"][0]
            return Live(
                id=found["DBInstanceIdentifier"],
                arn=found["DBInstanceArn"],
                values={
                    "class": found["DBInstanceClass"],
                    "cluster": found.get("DBClusterIdentifier"),
                    "public": found.get("PubliclyAccessible"),
                },
                state=state(found["DBInstanceStatus"]),
                word=found["DBInstanceStatus"],
                ours=aws.owns(found.get("TagList", [])),
            )
        return None

    def wanted(self, lives: Lives) -> Values:
        return {"class": "db.serverless", "cluster": self.cluster.name, "public": False}

    def create(self, aws: Aws, wanted: Values) -> None:
        aws.client("rds").create_db_instance(
            DBInstanceIdentifier=self.name,
            DBClusterIdentifier=wanted["cluster"],
            DBInstanceClass=wanted["class"],
            Engine=ENGINE,
            PubliclyAccessible=wanted["public"],
            Tags=aws.tag_list(),
        )

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        settings = {"DBInstanceClass": changes.get("class"), "PubliclyAccessible": changes.get("public")}
        aws.client("rds").modify_db_instance(
            DBInstanceIdentifier=self.name,
            ApplyImmediately=True,
            **{key: value for key, value in settings.items() if value is not None},
        )

    def delete(self, aws: Aws, live: Live) -> None:
        with absent("DBInstanceNotFound", "DBInstanceNotFoundFault"):
            aws.client("rds").delete_db_instance(DBInstanceIdentifier=self.name, SkipFinalSnapshot=True)

    def meters(self, usage: Usage) -> Iterable[Meter]:
        # Awake it takes half a unit at least, and at rest its minimum.
        least = self.cluster.min_capacity
        yield Meter("Aurora capacity unit-hour", least * (HOURS - usage.hours) + max(least, 0.5) * usage.hours)
