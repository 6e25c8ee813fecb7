"""The Data API, on a real PostgreSQL."""

import json
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from provisioning.localcloud.rdsdata import models, transactions

from .conftest import REGION, Aws, make_role, wait_for
from .databases import Databases, connect, refused, sign_token

NAME = "spoken"


@pytest.fixture(scope="module")
def databases(aws: Aws) -> Databases:
    made = Databases(aws)
    made.serve(NAME, EnableHttpEndpoint=True)
    return made


class DataApi:
    """Of one cluster, as its master."""

    def __init__(self, databases: Databases, name: str = NAME, credentials: dict[str, str] | None = None) -> None:
        cluster = databases.describe(name)
        keys = databases.aws.cloud.environment | (credentials or {})
        self.client = boto3.client(
            "rds-data",
            region_name=REGION,
            endpoint_url=databases.aws.cloud.endpoint,
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=keys.get("AWS_SESSION_TOKEN"),
            config=Config(retries={"total_max_attempts": 1}),
        )
        self.cluster = cluster["DBClusterArn"]
        self.secret = cluster["MasterUserSecret"]["SecretArn"]
        self.where = {"resourceArn": self.cluster, "secretArn": self.secret}

    def execute(self, sql: str, parameters: Any = (), **more: Any) -> dict[str, Any]:
        wanted = {**self.where, "database": "site", "parameters": list(parameters), **more}
        return self.client.execute_statement(sql=sql, **wanted)

    def row(self, sql: str, parameters: Any = (), **more: Any) -> list[dict[str, Any]]:
        [row] = self.execute(sql, parameters, **more)["records"]
        return row

    def begin(self, **more: Any) -> str:
        return self.client.begin_transaction(**{**self.where, "database": "site", **more})["transactionId"]


@pytest.fixture(scope="module")
def data(databases: Databases) -> DataApi:
    return DataApi(databases)


def parameter(name: str, hint: str | None = None, **value: Any) -> dict[str, Any]:
    found = {"name": name, "value": value}
    return found if hint is None else {**found, "typeHint": hint}


def test_values_come_back_under_the_names_of_their_types(data: DataApi) -> None:
    """botocore's model: Field. AWS documents: decimals are strings, arrays are arrayValues."""
    assert data.row(
        "SELECT 1, 1.5::float8, 'x', true, NULL, 1.50, '\\x00ff'::bytea, ARRAY[1, 2], ARRAY['a', NULL]"
    ) == [
        {"longValue": 1},
        {"doubleValue": 1.5},
        {"stringValue": "x"},
        {"booleanValue": True},
        {"isNull": True},
        {"stringValue": "1.50"},
        {"blobValue": b"\x00\xff"},
        {"arrayValue": {"longValues": [1, 2]}},
        {"arrayValue": {"stringValues": ["a", None]}},
    ]
    times = "SELECT '2026-01-02'::date, '2026-01-02 03:04:05.678'::timestamp, '2026-01-02T03:04:05+01'::timestamptz"
    assert [each["stringValue"] for each in data.row(times)] == [
        "2026-01-02",
        "2026-01-02 03:04:05.678",
        "2026-01-02 02:04:05",
    ]
    written = data.row("""SELECT '{"a": 1}'::jsonb, '5f7c3d1e-0000-4000-8000-000000000000'::uuid""")
    assert [each["stringValue"] for each in written] == ['{"a": 1}', "5f7c3d1e-0000-4000-8000-000000000000"]
    options = {"decimalReturnType": "DOUBLE_OR_LONG", "longReturnType": "STRING"}
    assert data.row("SELECT 1.50, 7", resultSetOptions=options) == [{"doubleValue": 1.5}, {"stringValue": "7"}]


