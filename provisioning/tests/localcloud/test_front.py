"""Signing in by IAM token, at the endpoint of a real PostgreSQL."""

import datetime
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import botocore.auth
import psycopg2
import pytest

from provisioning.localcloud.ports import hold_port

from .conftest import ACCOUNT, REGION, Aws, make_role
from .databases import Databases, connect, sign_token

NAME = "guarded"
CANCELS = """
import psycopg2, sys, threading
connection = psycopg2.connect(sys.argv[1])
threading.Timer(0.2, connection.cancel).start()
connection.cursor().execute("SELECT pg_sleep(15)")
"""
REFUSED = 'PAM authentication failed for user "site"'


@pytest.fixture(scope="module")
def databases(aws: Aws) -> Databases:
    made = Databases(aws)
    made.serve(NAME, EnableIAMDatabaseAuthentication=True)
    ask_as_master(made, "CREATE ROLE site LOGIN PASSWORD 'site-secret'; GRANT rds_iam TO site")
    return made


def ask_as_master(databases: Databases, statement: str) -> None:
    with closing(connect(databases, NAME)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)


def token(databases: Databases, keys: dict[str, str] | None = None, **other: Any) -> str:
    return sign_token(databases, NAME, keys, **other)


def keys_of(databases: Databases, role: str) -> dict[str, str]:
    sts = databases.aws.client("sts")
    made = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
        "AWS_SESSION_TOKEN": made["SessionToken"],
    }


def refused(databases: Databases, password: str) -> None:
    """Seen in reports: whatever is wrong with a token, PostgreSQL says the same."""
    with pytest.raises(psycopg2.OperationalError, match=REFUSED):
        connect(databases, NAME, password, "site")


def test_a_token_signs_in_and_the_session_is_the_servers_own(databases: Databases) -> None:
    """AWS documents: a token instead of a password."""
    with closing(connect(databases, NAME, token(databases), "site")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT session_user, current_user, repeat('x', 1000000)")
        assert cursor.fetchone() == ("site", "site", "x" * 1_000_000)
        cursor.execute("SELECT length(%s)", ["y" * 3_000_000])
        assert cursor.fetchone() == (3_000_000,)


def test_a_running_statement_is_cancelled_through_the_front(databases: Databases) -> None:
    """PostgreSQL documents: a request to cancel is a connection of its own."""
    cluster, login = databases.describe(NAME), databases.login(NAME)
    address = f"host={cluster['Endpoint']} port={cluster['Port']} dbname=site user={login['username']}"
    # In a process of its own: psycopg2 holds Python's lock while it cancels, and the front is in this one.
    ended = subprocess.run(
        [sys.executable, "-c", CANCELS, address],
        env={"PGPASSWORD": login["password"]},
        capture_output=True,
        timeout=20,
        text=True,
    )
    assert "canceling statement due to user request" in ended.stderr


@pytest.mark.parametrize(("minutes", "good"), [(14, True), (16, False), (-10, False)])
def test_a_token_lasts_a_quarter_of_an_hour(databases: Databases, minutes: int, good: bool) -> None:
    """AWS documents: "Each token has a lifetime of 15 minutes". That of the future is believed."""
    with pytest.MonkeyPatch.context() as patch:
        moment = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=minutes)
        patch.setattr(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: moment)
        made = token(databases)
    if good:
        connect(databases, NAME, made, "site").close()
    else:
        refused(databases, made)


def test_a_token_is_for_one_user_one_address_and_one_region(databases: Databases) -> None:
    """AWS documents: all of them are signed."""
    refused(databases, token(databases, DBUsername="captain"))
    refused(databases, token(databases, DBHostname="localhost"))
    refused(databases, token(databases, Port=5432))
    refused(databases, token(databases, Region="eu-west-1"))


