"""App Runner over HTTP: JSON in, checked against botocore's model; JSON out."""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import get_service_model

from .errors import InvalidRequest
from .models import AppRunnerBackend, apprunner_backends
from .service import Operation, Service
from .validation import validate


class AppRunnerResponse(BaseResponse):
    def __init__(self) -> None:
        super().__init__(service_name="apprunner")

    @property
    def backend(self) -> AppRunnerBackend:
        return apprunner_backends[self.current_account][self.region]

    def create_service(self) -> ActionResult:
        return self._started(self.backend.create_service(self._request()))

    def update_service(self) -> ActionResult:
        return self._started(self.backend.update_service(self._request()))

    def pause_service(self) -> ActionResult:
        return self._started(self.backend.pause_service(self._request()["ServiceArn"]))

    def resume_service(self) -> ActionResult:
        return self._started(self.backend.resume_service(self._request()["ServiceArn"]))

    def delete_service(self) -> ActionResult:
        return self._started(self.backend.delete_service(self._request()["ServiceArn"]))

    def start_deployment(self) -> ActionResult:
        operation = self.backend.start_deployment(self._request()["ServiceArn"])
        return ActionResult({"OperationId": operation.id})

    def describe_service(self) -> ActionResult:
        return ActionResult({"Service": self.backend.service(self._request()["ServiceArn"]).describe()})

    def list_services(self) -> ActionResult:
        found = [each.summary() for each in self.backend.living()]
        return self._page("ServiceSummaryList", found, self._request())

    def list_operations(self) -> ActionResult:
        request = self._request()
        operations = self.backend.service(request["ServiceArn"]).operations
        return self._page("OperationSummaryList", [each.summary() for each in operations], request)

    def create_vpc_connector(self) -> ActionResult:
        return ActionResult({"VpcConnector": self.backend.create_connector(self._request()).describe()})

    def describe_vpc_connector(self) -> ActionResult:
        connector = self.backend.connectors.find(self._request()["VpcConnectorArn"])
        return ActionResult({"VpcConnector": connector.describe()})

    def list_vpc_connectors(self) -> ActionResult:
        found = [each.describe() for each in self.backend.connectors.active()]
        return self._page("VpcConnectors", found, self._request())

    def delete_vpc_connector(self) -> ActionResult:
        connector = self.backend.delete_connector(self._request()["VpcConnectorArn"])
        return ActionResult({"VpcConnector": connector.describe()})

    def create_auto_scaling_configuration(self) -> ActionResult:
        return self._configuration(lambda request: self.backend.create_configuration(request))

    def describe_auto_scaling_configuration(self) -> ActionResult:
        return self._configuration(
            lambda request: self.backend.configurations.find(request["AutoScalingConfigurationArn"])
        )

    def delete_auto_scaling_configuration(self) -> ActionResult:
        return self._configuration(
            lambda request: self.backend.delete_configuration(
                request["AutoScalingConfigurationArn"], request.get("DeleteAllRevisions", False)
            )
        )

    def update_default_auto_scaling_configuration(self) -> ActionResult:
        return self._configuration(
            lambda request: self.backend.configurations.make_default(request["AutoScalingConfigurationArn"])
        )

    def list_auto_scaling_configurations(self) -> ActionResult:
        request = self._request()
        found = self.backend.configurations.active(request.get("AutoScalingConfigurationName"))
        if request.get("LatestOnly", True):
            found = [each for each in found if self.backend.configurations.latest(each.name) is each]
        summaries = [each.summary(self.backend.used(each)) for each in found]
        return self._page("AutoScalingConfigurationSummaryList", summaries, request)

    def list_services_for_auto_scaling_configuration(self) -> ActionResult:
        request = self._request()
        wanted = self.backend.configurations.find(request["AutoScalingConfigurationArn"])
        found = [each.arn for each in self.backend.living() if each.scaling is wanted]
        return self._page("ServiceArnList", found, request)

    def list_tags_for_resource(self) -> ActionResult:
        return ActionResult({"Tags": self.backend.tags_of(self._request()["ResourceArn"])})

    def tag_resource(self) -> ActionResult:
        request = self._request()
        self.backend.tag(request["ResourceArn"], request["Tags"])
        return ActionResult({})

    def untag_resource(self) -> ActionResult:
        request = self._request()
        self.backend.untag(request["ResourceArn"], request["TagKeys"])
        return ActionResult({})

    def _request(self) -> dict[str, Any]:
        request = json.loads(self.body or "{}")
        operation = get_service_model("apprunner").operation_model(self._get_action())
        validate(request, operation.input_shape)
        # Null and absent are the same to AWS.
        return {name: value for name, value in request.items() if value is not None}

    def _started(self, started: tuple[Service, Operation]) -> ActionResult:
        service, operation = started
        return ActionResult({"Service": service.describe(), "OperationId": operation.id})

    def _configuration(self, ask: Callable[[dict[str, Any]], Any]) -> ActionResult:
        configuration = ask(self._request())
        return ActionResult({"AutoScalingConfiguration": self.backend.describe_configuration(configuration)})

    def _page(self, name: str, found: list[Any], request: dict[str, Any]) -> ActionResult:
        start = 0
        if token := request.get("NextToken"):
            try:
                start = int(base64.urlsafe_b64decode(token))
            except (ValueError, binascii.Error):
                raise InvalidRequest("The NextToken you specified isn't valid.") from None
        end = start + request.get("MaxResults", len(found) or 1)
        following = base64.urlsafe_b64encode(str(end).encode()).decode() if end < len(found) else None
        return ActionResult({name: found[start:end], "NextToken": following})
