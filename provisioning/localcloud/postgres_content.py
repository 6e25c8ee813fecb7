"""What RDS puts into a new PostgreSQL: its roles, the master and the first database."""

from typing import Any

from psycopg2 import sql

# What RDS's roles hold, as far as a plain PostgreSQL has it.
ROLES = """
CREATE ROLE rds_superuser;
GRANT pg_monitor, pg_signal_backend, pg_checkpoint, pg_use_reserved_connections TO rds_superuser WITH ADMIN OPTION;
CREATE ROLE rds_iam;
"""

# Since PostgreSQL 16 a member may be allowed to pass a role on without having any of its rights. The master is
# that of rds_iam: with the rights, it could sign in by token only.
MAKE_MASTER = sql.SQL("""
CREATE ROLE {master} LOGIN CREATEROLE CREATEDB;
GRANT rds_superuser TO {master} WITH ADMIN TRUE, INHERIT TRUE, SET TRUE;
GRANT rds_iam TO {master} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
ALTER DATABASE postgres OWNER TO {master};
""")
SET_PASSWORD = sql.SQL("ALTER ROLE {} PASSWORD {}")


def fill(cursor: Any, user: str, password: str, database: str | None) -> None:
    """As far as it is not there yet; the master's password is always set."""
    master = sql.Identifier(user)
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'rds_iam'")
    if not cursor.fetchone():
        cursor.execute(ROLES)
        cursor.execute(MAKE_MASTER.format(master=master))
    set_password(cursor, user, password)
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
    if database and not cursor.fetchone():
        cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), master))


def set_password(cursor: Any, user: str, password: str) -> None:
    cursor.execute(SET_PASSWORD.format(sql.Identifier(user), sql.Literal(password)))