def test_parameters_have_names_and_types(data: DataApi) -> None:
    """AWS documents: :name, and a type hint where a string is none."""
    asked = [
        parameter("s", stringValue="O'Reilly \\ :n %s"),
        parameter("n", longValue=-5),
        parameter("b", booleanValue=False),
        parameter("d", doubleValue=2.5),
        parameter("nothing", isNull=True),
        parameter("blob", blobValue=b"\x01'"),
        parameter("when", "TIMESTAMP", stringValue="2026-01-02 03:04:05"),
        parameter("day", "DATE", stringValue="2026-01-02"),
        parameter("id", "UUID", stringValue="5f7c3d1e-0000-4000-8000-000000000000"),
        parameter("j", "JSON", stringValue='{"a": [1]}'),
        parameter("money", "DECIMAL", stringValue="1.10"),
    ]
    row = data.row(
        "SELECT :s, :n, :b, :d, :nothing, :blob, :when, :day, :id, :j->'a', :money, pg_typeof(:when)::text", asked
    )
    assert [next(iter(each.values())) for each in row] == [
        "O'Reilly \\ :n %s",
        -5,
        False,
        2.5,
        True,
        b"\x01'",
        "2026-01-02 03:04:05",
        "2026-01-02",
        "5f7c3d1e-0000-4000-8000-000000000000",
        "[1]",
        "1.10",
        "timestamp without time zone",
    ]


def test_a_colon_or_a_percent_sign_is_not_always_a_parameter(data: DataApi) -> None:
    """PostgreSQL's grammar; that a parameter is not looked for there is believed. The refusal is from reports."""
    asked = [parameter("n", longValue=7)]
    tricky = """SELECT ':n', E'\\':n', $a$ :n ; $a$, ":n", :n::text, '7%' LIKE '%%', 7 % 4 /* :n; */ -- :n
        FROM (SELECT 1 AS ":n") AS t;  -- :x
    """
    row = data.row(tricky, asked)
    assert [next(iter(each.values())) for each in row] == [":n", "':n", " :n ; ", 1, "7", True, 3]
    with pytest.raises(ClientError, match="Cannot find parameter: missing"):  # seen in reports
        data.execute("SELECT :missing", asked)


def test_a_string_does_not_become_another_type_by_itself(data: DataApi) -> None:
    """Seen in reports: "column … is of type uuid but expression is of type character varying"."""
    data.execute("CREATE TABLE typed (id uuid)")
    call = [parameter("id", stringValue="5f7c3d1e-0000-4000-8000-000000000000")]
    refused(
        lambda: data.execute("INSERT INTO typed VALUES (:id)", call),
        "DatabaseErrorException",
        r'ERROR: column "id" is of type uuid but expression is of type character varying; Hint: .*SQLState: 42804',
    )


def test_results_tell_what_changed_and_on_request_their_columns(data: DataApi) -> None:
    """botocore's model; AWS documents: for PostgreSQL, generatedFields is empty."""
    assert data.execute("CREATE TABLE counted (n int, t text)")["numberOfRecordsUpdated"] == 0
    inserted = data.execute("INSERT INTO counted VALUES (1, 'a'), (2, NULL)")
    assert (inserted["numberOfRecordsUpdated"], inserted["generatedFields"]) == (2, [])
    assert "records" not in inserted
    assert data.execute("UPDATE counted SET n = 3 WHERE n = 2 RETURNING n")["records"] == [[{"longValue": 3}]]
    shown = data.execute("SELECT n AS number, t FROM counted", includeResultMetadata=True)
    assert shown["numberOfRecordsUpdated"] == 0
    assert [(each["label"], each["typeName"], each["type"]) for each in shown["columnMetadata"]] == [
        ("number", "int4", 4),
        ("t", "text", 12),
    ]
    formatted = data.execute("SELECT * FROM counted ORDER BY n", formatRecordsAs="JSON")
    assert json.loads(formatted["formattedRecords"]) == [{"n": 1, "t": "a"}, {"n": 3, "t": None}]
    assert "records" not in formatted


def test_a_batch_is_all_or_nothing(data: DataApi) -> None:
    """AWS documents: outside of a transaction, a batch is one; each set of parameters has a result."""
    data.execute("CREATE TABLE batched (n int PRIMARY KEY)")
    batch = data.client.batch_execute_statement
    wanted = {**data.where, "database": "site", "sql": "INSERT INTO batched VALUES (:n)"}
    sets = [[parameter("n", longValue=n)] for n in (1, 2)]
    assert batch(**wanted, parameterSets=sets)["updateResults"] == [{"generatedFields": []}] * 2
    more = [[parameter("n", longValue=n)] for n in (3, 1)]
    refused(lambda: batch(**wanted, parameterSets=more), "DatabaseErrorException", "duplicate key.*SQLState: 23505")
    assert data.row("SELECT count(*) FROM batched") == [{"longValue": 2}]


