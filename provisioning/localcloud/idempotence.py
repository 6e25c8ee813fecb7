"""A call that is sent once more with the token of the first: it does nothing, and is answered as that was.

EC2's guide (Ensuring idempotency): "If a request completes successfully and you retry it with the same client token
and the same parameters, the retry succeeds without performing any further actions"; with other parameters it is an
IdempotentParameterMismatch. CodeBuild's model says the same of StartBuild's token. moto passes over them.
"""

import threading
from typing import Any

from .answers import Answer, Refused
from .calls import Call

TOKENS = {"ec2": "ClientToken", "codebuild": "idempotencyToken"}
MOST = 1_000  # answers kept


class Repetitions:
    def __init__(self) -> None:
        self._first: dict[tuple[str, ...], tuple[dict[str, Any], Answer]] = {}
        self._lock = threading.Lock()

    def answer(self, call: Call) -> Answer | None:
        """That of the first call, if this is another one. Raises Refused when it asks for something else."""
        with self._lock:
            asked, answer = self._first.get(_key(call), (None, None))
        if answer is not None and asked != call.parameters:
            code = "IdempotentParameterMismatch" if call.service == "ec2" else "InvalidInputException"
            raise Refused(
                call.service, code, "The request uses the same client token as a previous, but non-identical request."
            )
        return answer

    def keep(self, call: Call, answer: Answer) -> None:
        if not call.parameters.get(TOKENS.get(call.service, "")) or answer.code >= 400:
            return
        with self._lock:
            self._first[_key(call)] = (call.parameters, answer)
            if len(self._first) > MOST:
                del self._first[next(iter(self._first))]


def _key(call: Call) -> tuple[str, ...]:
    token = str(call.parameters.get(TOKENS.get(call.service, ""), ""))
    return (call.account, call.region, call.service, call.operation, token) if token else ()
