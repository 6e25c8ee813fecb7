"""The Data API's errors, by the names that botocore's model gives them."""

import re

import psycopg2

from ..errors import AwsError

CANCELED = "57014"
# What a refused sign-in says, where psycopg2 tells no code.
CODES = {
    "password authentication failed": "28P01",
    "PAM authentication failed": "28000",
    "pg_hba.conf rejects": "28000",
    "does not exist": "3D000",
    "too many": "53300",
    "not permitted to log in": "28000",
}


class BadRequest(AwsError):
    code = "BadRequestException"


class DatabaseError(AwsError):
    code = "DatabaseErrorException"


class DatabaseNotFound(AwsError):
    code = "DatabaseNotFoundException"


class DatabaseResuming(AwsError):
    code = "DatabaseResumingException"


class DatabaseUnavailable(AwsError):
    code = "DatabaseUnavailableException"


class AccessDenied(AwsError):
    code = "AccessDeniedException"


class Forbidden(AwsError):
    code = "ForbiddenException"


class HttpEndpointNotEnabled(AwsError):
    code = "HttpEndpointNotEnabledException"


class InvalidResourceState(AwsError):
    code = "InvalidResourceStateException"


class InvalidSecret(AwsError):
    code = "InvalidSecretException"


class SecretsError(AwsError):
    code = "SecretsErrorException"


class StatementTimeout(AwsError):
    code = "StatementTimeoutException"


class TransactionNotFound(AwsError):
    code = "TransactionNotFoundException"


class UnsupportedResult(AwsError):
    code = "UnsupportedResultException"


class Validation(AwsError):
    """In no model, but in AWS's documentation."""

    code = "ValidationException"


def of_statement(error: psycopg2.Error) -> AwsError:
    """PostgreSQL's own words, in the form that reports show."""
    diagnosis = error.diag
    if error.pgcode is None:  # the connection has broken
        return DatabaseUnavailable("")
    if error.pgcode == CANCELED and "statement timeout" in str(diagnosis.message_primary):
        return StatementTimeout("Request timed out")
    said = [f"{diagnosis.severity}: {diagnosis.message_primary}"]
    if diagnosis.message_detail:
        said.append(f"Detail: {diagnosis.message_detail}")
    if diagnosis.message_hint:
        said.append(f"Hint: {diagnosis.message_hint}")
    if diagnosis.statement_position:
        said.append(f"Position: {diagnosis.statement_position}")
    return DatabaseError("; ".join([*said, f"SQLState: {error.pgcode}"]))


def of_sign_in(error: psycopg2.OperationalError) -> AwsError:
    said = re.search(r"FATAL: +(.*)", str(error))
    if said is None:  # nobody has answered
        return DatabaseUnavailable("")
    code = next((code for words, code in CODES.items() if words in said[1]), "08000")
    return DatabaseError(f"FATAL: {said[1]}; SQLState: {code}")
