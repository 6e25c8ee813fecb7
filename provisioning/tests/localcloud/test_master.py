"""The master user of a cluster, who is no superuser, and what it can and cannot do."""

from typing import Any

import psycopg2
import pytest
from psycopg2 import errors

from .conftest import Aws
from .databases import Databases, connect, refused


@pytest.fixture(scope="module")
def databases(aws: Aws) -> Databases:
    made = Databases(aws)
    made.serve("mastered")
    return made


@pytest.fixture
def master(databases: Databases) -> Any:
    connection = connect(databases, "mastered")
    connection.autocommit = True
    with connection.cursor() as cursor:
        yield cursor
    connection.close()


def test_the_master_is_a_member_of_rds_superuser_and_no_superuser(master: Any) -> None:
    """AWS documents: the master user gets rds_superuser, which is not PostgreSQL's SUPERUSER."""
    master.execute("SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user")
    assert master.fetchone() == (False, True, True)
    master.execute("SELECT pg_has_role('rds_superuser', 'USAGE'), pg_has_role('pg_monitor', 'USAGE')")
    assert master.fetchone() == (True, True)
    with pytest.raises(errors.InsufficientPrivilege):
        master.execute("CREATE ROLE boss SUPERUSER")
    with pytest.raises(errors.InsufficientPrivilege):
        master.execute("COPY (SELECT 1) TO PROGRAM 'cat'")


def test_the_master_passes_rds_iam_on_without_being_able_to_use_it(master: Any) -> None:
    """AWS documents: GRANT rds_iam TO db_userx, by the master; a master that could use it lost its password."""
    master.execute("SELECT pg_has_role('rds_iam', 'USAGE'), pg_has_role('rds_iam', 'SET')")
    assert master.fetchone() == (False, False)
    master.execute("CREATE ROLE reader LOGIN; GRANT rds_iam TO reader")
    master.execute("SELECT pg_has_role('reader', 'rds_iam', 'USAGE')")
    assert master.fetchone() == (True,)
    # PostgreSQL 16: whoever makes a role may pass it on, and is otherwise no member of it.
    master.execute("SELECT pg_has_role('reader', 'USAGE'), pg_has_role('rds_iam', 'USAGE')")
    assert master.fetchone() == (False, False)


def test_public_belongs_to_the_owner_of_the_database_who_may_open_it(databases: Databases, master: Any) -> None:
    """PostgreSQL 15 documents: CREATE on public is its owner's, pg_database_owner's, alone."""
    master.execute("CREATE ROLE painter LOGIN PASSWORD 'painter-secret'")
    with connect(databases, "mastered", "painter-secret", "painter") as connection, connection.cursor() as painter:
        with pytest.raises(errors.InsufficientPrivilege, match="permission denied for schema public"):
            painter.execute("CREATE TABLE canvas (n int)")
        connection.rollback()
        master.execute("GRANT USAGE, CREATE ON SCHEMA public TO painter")
        painter.execute("CREATE TABLE canvas (n int)")


def test_nobody_signs_in_as_rdsadmin(databases: Databases) -> None:
    """Seen in reports: pg_hba.conf rejects connection for host "…", user "rdsadmin", …."""
    with pytest.raises(psycopg2.OperationalError, match=r"pg_hba\.conf rejects connection"):
        connect(databases, "mastered", "guessed", "rdsadmin")


@pytest.mark.parametrize("name", ["rdsadmin", "admin"])
def test_a_reserved_word_is_no_name_for_a_master(databases: Databases, name: str) -> None:
    """Seen in reports, word by word."""
    refused(
        lambda: databases.create("reserved", MasterUsername=name),
        "InvalidParameterValue",
        f"MasterUsername {name} cannot be used as it is a reserved word used by the engine",
    )
