"""The gate before moto: who may call, in which region, and what is said when something is not emulated."""

import json
import re
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import parse_qs

from moto import backend_index
from moto.core.base_backend import AccountSpecificBackend

from .answers import (
    BOTO_NAMES,
    Answer,
    App,
    Environ,
    Refused,
    StartResponse,
    answered,
    not_emulated,
    plain,
    protocol_of,
    refusal,
)
from .badday.lost import hang_up
from .calls import Call, call_of
from .credentials import known
from .fitting import must_fit
from .ground import ground
from .iam import Bearer, bearer_of
from .idempotence import Repetitions
from .registry import registry, serves
from .rules import refusals, rules

# Answered by us, for whoever finds the port taken. No bucket can have this name.
WHO = "/.localcloud"

Witness = Callable[[Call, Answer], None]
"""Looks at each call and at what was answered."""

SCOPE = re.compile(r"Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
WEEK = 7 * 24 * 60 * 60  # seconds
INVOCATION = re.compile(r"/invocations/?$")


class Gate:
    def __init__(self, moto: App, who: Callable[[], dict[str, object]]) -> None:
        self._moto = moto
        self._who = who
        self._repetitions = Repetitions()
        self.witnesses: list[Witness] = []

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == WHO:
            return plain(200, "application/json", json.dumps(self._who()).encode()).send(start_response)
        if serves(environ["PATH_INFO"]):
            # Docker's own login opens this door, and its bytes may take long: past the lock.
            return registry(environ, start_response)
        call = None
        try:
            service = self._admit(environ)
            call, bearer = asked(service, environ)
            if call is None or bearer is None:  # moto does not know it; or a form, or a browser that asks first
                answer = self._ask_moto(service, environ)
            else:
                answer = self._answer(call, bearer, environ)
        except Refused as refused:
            answer = refusal(refused, environ)
        if call is not None:
            for look in self.witnesses:
                look(call, answer)
            if rules().days.lose(call, answer):
                hang_up(environ)  # what is sent from here on reaches nobody
        return answer.send(start_response)

    def _answer(self, call: Call, bearer: Bearer, environ: Environ) -> Answer:
        """Raises Refused."""
        days = rules().days
        days.refuse(call, bearer.arn)
        must_be_allowed(call, bearer)
        must_fit(call)
        known_answer = days.instead(call) or self._repetitions.answer(call)
        if known_answer is not None:
            return known_answer
        answer = self._ask_moto(call.service, environ)
        self._repetitions.keep(call, answer)
        days.after(call, answer)
        return answer

    def _admit(self, environ: Environ) -> str:
        """The name of the service that is called; raises Refused."""
        if environ["PATH_INFO"].startswith("/moto-api"):
            # It resets everything, without credentials, for any web page that this machine's browser shows.
            raise Refused("s3", "AccessDenied", "Access Denied", 403)
        signed = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        if signed is None:
            return admit_to_s3(environ)
        service = signed["service"].lower()
        if not known(signed["key"]):
            raise unknown_key(service)
        must_exist(service, signed["region"])
        return service

    def _ask_moto(self, service: str, environ: Environ) -> Answer:
        # A function calls other services while its invocation waits for it: that one takes the lock itself.
        waits = service == "lambda" and INVOCATION.search(environ["PATH_INFO"]) is not None
        with nullcontext() if waits else ground().lock:
            try:
                return answered(self._moto, environ)
            except NotImplementedError as missing:
                raise not_emulated(service, str(missing)) from None


def asked(service: str, environ: Environ) -> tuple[Call | None, Bearer | None]:
    """The call, and who makes it; None what cannot be told."""
    signed = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    keys = [signed["key"]] if signed else keys_of(environ)
    with ground().lock:
        bearer = bearer_of(keys[0]) if keys else None
        if bearer is None:
            return None, None
        region = signed["region"] if signed else ""
        return call_of(service, BOTO_NAMES.get(service, service), region, bearer.account, environ), bearer


def must_be_allowed(call: Call, bearer: Bearer) -> None:
    """Raises Refused when the caller lacks a right."""
    if not rules().enforce_iam:
        return
    with ground().lock:
        missing = next(refusals(call, bearer), None)
    if missing is not None:
        raise access_denied(call.service, missing, call.protocol)


def access_denied(service: str, why: str, protocol: str) -> Refused:
    if protocol == "ec2":
        return Refused(
            service, "UnauthorizedOperation", f"You are not authorized to perform this operation. {why}", 403
        )
    if protocol in ("query", "rest-xml"):
        return Refused(service, "AccessDenied", why, 403)
    return Refused(service, "AccessDeniedException", why, 403 if protocol == "rest-json" else 400)


def keys_of(environ: Environ) -> list[str]:
    """Of a request whose signature is not in the usual header."""
    query = parse_qs(environ.get("QUERY_STRING", ""))
    keys = [value.split("/")[0] for value in query.get("X-Amz-Credential", [])]
    keys += query.get("AWSAccessKeyId", [])
    old_signature = re.match(r"AWS ([^:]+):", environ.get("HTTP_AUTHORIZATION", ""))
    return [*keys, old_signature[1]] if old_signature else keys


def admit_to_s3(environ: Environ) -> str:
    """Presigned requests carry their key in the address, forms in their fields; others are nobody's."""
    keys = keys_of(environ)
    multipart = environ.get("CONTENT_TYPE", "").startswith("multipart/form-data")
    form = environ["REQUEST_METHOD"] == "POST" and multipart
    if not keys and not form and environ["REQUEST_METHOD"] != "OPTIONS":
        raise Refused("s3", "AccessDenied", "Access Denied", 403)
    if not all(known(key) for key in keys):
        raise unknown_key("s3")
    must_not_have_ended(environ)
    return "s3"


def must_not_have_ended(environ: Environ) -> None:
    """A presigned address holds for as many seconds as it says, from the moment that it says; a week at most."""
    query = parse_qs(environ.get("QUERY_STRING", ""))
    if "X-Amz-Expires" not in query or "X-Amz-Date" not in query:
        return
    seconds = int(query["X-Amz-Expires"][0])
    if seconds > WEEK:
        text = f"X-Amz-Expires must be less than a week (in seconds); that is, less than {WEEK} seconds"
        raise Refused("s3", "AuthorizationQueryParametersError", text)
    made = datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if datetime.now(UTC) > made + timedelta(seconds=seconds):
        raise Refused("s3", "AccessDenied", "Request has expired", 403)


@cache  # to find it out takes milliseconds, at each call; a refusal is not kept
def must_exist(service: str, region: str) -> None:
    """On AWS the host name of a service does not resolve in a region that lacks it; here it is refused."""
    address = f"https://{service}.{region}.amazonaws.com"
    if not any(pattern.match(address) for _, pattern in backend_index.backend_url_patterns):
        raise not_emulated(service, f"the service {service}")
    name = BOTO_NAMES.get(service, service)
    regions = AccountSpecificBackend.get_session().get_available_regions(name)
    # None are listed for a global service such as IAM.
    if regions and region not in regions:
        raise Refused(
            service,
            "UnknownEndpoint",
            f'Could not connect to the endpoint URL: "{address}/". {name} does not exist in {region}. '
            f"It exists in: {', '.join(regions)}.",
        )


def unknown_key(service: str) -> Refused:
    if service == "s3":
        text = "The AWS Access Key Id you provided does not exist in our records."
        return Refused("s3", "InvalidAccessKeyId", text, 403)
    text = "The security token included in the request is invalid."
    if protocol_of(service) in ("query", "ec2"):
        return Refused(service, "InvalidClientTokenId", text, 403)
    return Refused(service, "UnrecognizedClientException", text, 400)
