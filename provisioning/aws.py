"""AWS as one environment sees it: a session, its clients, the account, our tags. No client is made elsewhere.

Everything honours boto3's own chain: profiles, `AWS_*` variables, and `AWS_ENDPOINT_URL` for a local AWS.
"""

from __future__ import annotations

import ipaddress
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config as ClientConfig
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from .engine.passing import patiently
from .engine.problem import EXPIRED, SIGN_IN, Problem, code, said

REGION = "scale0:region"  # a tag
UNKNOWN = {"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "AuthFailure"}


class Aws:
    """The way to AWS for one environment."""

    def __init__(self, region: str = "", tags: Mapping[str, str] | None = None) -> None:
        try:
            # botocore itself reads AWS_DEFAULT_REGION alone
            self.session = boto3.Session(region_name=region or os.environ.get("AWS_REGION") or None)
        except ProfileNotFound as error:
            advice = "Set AWS_PROFILE to one of yours, or unset it"
            raise Problem("AWS: no session", f"{error}", advice) from None
        except BotoCoreError as error:
            raise Problem("AWS: no session", f"{error}", "Mend ~/.aws/config and run again") from error
        self.region = self.session.region_name or ""
        # Roles and bucket names are the same in all regions: only a tag tells whose they are.
        self.tags: Mapping[str, str] = {**(tags or {}), REGION: self.region}
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()  # making a client is not thread-safe, using one is

    def client(self, service: str, *, repeats: bool = True) -> Any:
        """The boto3 client of a service, made once; one that does not repeat for what would be done twice."""
        name = service if repeats else f"{service}, once"
        with self._lock:
            if name not in self._clients:
                settings = ClientConfig(
                    connect_timeout=5,  # seconds
                    read_timeout=60,
                    retries={"mode": "standard", "total_max_attempts": 4 if repeats else 1},
                )
                try:
                    self._clients[name] = self.session.client(service, config=settings)
                except (BotoCoreError, ValueError) as error:
                    advice = "Look at AWS_ENDPOINT_URL, at the keys and at ~/.aws/config, and run again"
                    raise Problem(f"AWS: no way to {service}", f"{error}", advice) from error
            return self._clients[name]

    @cached_property
    def account(self) -> str:
        """The account's twelve digits. Raises Problem where there is no way in."""
        try:
            return patiently(self.client("sts").get_caller_identity)["Account"]
        except NoCredentialsError:
            raise Problem(
                "AWS: no credentials",
                "boto3 found none in the environment, in ~/.aws or on this machine",
                "Run `aws configure` or set AWS_PROFILE; to try without an account, run `make demo`",
            ) from None
        except EndpointConnectionError as error:
            do = "Start it with `manage.py localcloud`, or unset AWS_ENDPOINT_URL to reach AWS itself"
            do = do if self.is_local else "Look at the network and at AWS_ENDPOINT_URL, and run again"
            raise Problem(f"AWS: {self.endpoint} does not answer", f"{error}", do) from None
        except (ClientError, BotoCoreError) as error:
            raise Problem("AWS: could not sign in", said(error), _sign_in_advice(error)) from error

    @property
    def endpoint(self) -> str:
        """The address that answers for AWS."""
        return self.client("sts").meta.endpoint_url

    @property
    def is_local(self) -> bool:
        """True if what answers for AWS is a program on this machine."""
        host = urlsplit(self.endpoint).hostname or ""
        if host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    @property
    def scheme(self) -> str:
        """How a browser reaches what runs there: a local AWS has no certificates."""
        return "http" if self.is_local else "https"

    def check_region(self, services: Iterable[str]) -> None:
        """Raise Problem if a service does not exist in this region, by what this botocore knows."""
        advice = "Choose one with --region or AWS_REGION; if yours is newer than this list, update boto3"
        everywhere = self.session.get_available_regions("sts")
        if not self.region:
            raise Problem("No region is chosen", "AWS has eu-west-1, us-east-1 and many more", advice)
        if self.region not in everywhere:
            near = get_close_matches(self.region, everywhere) or everywhere
            raise Problem(f"Region {self.region}: AWS has none of that name", f"It has {', '.join(near)}", advice)
        for service in sorted(set(services)):
            regions = self.session.get_available_regions(service)  # empty for a global one, such as IAM
            if regions and self.region not in regions:
                raise Problem(
                    f"Region {self.region}: {service} is not there",
                    f"It is in {', '.join(regions)}",
                    advice,
                )

    def tag_list(self) -> list[dict[str, str]]:
        """Our tags as most services take them."""
        return [{"Key": key, "Value": value} for key, value in self.tags.items()]

    def elsewhere(self, tags: Iterable[Mapping[str, str]]) -> str:
        """What to say of a thing that is this environment's in another region; empty if it isn't that."""
        region = {tag["Key"]: tag["Value"] for tag in tags}.get(REGION, self.region)
        if region == self.region:
            return ""
        return f"it belongs to the environment of this name in {region}: choose another --env for {self.region}"

    def owns(self, tags: Iterable[Mapping[str, str]]) -> bool:
        """True if our tags are among these."""
        found = {tag["Key"]: tag["Value"] for tag in tags}
        return all(found.get(key) == value for key, value in self.tags.items())


@contextmanager
def absent(*codes: str) -> Iterator[None]:
    """AWS's way to say "there is none": these error codes end the block, and no others."""
    try:
        yield
    except ClientError as error:
        if code(error) not in codes:
            raise


def _sign_in_advice(error: Exception) -> str:
    expired = isinstance(error, (SSOError, TokenRetrievalError)) or "expired" in str(error).lower()
    if expired or code(error) in EXPIRED:
        return SIGN_IN
    if code(error) in UNKNOWN:
        return "Look at the keys that `aws configure list` shows, or set AWS_PROFILE, and run again"
    return "Mend that and run again: nothing was changed"
