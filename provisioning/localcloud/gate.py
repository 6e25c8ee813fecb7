"""The gate before moto: each call is let in, allowed, tried by the bad days, asked of moto, and watched."""

import json
import re
from collections.abc import Callable, Iterable
from contextlib import nullcontext

from .admission import SCOPE, admit, keys_of
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
    refusal,
)
from .badday.lost import hang_up
from .calls import Call, call_of
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

INVOCATION = re.compile(r"/invocations/?$")


Who = Callable[[], dict[str, object]]
Change = Callable[[list[str], int], None]
"""Takes the names of bad days, and a seed."""


class Gate:
    def __init__(self, moto: App, who: Who, change: Change) -> None:
        self._moto = moto
        self._who = who
        self._change = change
        self._repetitions = Repetitions()
        self.witnesses: list[Witness] = []

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == WHO:
            return self._about_itself(environ).send(start_response)
        if serves(environ["PATH_INFO"]):
            # Docker's own login opens this door, and its bytes may take long: past the lock.
            return registry(environ, start_response)
        call = None
        try:
            service = admit(environ)
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

    def _about_itself(self, environ: Environ) -> Answer:
        """Who it is; a PUT, which no page of a browser's may send elsewhere, changes AWS's mood."""
        if environ["REQUEST_METHOD"] == "PUT":
            given = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
            try:
                self._change([str(name) for name in given["bad_days"]], int(given["seed"]))
            except ValueError as error:
                return plain(400, "text/plain", str(error).encode())
        return plain(200, "application/json", json.dumps(self._who()).encode())

    def _answer(self, call: Call, bearer: Bearer, environ: Environ) -> Answer:
        """Raises Refused."""
        days = rules().days
        days.refuse(call, bearer.arn)
        must_be_allowed(call, bearer)
        must_fit(call)

        def ask() -> Answer:
            answer = self._ask_moto(call.service, environ)
            days.after(call, answer)
            return answer

        return days.instead(call) or self._repetitions.once(call, ask)

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
