"""App Runner's operations: each checks, records, and leaves the rest to the background."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource
from moto.utilities.tagging_service import TaggingService

from ..ground import ground, lasting
from . import deployments
from .autoscaling import Configuration, Configurations
from .connectors import Connector, Connectors
from .errors import InvalidRequest, InvalidState, ResourceNotFound, ServiceQuotaExceeded
from .front import Front
from .service import IN_PROGRESS, Operation, Service
from .settings import Settings

MOST_SERVICES = 30  # App Runner's quota for an account in a region (AWS General Reference): believed


class AppRunnerBackend(BaseBackend, TaggableResourcesMixin):
    SERVICE_NAMESPACE = "apprunner"

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.services: dict[str, Service] = {}
        self.configurations = Configurations(f"arn:aws:apprunner:{region_name}:{account_id}:autoscalingconfiguration")
        self.connectors = Connectors(account_id, region_name)
        self.tagger = TaggingService()

    # Services

    def create_service(self, request: dict[str, Any]) -> tuple[Service, Operation]:
        name = request["ServiceName"]
        if any(each.name == name for each in self.living()):
            raise InvalidRequest(f"Service with the provided name already exists: {name}.")
        if len(self.living()) >= MOST_SERVICES:
            raise ServiceQuotaExceeded(f"You've reached the quota of {MOST_SERVICES} services.")
        settings = Settings.of(request)
        self.connectors.for_service(settings.network)
        scaling = self.configurations.for_service(request.get("AutoScalingConfigurationArn"))
        service = Service(name, self.account_id, self.region_name, settings, scaling, Front(), status="NEW")
        self.services[service.arn] = service
        self.tagger.tag_resource(service.arn, request.get("Tags", []))
        operation = service.begin("CREATE_SERVICE", "created", "NEW")
        ground().begin(deployments.create, service, operation)
        return service, operation

    def update_service(self, request: dict[str, Any]) -> tuple[Service, Operation]:
        service = self.service(request["ServiceArn"])
        # A paused service has to be resumed first; one that could not be created may be mended (since 2023).
        former_state = service.status
        service.must_be("updated", "RUNNING", "CREATE_FAILED")
        settings = Settings.of(request, service.settings)
        self.connectors.for_service(settings.network)
        scaling = service.scaling
        if request.get("AutoScalingConfigurationArn"):
            scaling = self.configurations.for_service(request["AutoScalingConfigurationArn"])
        operation = service.begin("UPDATE_SERVICE", "updated", "RUNNING", "CREATE_FAILED")
        former = (service.settings, service.scaling)
        service.settings, service.scaling = settings, scaling
        if former[0].connector not in (None, settings.connector):
            self._linger(service, str(former[0].connector))
        ground().begin(deployments.update, service, operation, former, "apprunner update", former_state)
        return service, operation

    def start_deployment(self, arn: str) -> Operation:
        service = self.service(arn)
        try:
            operation = service.begin("START_DEPLOYMENT", "deployed", "RUNNING")
        except InvalidState as refusal:  # botocore's model: StartDeployment has no InvalidStateException
            raise InvalidRequest(refusal.message) from None
        former = (service.settings, service.scaling)
        ground().begin(deployments.update, service, operation, former, "apprunner deploy", "RUNNING")
        return operation

    def pause_service(self, arn: str) -> tuple[Service, Operation]:
        service = self.service(arn)
        operation = service.begin("PAUSE_SERVICE", "paused", "RUNNING")
        ground().begin(deployments.pause, service, operation)
        return service, operation

    def resume_service(self, arn: str) -> tuple[Service, Operation]:
        service = self.service(arn)
        operation = service.begin("RESUME_SERVICE", "resumed", "PAUSED")
        ground().begin(deployments.resume, service, operation)
        return service, operation

    def delete_service(self, arn: str) -> tuple[Service, Operation]:
        service = self.service(arn)
        operation = service.begin("DELETE_SERVICE", "deleted", "RUNNING", "PAUSED", "CREATE_FAILED", "DELETE_FAILED")
        ground().begin(deployments.delete, service, operation)
        if service.settings.connector:
            self._linger(service, service.settings.connector)
        ground().begin(self._forget, service)
        return service, operation

    def service(self, arn: str) -> Service:
        if arn not in self.services:
            raise ResourceNotFound(f"Service doesn't exist: {arn}.")
        return self.services[arn]

    def living(self) -> list[Service]:
        return [each for each in self.services.values() if each.status != "DELETED"]

    @lasting
    def _forget(self, service: Service) -> None:
        """A deleted service is still described for a while."""
        clock = ground().clock
        while service.status != "DELETED":
            clock.sleep(0.1)
        clock.timer("apprunner forget").rest()
        with ground().lock:
            self.services.pop(service.arn, None)

    # VPC connectors

    def create_connector(self, request: dict[str, Any]) -> Connector:
        made = self.connectors.create(request)
        self.tagger.tag_resource(made.arn, request.get("Tags", []))
        return made

    def delete_connector(self, arn: str) -> Connector:
        return self.connectors.delete(arn, any(each.settings.connector == arn for each in self.living()))

    def _linger(self, service: Service, arn: str) -> None:
        """A connector counts as used for a while after its service has gone, or has taken another."""
        self.connectors.lingering[arn] += 1
        ground().begin(self._let_go, service, arn)

    @lasting
    def _let_go(self, service: Service, arn: str) -> None:
        clock = ground().clock
        while service.status == IN_PROGRESS:
            clock.sleep(0.05)
        clock.timer("apprunner release connector").rest()
        with ground().lock:
            self.connectors.lingering[arn] = max(self.connectors.lingering[arn] - 1, 0)

    # Auto scaling configurations

    def create_configuration(self, request: dict[str, Any]) -> Configuration:
        made = self.configurations.create(request)
        self.tagger.tag_resource(made.arn, request.get("Tags", []))
        return made

    def delete_configuration(self, arn: str, every_revision: bool) -> Configuration:
        going = self.configurations.to_delete(arn, every_revision)
        if any(self.used(each) for each in going):
            raise InvalidRequest(
                "You can't delete the auto scaling configuration. It's used by one or more services. "
                "To delete it, update the services to use other auto scaling configurations."
            )
        self.configurations.delete(going)
        return going[0]

    def describe_configuration(self, configuration: Configuration) -> dict[str, Any]:
        latest = self.configurations.latest(configuration.name) is configuration
        return configuration.describe(latest, self.used(configuration))

    def used(self, configuration: Configuration) -> bool:
        return any(each.scaling is configuration for each in self.living())

    # Tags

    def tags_of(self, arn: str) -> list[dict[str, str]]:
        self._must_know(arn)
        return self.tagger.list_tags_for_resource(arn)["Tags"]

    def tag(self, arn: str, tags: list[dict[str, str]]) -> None:
        self._must_know(arn)
        self.tagger.tag_resource(arn, tags)

    def untag(self, arn: str, keys: list[str]) -> None:
        self._must_know(arn)
        self.tagger.untag_resource_using_names(arn, keys)

    def _must_know(self, arn: str) -> None:
        known = [each.arn for each in self.configurations.active()]
        known += [each.arn for each in self.connectors.active()]
        known += [each.arn for each in self.living()]
        if arn not in known:
            raise ResourceNotFound(f"Resource doesn't exist: {arn}.")

    def revive(self) -> Iterator[Callable[[], None]]:
        """What has to run again after the cloud was stopped: at the address it had. Operations go on by themselves."""
        for service in self.living():
            service.front.revive()
            if service.status == "RUNNING":
                yield partial(deployments.run_again, service)

    # The Resource Groups Tagging API asks these of every backend.

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        for service in self.living():
            yield TaggedResource(service.arn, self._as_dict(service.arn), "apprunner:service")
        for configuration in self.configurations.active():
            yield TaggedResource(
                configuration.arn, self._as_dict(configuration.arn), "apprunner:autoscalingconfiguration"
            )

        for connector in self.connectors.active():
            yield TaggedResource(connector.arn, self._as_dict(connector.arn), "apprunner:vpcconnector")

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        self.tag(arn, [{"Key": key, "Value": value} for key, value in tags.items()])

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        self.untag(arn, tag_keys)

    def _as_dict(self, arn: str) -> dict[str, str]:
        return self.tagger.get_tag_dict_for_resource(arn)


apprunner_backends = BackendDict(AppRunnerBackend, "apprunner")
