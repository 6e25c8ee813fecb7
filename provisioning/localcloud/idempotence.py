"""A call that is sent once more with the token of the first: it does nothing, and is answered as that was.

EC2's guide (Ensuring idempotency): "If a request completes successfully and you retry it with the same client token
and the same parameters, the retry succeeds without performing any further actions"; with other parameters it is an
IdempotentParameterMismatch. CodeBuild's model says the same of StartBuild's token. moto passes over them.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .answers import Answer, Refused
from .calls import Call

TOKENS = {"ec2": "ClientToken", "codebuild": "idempotencyToken"}
MOST = 1_000  # answers kept


class Repetitions:
    def __init__(self) -> None:
        self._first: dict[tuple[str, ...], tuple[dict[str, Any], Answer]] = {}
        self._under_way: set[tuple[str, ...]] = set()
        self._changed = threading.Condition()

    def once(self, call: Call, ask: Callable[[], Answer]) -> Answer:
        """What it is answered; the same to a repetition. Raises Refused when that asks for something else."""
        key = _key(call)
        if not key:
            return ask()
        with self._turn(key):
            asked, answer = self._first.get(key, (None, None))
            if answer is None:
                answer = ask()
                if answer.code < 400:
                    self._keep(key, call, answer)
            elif asked != call.parameters:
                raise Refused(
                    call.service,
                    "IdempotentParameterMismatch" if call.service == "ec2" else "InvalidInputException",
                    "The request uses the same client token as a previous, but non-identical request.",
                )
            return answer

    @contextmanager
    def _turn(self, key: tuple[str, ...]) -> Iterator[None]:
        """Of all that come with one token, one at a time."""
        with self._changed:
            self._changed.wait_for(lambda: key not in self._under_way)
            self._under_way.add(key)
        try:
            yield
        finally:
            with self._changed:
                self._under_way.remove(key)
                self._changed.notify_all()

    def _keep(self, key: tuple[str, ...], call: Call, answer: Answer) -> None:
        with self._changed:
            self._first[key] = (call.parameters, answer)
            if len(self._first) > MOST:
                del self._first[next(iter(self._first))]


def _key(call: Call) -> tuple[str, ...]:
    token = call.parameters.get(TOKENS.get(call.service, ""))
    return (call.account, call.region, call.service, call.operation, str(token)) if token else ()