def test_errors_are_postgresqls_own_with_their_sql_state(data: DataApi) -> None:
    """Seen in reports: DatabaseErrorException on Serverless v2 (v1 said BadRequestException), and the form."""
    refused(
        lambda: data.execute("SELEC 1"),
        "DatabaseErrorException",
        'ERROR: syntax error at or near "SELEC"; Position: 1; SQLState: 42601',
    )
    refused(
        lambda: data.execute("SELECT 1", database="nowhere"),
        "DatabaseErrorException",
        'FATAL: database "nowhere" does not exist; SQLState: 3D000',
    )
    refused(
        lambda: data.execute("SELECT '(1,2)'::point"),
        "UnsupportedResultException",
        "The result contains the unsupported data type point",  # AWS documents it
    )
    refused(lambda: data.execute("SELECT repeat('x', 2000000)"), "BadRequestException", "allowed response size limit")


def test_one_statement_at_a_time_and_no_schema(data: DataApi) -> None:
    """AWS documents both, with a ValidationException that is in no model."""
    refused(lambda: data.execute("SELECT 1; SELECT 2"), "ValidationException", "Multistatements aren't supported")
    refused(lambda: data.execute("SELECT 1", schema="public"), "ValidationException", "isn't supported")


def test_a_transaction_is_committed_or_rolled_back(data: DataApi) -> None:
    """AWS documents the two words of praise, and that a transaction's changes are its own until then."""
    data.execute("CREATE TABLE transacted (n int)")
    for end, praise, rows in (
        (data.client.rollback_transaction, "Rollback Complete", 0),
        (data.client.commit_transaction, "Transaction Committed", 1),
    ):
        transaction = data.begin()
        data.execute("INSERT INTO transacted VALUES (1)", transactionId=transaction)
        assert data.row("SELECT count(*) FROM transacted") == [{"longValue": 0}]
        assert end(**data.where, transactionId=transaction)["transactionStatus"] == praise
        assert data.row("SELECT count(*) FROM transacted") == [{"longValue": rows}]
        refused(lambda done=transaction: data.execute("SELECT 1", transactionId=done), "TransactionNotFoundException")
        refused(
            lambda done=transaction, end=end: end(**data.where, transactionId=done), "TransactionNotFoundException"
        )


def test_a_transaction_takes_one_statement_at_a_time(data: DataApi) -> None:
    """AWS documents: "Transaction is still running a query". Other calls are answered meanwhile."""
    transaction = data.begin()
    slow = threading.Thread(target=data.execute, args=["SELECT pg_sleep(1)"], kwargs={"transactionId": transaction})
    slow.start()
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(1)' AND state = 'active'"
    wait_for(lambda: data.row(sleeping), [{"longValue": 1}])
    refused(
        lambda: data.execute("SELECT 1", transactionId=transaction),
        "DatabaseErrorException",
        "Transaction is still running a query",
    )
    slow.join()
    data.client.rollback_transaction(**data.where, transactionId=transaction)


