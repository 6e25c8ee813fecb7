"""Lambda over HTTP: JSON in, checked against botocore's model; JSON out."""

import base64
import binascii
from typing import Any

from moto.core.responses import ActionContext, ActionResult, BaseResponse
from moto.core.utils import get_service_model

from ..errors import AwsError
from ..ground import ground
from ..shapes import check
from ..times import Stopped
from .errors import InvalidParameter, ValidationFailed
from .function import LATEST, Function
from .models import LocalLambdaBackend


class Answered(ActionResult):
    """With a status of its own, which moto's serializer takes from the model alone."""

    def __init__(self, status: int, **result: Any) -> None:
        super().__init__({"StatusCode": status, **result})
        self._status = status

    def execute_result(self, context: ActionContext) -> Any:
        _, headers, body = super().execute_result(context)
        return self._status, headers, body


class LocalLambdaResponse(BaseResponse):
    def __init__(self) -> None:
        super().__init__(service_name="lambda")
        self.automated_parameter_parsing = True

    @property
    def backend(self) -> LocalLambdaBackend:
        from moto.awslambda.models import lambda_backends

        return lambda_backends[self.current_account][self.region]  # type: ignore[return-value]

    def create_function(self) -> ActionResult:
        return described(self.backend.create_function(self._request(), self.access_key))

    def get_function(self) -> ActionResult:
        function = self._function()
        tags = self.backend.tags_of(function.arn)
        return ActionResult({"Configuration": function.describe(), "Code": function.code(), "Tags": tags or None})

    def get_function_configuration(self) -> ActionResult:
        return described(self._function())

    def list_functions(self) -> ActionResult:
        request = self._request()
        found = [each.describe() for each in self.backend.functions.values()]
        try:
            start = int(base64.urlsafe_b64decode(request["Marker"])) if request.get("Marker") else 0
        except (ValueError, binascii.Error):
            raise InvalidParameter("Invalid marker.") from None
        end = start + int(request.get("MaxItems") or 50)
        following = base64.urlsafe_b64encode(str(end).encode()).decode() if end < len(found) else None
        return ActionResult({"Functions": found[start:end], "NextMarker": following})

    def update_function_code(self) -> ActionResult:
        return described(self.backend.update_code(self._request(), self.access_key))

    def update_function_configuration(self) -> ActionResult:
        return described(self.backend.update_configuration(self._request()))

    def delete_function(self) -> ActionResult:
        self.backend.delete_function(self._request()["FunctionName"])
        return Answered(204)

    def invoke(self) -> ActionResult:
        """The gate lets this one in without the lock: the function calls others while it runs."""
        request = {**self._request(), "Payload": self.raw_body or b"{}"}
        with ground().lock:
            invocations = self.backend.check_invocation(request)
            kind = request.get("InvocationType") or "RequestResponse"
            if kind == "DryRun":
                return Answered(204)
            if kind == "Event":
                self.backend.queue_event(invocations, request["Payload"])
                return Answered(202)
        try:
            _, outcome = self.backend.run(invocations, request["Payload"], request.get("ClientContext"))
        except Stopped:
            raise AwsError("ServiceException", "The local AWS is stopping.") from None
        return Answered(200, FunctionError=outcome.error, ExecutedVersion=LATEST, Payload=outcome.payload)

    def put_function_event_invoke_config(self) -> ActionResult:
        return ActionResult(self.backend.put_event_settings(self._request()))

    def update_function_event_invoke_config(self) -> ActionResult:
        return ActionResult(self.backend.put_event_settings(self._request(), former=True))

    def get_function_event_invoke_config(self) -> ActionResult:
        request = self._request()
        return ActionResult(self.backend.get_event_settings(request["FunctionName"], request.get("Qualifier")))

    def delete_function_event_invoke_config(self) -> ActionResult:
        request = self._request()
        self.backend.delete_event_settings(request["FunctionName"], request.get("Qualifier"))
        return ActionResult({})

    def list_tags(self) -> ActionResult:
        return ActionResult({"Tags": self.backend.tags_of(self._request()["Resource"])})

    def tag_resource(self) -> ActionResult:
        request = self._request()
        self.backend.tag_resource(request["Resource"], request["Tags"])
        return ActionResult({})

    def untag_resource(self) -> ActionResult:
        request = self._request()
        self.backend.untag_resource(request["Resource"], request["TagKeys"])
        return ActionResult({})

    def _function(self) -> Function:
        request = self._request()
        return self.backend.function(request["FunctionName"], request.get("Qualifier"))

    def _request(self) -> dict[str, Any]:
        request = {name: value for name, value in dict(self.params).items() if value is not None}
        shape = get_service_model("lambda").operation_model(self._get_action()).input_shape
        failures = list(check({name: value for name, value in request.items() if name != "Payload"}, shape, ""))
        if failures:
            count = f"{len(failures)} validation error{'s' if len(failures) > 1 else ''} detected"
            raise ValidationFailed(f"{count}: {'; '.join(failures)}")
        return request


def described(function: Function) -> ActionResult:
    return ActionResult(function.describe())
