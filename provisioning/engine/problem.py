"""An error in three parts: what we were doing to which thing, what was said, what to do next."""

from __future__ import annotations

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as AwsConnectionError

EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
SIGN_IN = "Sign in again (`aws sso login`, or new keys) and run again"


class Problem(Exception):
    """Something that a person can mend; its text is meant for them as it stands."""

    def __init__(self, doing: str, said: str, do: str) -> None:
        super().__init__(doing, said, do)
        self.doing, self.said, self.do = doing, said, do

    def __str__(self) -> str:
        return " ".join(f"{part.rstrip('.')}." for part in (self.doing, self.said, self.do) if part)


def code(error: BaseException) -> str:
    """AWS's name for an error, such as `AccessDenied`; empty where it isn't AWS that speaks."""
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""


def said(error: BaseException) -> str:
    """What AWS, or the way to it, said: verbatim, with AWS's code in front."""
    if isinstance(error, ClientError):
        return f'AWS says: "{code(error)}: {error.response.get("Error", {}).get("Message", "")}"'
    if isinstance(error, (AwsConnectionError, HTTPClientError)):
        return f'AWS was not reached: "{error}"'
    return f'boto3 says: "{error}"'


def advice(error: BaseException, otherwise: str) -> str:
    """What to do next: sign in again, where that is all there is to it."""
    return SIGN_IN if code(error) in EXPIRED else otherwise
