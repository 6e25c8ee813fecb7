"""The database from outside its network: RDS's Data API, signed in as its master user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from .aws import Aws
from .engine.resource import Live, Retry

RESUMING = ("DatabaseResumingException", "DatabaseUnavailableException", "StatementTimeoutException")
"""What it answers while the database comes up: it asks to be called again."""
WAKING = (  # seconds
    *(Retry(each, at_most=300) for each in RESUMING),
    Retry("HttpEndpointNotEnabledException", at_most=120),  # a new cluster's is on, and says so some time later
)


class DataApi:
    """The way into one cluster's database. Each call wakes it; errors are boto3's own."""

    def __init__(self, aws: Aws, cluster: Live) -> None:
        self._client = aws.client("rds-data")
        self._where = {
            "resourceArn": cluster.arn,
            "secretArn": cluster.values["secret_arn"],
            "database": cluster.values["database"],
        }

    def execute(self, statement: str, transaction: str = "") -> dict[str, Any]:
        more = {"transactionId": transaction} if transaction else {}
        return self._client.execute_statement(**self._where, **more, sql=statement)

    @contextmanager
    def transaction(self) -> Iterator[str]:
        """All that is executed with the id that it gives, or nothing of it."""
        there = {key: self._where[key] for key in ("resourceArn", "secretArn")}
        transaction = self._client.begin_transaction(**self._where)["transactionId"]
        try:
            yield transaction
        except (ClientError, BotoCoreError):
            # RDS does it by itself after three minutes; what went wrong first is what counts.
            with suppress(ClientError, BotoCoreError):
                self._client.rollback_transaction(**there, transactionId=transaction)
            raise
        self._client.commit_transaction(**there, transactionId=transaction)
