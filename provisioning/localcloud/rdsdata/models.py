"""The Data API's operations: who calls, whether the cluster answers, and what PostgreSQL says."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg2
from moto.rds.models import rds_backends
from moto.rdsdata.models import RDSDataServiceBackend
from moto.secretsmanager.exceptions import ClientError, SecretNotFoundException
from moto.secretsmanager.models import secretsmanager_backends

from ..bearer import Bearer
from ..ground import ground
from ..ports import LOOPBACK
from ..rds.cluster import Cluster
from . import errors, fields
from .sql import Parameters, render
from .transactions import Transaction, Transactions

# AWS documents 45 seconds for a statement.
OPTIONS = "-c TimeZone=UTC -c statement_timeout={}"
STATEMENT_TIMEOUT = 45_000  # milliseconds
# Where none is named: believed. The cluster's own database has to be.
USUAL_DATABASE = "postgres"

Request = Mapping[str, Any]


class DataBackend(RDSDataServiceBackend):
    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.transactions = Transactions()

    def execute(self, request: Request, bearer: Bearer) -> dict[str, Any]:
        with self._session(request, bearer, "ExecuteStatement") as connection, connection.cursor() as cursor:
            run(cursor, request["sql"], request.get("parameters", []))
            if cursor.description is None:
                return {"numberOfRecordsUpdated": updated(cursor), "generatedFields": []}
            found = fields.records(cursor, request.get("resultSetOptions", {}))
            if request.get("formatRecordsAs") == "JSON":
                names = [column.name for column in cursor.description]
                return {"numberOfRecordsUpdated": 0, "formattedRecords": fields.as_json(names, found)}
            answer = {"numberOfRecordsUpdated": updated(cursor), "generatedFields": [], "records": found}
            if request.get("includeResultMetadata"):
                answer["columnMetadata"] = fields.metadata(cursor)
            return answer

    def execute_batch(self, request: Request, bearer: Bearer) -> dict[str, Any]:
        sets = request.get("parameterSets") or [[]]
        with self._session(request, bearer, "BatchExecuteStatement") as connection, connection.cursor() as cursor:
            for parameters in sets:
                run(cursor, request["sql"], parameters)
        return {"updateResults": [{"generatedFields": []} for _ in sets]}

    def begin(self, request: Request, bearer: Bearer) -> dict[str, Any]:
        cluster = self._cluster(request, bearer, "BeginTransaction")
        secret = self._secret(request, bearer)
        database = request.get("database") or USUAL_DATABASE
        with unlocked():
            connection = sign_in(cluster, secret, database, STATEMENT_TIMEOUT)
        connection.autocommit = False
        transaction = Transaction(cluster.arn, database, connection)
        self.transactions.add(transaction)
        return {"transactionId": transaction.id}

    def end(self, request: Request, bearer: Bearer, commit: bool) -> dict[str, Any]:
        action = "CommitTransaction" if commit else "RollbackTransaction"
        # A session keeps the database awake: here is nothing to resume.
        cluster = self._cluster(request, bearer, action)
        self._secret(request, bearer)
        transaction = self.transactions.find(request["transactionId"], cluster.arn)
        with transaction, unlocked(), complaints():
            if commit:
                transaction.connection.commit()
            else:
                transaction.connection.rollback()
        self.transactions.remove(transaction)
        return {"transactionStatus": "Transaction Committed" if commit else "Rollback Complete"}

    @contextlib.contextmanager
    def _session(self, request: Request, bearer: Bearer, action: str) -> Iterator[Any]:
        cluster = self._cluster(request, bearer, action)
        secret = self._secret(request, bearer)
        if name := request.get("transactionId"):
            transaction = self.transactions.find(name, cluster.arn)
            if request.get("database") not in (None, "", transaction.database):
                raise errors.BadRequest("Database name is not the same as transaction's")  # believed
            with transaction, unlocked(), complaints():
                yield transaction.connection
            return
        timeout = 0 if request.get("continueAfterTimeout") else STATEMENT_TIMEOUT
        with unlocked():
            connection = sign_in(cluster, secret, request.get("database") or USUAL_DATABASE, timeout)
            # All of a batch or nothing; a single statement may be one that no transaction takes.
            connection.autocommit = action == "ExecuteStatement"
            with contextlib.closing(connection), complaints():
                yield connection
                connection.commit()

    def _cluster(self, request: Request, bearer: Bearer, action: str) -> Cluster:
        """One that answers now. Raises what speaks against it, in words of botocore's model or of reports."""
        arn = request["resourceArn"]
        if not bearer.may(f"rds-data:{action}", arn):
            raise errors.AccessDenied(
                f"User: {bearer.arn} is not authorized to perform: rds-data:{action} on resource: {arn}"
            )
        if request.get("schema"):
            raise errors.Validation("The schema parameter isn't supported")
        clusters = rds_backends[self.account_id][self.region_name].clusters.values()
        cluster = next((each for each in clusters if each.arn == arn and isinstance(each, Cluster)), None)
        if cluster is None or not cluster.http_endpoint:
            raise errors.HttpEndpointNotEnabled(f"HttpEndpoint is not enabled for resource {arn}")
        if not cluster.members:
            raise errors.DatabaseNotFound("The DB cluster doesn't have a DB instance.")
        if cluster.status in ("stopping", "stopped", "starting"):
            raise errors.InvalidResourceState(f"The DB cluster {arn} is {cluster.status}.")  # believed
        if not cluster.serves:
            raise errors.DatabaseUnavailable("")
        if not cluster.pause.wake():
            raise errors.DatabaseResuming(
                f"The Aurora DB instance {cluster.members[0].dbi_resource_id} is resuming after being auto-paused. "
                "Please wait a few seconds and try again."
            )
        return cluster

    def _secret(self, request: Request, bearer: Bearer) -> dict[str, str]:
        arn = request["secretArn"]
        if not bearer.may("secretsmanager:GetSecretValue", arn):
            raise errors.Forbidden(
                f"User: {bearer.arn} is not authorized to perform: secretsmanager:GetSecretValue on resource: {arn}"
            )
        try:
            text = secretsmanager_backends[self.account_id][self.region_name].get_secret_value(arn, "", "")
            content = json.loads(text["SecretString"])
            return {"user": content["username"], "password": content["password"]}
        except (SecretNotFoundException, ClientError) as error:
            raise errors.SecretsError(f"Error fetching secret for ARN {arn}: {error.message}") from None
        except (KeyError, TypeError, ValueError):
            raise errors.InvalidSecret(f"Secret {arn} holds no username and password.") from None