def test_a_transaction_that_nobody_uses_is_rolled_back(data: DataApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS documents: after three minutes."""
    monkeypatch.setattr(transactions, "LEAST", 0.05)
    transaction = data.begin()

    others = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'captain' AND pid <> pg_backend_pid()"
    wait_for(lambda: data.row(others), [{"longValue": 0}])
    refused(lambda: data.execute("SELECT 1", transactionId=transaction), "TransactionNotFoundException")


def test_a_statement_has_limited_time(data: DataApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore's model: StatementTimeoutException, and continueAfterTimeout."""
    monkeypatch.setattr(models, "STATEMENT_TIMEOUT", 100)
    refused(lambda: data.execute("SELECT pg_sleep(5)"), "StatementTimeoutException")
    data.execute("SELECT pg_sleep(0.2)", continueAfterTimeout=True)


def test_the_secret_has_to_be_there_and_to_be_right(databases: Databases, data: DataApi) -> None:
    """botocore's model: SecretsErrorException, InvalidSecretException. A wrong password is PostgreSQL's matter."""
    refused(lambda: data.execute("SELECT 1", secretArn=data.secret + "x"), "SecretsErrorException")
    create = databases.secrets.create_secret
    nonsense = create(Name="nonsense", SecretString="nonsense")["ARN"]
    refused(lambda: data.execute("SELECT 1", secretArn=nonsense), "InvalidSecretException")
    wrong = create(Name="wrong", SecretString=json.dumps({"username": "captain", "password": "guessed"}))["ARN"]
    refused(
        lambda: data.execute("SELECT 1", secretArn=wrong),
        "DatabaseErrorException",
        'FATAL: password authentication failed for user "captain"; SQLState: 28P01',
    )


def test_a_master_with_rds_iam_has_spoiled_its_data_api(databases: Databases) -> None:
    """Seen in reports: its password is not asked for any more."""
    databases.serve("spoiled", EnableHttpEndpoint=True, EnableIAMDatabaseAuthentication=True)
    data = DataApi(databases, "spoiled")
    data.execute("GRANT rds_iam TO captain WITH INHERIT TRUE")
    refused(lambda: data.execute("SELECT 1"), "DatabaseErrorException", "PAM authentication failed.*SQLState: 28000")


def test_the_sites_user_is_made_by_the_data_api_and_signs_in_by_token(databases: Databases) -> None:
    """Ours: what this project does on AWS, where the master, too, signs in by password all the while."""
    databases.serve("founded", EnableHttpEndpoint=True, EnableIAMDatabaseAuthentication=True)
    data = DataApi(databases, "founded")
    for statement in (
        "CREATE ROLE site LOGIN",
        "GRANT USAGE, CREATE ON SCHEMA public TO site",
        "ALTER ROLE site SET statement_timeout = '20s'",
        "GRANT rds_iam TO site",
    ):
        data.execute(statement)
    connection = connect(databases, "founded", sign_token(databases, "founded"), "site")
    with closing(connection), connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE page (n int); SHOW statement_timeout")
        assert cursor.fetchone() == ("20s",)
    assert data.row("SELECT tableowner FROM pg_tables WHERE tablename = 'page'") == [{"stringValue": "site"}]


def test_a_role_needs_the_right_to_call_and_to_read_the_secret(databases: Databases, data: DataApi) -> None:
    """botocore's model: AccessDeniedException and ForbiddenException; the texts are IAM's."""

    def caller(name: str, *allowed: tuple[str, str]) -> DataApi:
        role = make_role(databases.aws, name, "lambda.amazonaws.com", *allowed)
        made = databases.aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        keys = {
            "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
            "AWS_SESSION_TOKEN": made["SessionToken"],
        }
        return DataApi(databases, credentials=keys)

    execute = ("rds-data:ExecuteStatement", data.cluster)
    read = ("secretsmanager:GetSecretValue", data.secret)
    refused(lambda: caller("silent", read).execute("SELECT 1"), "AccessDeniedException", "rds-data:ExecuteStatement")
    refused(lambda: caller("unread", execute).execute("SELECT 1"), "ForbiddenException", "GetSecretValue")
    assert caller("speaking", read, execute).row("SELECT 1") == [{"longValue": 1}]


def test_a_cluster_answers_when_it_can(databases: Databases, data: DataApi) -> None:
    """botocore's model: HttpEndpointNotEnabledException, DatabaseNotFoundException, DatabaseUnavailableException."""
    databases.create("unheard")
    databases.wait("unheard")
    unheard = DataApi(databases, "unheard")
    ask: Callable[[], Any] = lambda: unheard.execute("SELECT 1")  # noqa: E731
    refused(ask, "HttpEndpointNotEnabledException", "HttpEndpoint is not enabled for resource")
    databases.api.enable_http_endpoint(ResourceArn=unheard.cluster)
    refused(ask, "DatabaseNotFoundException")
    databases.create_instance("unheard", "unheard-1")
    refused(ask, "DatabaseUnavailableException")
    databases.wait_for_instance("unheard-1")
    databases.api.disable_http_endpoint(ResourceArn=unheard.cluster)
    refused(ask, "HttpEndpointNotEnabledException")
    refused(lambda: data.execute("SELECT 1", resourceArn=data.cluster + "x"), "HttpEndpointNotEnabledException")