def test_a_token_needs_a_known_key_and_its_signature(databases: Databases) -> None:
    """AWS documents Signature Version 4. Another account's key is as unknown (believed)."""
    mine = databases.aws.cloud.environment
    refused(databases, token(databases, {**mine, "AWS_SECRET_ACCESS_KEY": "guessed"}))
    refused(databases, token(databases, {**mine, "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLF"}))
    refused(databases, token(databases, {**mine, "AWS_SESSION_TOKEN": "guessed"}))
    refused(databases, token(databases, databases.aws.cloud.another_account().environment))
    refused(databases, token(databases).replace("X-Amz-Expires=900", "X-Amz-Expires=9000"))
    refused(databases, "")


def test_a_role_needs_the_right_to_connect_as_this_user_to_this_cluster(databases: Databases) -> None:
    """AWS documents: rds-db:connect on arn:aws:rds-db:REGION:ACCOUNT:dbuser:RESOURCE-ID/USER."""
    resource = databases.describe(NAME)["DbClusterResourceId"]
    users = f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser:{resource}"
    lambdas = "lambda.amazonaws.com"
    for number, allowed in enumerate(
        [
            ("rds:*", "*"),
            ("rds-db:connect", f"{users}/somebody"),
            ("rds-db:connect", f"{users.replace(resource, NAME)}/site"),
        ]
    ):
        role = make_role(databases.aws, f"without-the-right-{number}", lambdas, allowed)
        refused(databases, token(databases, keys_of(databases, role)))
    role = make_role(databases.aws, "with-the-right", lambdas, ("rds-db:connect", f"{users}/site"))
    keys = keys_of(databases, role)
    connect(databases, NAME, token(databases, keys), "site").close()
    refused(databases, token(databases, {**keys, "AWS_SESSION_TOKEN": "guessed"}))


def test_who_has_rds_iam_has_no_password(databases: Databases) -> None:
    """AWS documents: a member of rds_iam signs in by token only."""
    refused(databases, "site-secret")


@pytest.fixture
def without_iam(databases: Databases) -> Iterator[None]:
    for wanted in (False, True):
        databases.api.modify_db_cluster(DBClusterIdentifier=NAME, EnableIAMDatabaseAuthentication=wanted)
        databases.wait(NAME)
        if not wanted:
            yield


@pytest.mark.usefixtures("without_iam")
def test_no_token_opens_a_cluster_whose_iam_sign_in_is_off(databases: Databases) -> None:
    """botocore's model: EnableIAMDatabaseAuthentication, off by default. The wording is believed."""
    assert databases.describe(NAME)["IAMDatabaseAuthenticationEnabled"] is False
    refused(databases, token(databases))


def test_a_master_that_takes_rds_iam_for_itself_loses_its_password(databases: Databases) -> None:
    """Seen in reports: also through a role that has it."""
    ask_as_master(databases, "GRANT site TO captain WITH INHERIT FALSE, SET FALSE")
    connect(databases, NAME).close()
    with closing(connect(databases, NAME)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("GRANT rds_iam TO captain WITH INHERIT TRUE")
        connection.commit()
        with pytest.raises(psycopg2.OperationalError, match='PAM authentication failed for user "captain"'):
            connect(databases, NAME)
        cursor.execute("REVOKE rds_iam FROM captain")
        connection.commit()
    connect(databases, NAME).close()


def test_small_packets_leave_at_once() -> None:
    """Ours: asyncio sets TCP_NODELAY where the socket knows its protocol. An answer in two parts took 40 ms more."""
    with hold_port() as held:
        assert held.proto == socket.IPPROTO_TCP


def test_what_talks_no_postgresql_is_hung_up_on(databases: Databases) -> None:
    """PostgreSQL's own way with what is no startup packet."""
    port = databases.describe(NAME)["Port"]
    with socket.create_connection(("127.0.0.1", port), timeout=5) as visitor:
        visitor.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert visitor.recv(100) == b""
    connect(databases, NAME).close()