def sign_in(cluster: Cluster, secret: Mapping[str, str], database: str, timeout: int) -> Any:
    """By the endpoint and with the password, like everybody else."""
    try:
        connection = psycopg2.connect(
            host=LOOPBACK,
            port=cluster.port,
            dbname=database,
            options=OPTIONS.format(timeout),
            connect_timeout=10,
            **secret,
        )
    except psycopg2.OperationalError as error:
        raise errors.of_sign_in(error) from None
    fields.prepare(connection)
    return connection


def run(cursor: Any, statement: str, parameters: Parameters) -> None:
    cursor.execute(render(statement, parameters, cursor.connection))


def updated(cursor: Any) -> int:
    """PostgreSQL counts what a SELECT returns too."""
    verb = str(cursor.statusmessage).split(" ")[0]
    return int(cursor.rowcount) if verb in ("INSERT", "UPDATE", "DELETE", "MERGE") else 0


@contextlib.contextmanager
def complaints() -> Iterator[None]:
    try:
        yield
    except psycopg2.Error as error:
        raise errors.of_statement(error) from None


@contextlib.contextmanager
def unlocked() -> Iterator[None]:
    """A statement may take long, or wait for one that comes in another call: moto answers others meanwhile."""
    ground().lock.release()
    try:
        yield
    finally:
        ground().lock.acquire()
