"""The Data API over HTTP: JSON in, JSON out."""

import json
from typing import Any

from moto.core.responses import ActionResult, BaseResponse
from moto.rdsdata.models import rdsdata_backends

from ..bearer import Bearer, find_bearer
from .errors import AccessDenied
from .models import DataBackend


class DataResponse(BaseResponse):
    def __init__(self) -> None:
        super().__init__(service_name="rds-data")

    @property
    def backend(self) -> DataBackend:
        return rdsdata_backends[self.current_account][self.region]

    def execute_statement(self) -> ActionResult:
        return ActionResult(self.backend.execute(self._request(), self._bearer()))

    def batch_execute_statement(self) -> ActionResult:
        return ActionResult(self.backend.execute_batch(self._request(), self._bearer()))

    def begin_transaction(self) -> ActionResult:
        return ActionResult(self.backend.begin(self._request(), self._bearer()))

    def commit_transaction(self) -> ActionResult:
        return ActionResult(self.backend.end(self._request(), self._bearer(), commit=True))

    def rollback_transaction(self) -> ActionResult:
        return ActionResult(self.backend.end(self._request(), self._bearer(), commit=False))

    def _request(self) -> dict[str, Any]:
        # Null and absent are the same to AWS.
        return {name: value for name, value in json.loads(self.body).items() if value is not None}

    def _bearer(self) -> Bearer:
        bearer = find_bearer(self.current_account, self.get_access_key())
        if bearer is None:
            raise AccessDenied("The security token included in the request is invalid.")
        return bearer
