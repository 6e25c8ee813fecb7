"""The database's own users, made through RDS's Data API by its master."""

from __future__ import annotations

import hashlib
from typing import ClassVar

from ..aws import Aws
from ..dataapi import WAKING, DataApi
from ..engine.resource import Live, Lives, Resource, Retry, Values, resource
from .rds import Cluster, Instance

TAG = "scale0:database-user"


@resource
class User(Resource):
    """A user of the database who signs in by IAM token, and so has no password.

    Made in this order: the role, its rights on the schema, its settings, `rds_iam` last, since from then on no
    password lets it in. The master must not become one who can use it, or RDS would want a token from the master
    too: `createrole_self_grant` is what gives a role's creator its use. That RDS does not mind the bare right to
    administer it, which PostgreSQL 16 gives in any case, is believed; the SELECT 1 at the end shows it.

    A tag on the cluster holds a hash of the statements, so that looking for it wakes nothing.
    """

    service: ClassVar[str] = "rds-data"
    within: ClassVar[bool] = True  # the database
    retries: ClassVar = (
        *WAKING,
        # Its end may take effect and the answer be lost: boto3 then ends it once more. The whole may be done twice.
        Retry("TransactionNotFoundException", at_most=120),
    )
    patience: ClassVar[int] = 600
    usual: ClassVar[int] = 5
    name_limit: ClassVar[int] = 63

    user: str
    cluster: Cluster
    writer: Instance

    def find(self, aws: Aws) -> Live | None:
        parent = self.cluster.find(aws)
        told = parent.values["tags"].get(TAG) if parent else None
        if not (parent and told):
            return None
        return Live(id=self.user, arn=parent.arn, values={"statements": told}, ours=parent.ours, why=parent.why)

    def wanted(self, lives: Lives) -> Values:
        return {"statements": _hash(self._statements)}

    def create(self, aws: Aws, wanted: Values) -> None:
        parent = self.cluster.find(aws)
        assert parent is not None  # it is needed, so it came first
        door = DataApi(aws, parent)
        with door.transaction() as transaction:
            for statement in self._statements:
                door.execute(statement, transaction)
        door.execute("SELECT 1")  # the master still gets in by password
        aws.client("rds").add_tags_to_resource(
            ResourceName=parent.arn, Tags=[{"Key": TAG, "Value": wanted["statements"]}]
        )

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        self.create(aws, changes)

    @property
    def _statements(self) -> tuple[str, ...]:
        user = self.user
        return (
            # The setting is PostgreSQL 16's, and so is what it prevents.
            "DO $$ BEGIN IF CAST(current_setting('server_version_num') AS int) >= 160000 "
            "THEN SET LOCAL createrole_self_grant = ''; END IF; END $$",
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{user}') "
            f'THEN CREATE ROLE "{user}" LOGIN; END IF; END $$',
            f'GRANT USAGE, CREATE ON SCHEMA public TO "{user}"',
            # A transaction that somebody forgot would keep the database awake.
            f"ALTER ROLE \"{user}\" SET idle_in_transaction_session_timeout = '5min'",
            f'GRANT rds_iam TO "{user}"',
        )


def _hash(statements: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()[:16]
