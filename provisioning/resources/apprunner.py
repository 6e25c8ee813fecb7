"""The site's compute on App Runner: a service, and how it scales."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from ..aws import Aws, absent
from ..engine.resource import Given, Live, Lives, Resource, Retry, State, Values, now, resource, text
from ..pricing import HOURS, Meter, Usage
from .ecr import Image, Repository
from .iam import Role

STATES = {
    "RUNNING": State.READY,
    "PAUSED": State.READY,
    "OPERATION_IN_PROGRESS": State.CHANGING,
    "CREATE_FAILED": State.FAILED,
    "DELETE_FAILED": State.FAILED,
}
UNDONE = ("FAILED", "ROLLBACK_SUCCEEDED", "ROLLBACK_FAILED")


@resource
class AutoScalingConfiguration(Resource):
    """How many instances, and how many requests for each. Each change makes a new revision."""

    service: ClassVar[str] = "apprunner"
    revised: ClassVar[bool] = True
    retries: ClassVar = (
        Retry("InvalidRequestException", "in use"),
        Retry("InvalidRequestException", "used by"),
    )
    name_limit: ClassVar[int] = 32
    name_least: ClassVar[int] = 4

    max_concurrency: int
    min_size: int
    max_size: int

    def find(self, aws: Aws) -> Live | None:
        apprunner = aws.client("apprunner")
        latest = apprunner.list_auto_scaling_configurations(AutoScalingConfigurationName=self.name, LatestOnly=True)[
            "AutoScalingConfigurationSummaryList"
        ]
        for summary in latest:
            arn = summary["AutoScalingConfigurationArn"]
            with absent("ResourceNotFoundException"):
                found = apprunner.describe_auto_scaling_configuration(AutoScalingConfigurationArn=arn)
                found = found["AutoScalingConfiguration"]
                if found["Status"].upper() != "ACTIVE":  # its case differs between model and documentation
                    continue
                keys = {"max_concurrency": "MaxConcurrency", "min_size": "MinSize", "max_size": "MaxSize"}
                return Live(
                    id=arn,
                    arn=arn,
                    values={ours: found[theirs] for ours, theirs in keys.items()},
                    ours=aws.owns(apprunner.list_tags_for_resource(ResourceArn=arn)["Tags"]),
                )
        return None

    def wanted(self, lives: Lives) -> Values:
        return {
            "max_concurrency": self.max_concurrency,
            "min_size": self.min_size,
            "max_size": self.max_size,
        }

    def create(self, aws: Aws, wanted: Values) -> None:
        aws.client("apprunner").create_auto_scaling_configuration(
            AutoScalingConfigurationName=self.name,
            MaxConcurrency=wanted["max_concurrency"],
            MinSize=wanted["min_size"],
            MaxSize=wanted["max_size"],
            Tags=aws.tag_list(),
        )

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        self._drop_unused_revisions(aws)
        self.create(aws, {**live.values, **changes})

    def _drop_unused_revisions(self, aws: Aws) -> None:
        """App Runner keeps five revisions of a name at most (AWS's quotas)."""
        apprunner = aws.client("apprunner")
        found = apprunner.list_auto_scaling_configurations(AutoScalingConfigurationName=self.name)
        for each in found["AutoScalingConfigurationSummaryList"]:
            if not each.get("HasAssociatedService"):
                with absent("ResourceNotFoundException"):
                    apprunner.delete_auto_scaling_configuration(
                        AutoScalingConfigurationArn=each["AutoScalingConfigurationArn"]
                    )

    def delete(self, aws: Aws, live: Live) -> None:
        every_revision = live.arn[: live.arn.index(f"/{self.name}/")] + f"/{self.name}"
        with absent("ResourceNotFoundException"):
            aws.client("apprunner").delete_auto_scaling_configuration(
                AutoScalingConfigurationArn=every_revision, DeleteAllRevisions=True
            )


@resource
class Service(Resource):
    """The running site. `Live.values` also holds `url`, a host name without a scheme."""

    service: ClassVar[str] = "apprunner"
    disposable: ClassVar[bool] = True
    patience: ClassVar[int] = 1800
    usual: ClassVar[int] = 240
    name_limit: ClassVar[int] = 40
    name_least: ClassVar[int] = 4
    retries: ClassVar = (
        Retry("InvalidStateException"),  # an operation is in progress, also AWS's own maintenance
        Retry("InvalidRequestException", "assum", at_most=60),  # a new role takes seconds to spread
    )

    image: Image
    repository: Repository
    access_role: Role
    """Pulls the image."""
    instance_role: Role
    """What the site itself may do; it also reads the secrets."""
    scaling: AutoScalingConfiguration
    cpu: float
    """vCPU."""
    memory: float
    """GB."""
    port: int
    health_path: str
    environment: Mapping[str, str | Given]
    secrets: Mapping[str, str | Given]
    """ARNs by variable: App Runner itself puts in what they hold, when an instance starts."""

    def find(self, aws: Aws) -> Live | None:
        apprunner = aws.client("apprunner")
        arn = self._arn(apprunner)
        if not arn:
            return None
        with absent("ResourceNotFoundException"):
            found = apprunner.describe_service(ServiceArn=arn)["Service"]
            if found["Status"] == "DELETED":
                return None
            return Live(
                id=found["ServiceUrl"],
                arn=arn,
                values=self._values(found),
                state=STATES[found["Status"]],
                word=found["Status"],
                ours=aws.owns(apprunner.list_tags_for_resource(ResourceArn=arn)["Tags"]),
                setback=self._setback(aws, found),
            )
        return None

    def wanted(self, lives: Lives) -> Values:
        return {
            "paused": False,
            "image": text("{}:{}", lives[self.repository].id, self.image.tag),
            "port": str(self.port),
            "environment": {key: now(each, lives) for key, each in self.environment.items()},
            "secrets": {key: now(each, lives) for key, each in self.secrets.items()},
            "access_role": lives[self.access_role].arn,
            "instance_role": lives[self.instance_role].arn,
            "cpu": f"{self.cpu * 1024:.0f}",  # whatever was given, AWS shows 1024 for a vCPU or a GB
            "memory": f"{self.memory * 1024:.0f}",
            "scaling": lives[self.scaling].arn,
            "health_path": self.health_path,
            "automatic_deployments": False,
        }

    def create(self, aws: Aws, wanted: Values) -> None:
        aws.client("apprunner").create_service(ServiceName=self.name, Tags=aws.tag_list(), **self._settings(wanted))

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        apprunner = aws.client("apprunner")
        if "paused" in changes:  # nothing else can be changed until it runs again
            apprunner.resume_service(ServiceArn=live.arn)
        else:
            apprunner.update_service(ServiceArn=live.arn, **self._settings({**live.values, **changes}))

    def delete(self, aws: Aws, live: Live) -> None:
        with absent("ResourceNotFoundException"):
            aws.client("apprunner").delete_service(ServiceArn=live.arn)

    def meters(self, usage: Usage) -> Iterable[Meter]:
        # One instance: its memory is paid for at all hours, its processor while it answers.
        yield Meter("App Runner GB-hour", self.memory * self.scaling.min_size * HOURS)
        yield Meter("App Runner vCPU-hour", self.cpu * usage.hours)

    def _arn(self, apprunner: Any) -> str:
        """Services are described by ARN alone, so the list has to tell it; deleted ones stay a while."""
        page = apprunner.list_services()  # botocore has no paginator for it
        while True:
            for each in page["ServiceSummaryList"]:
                if each["ServiceName"] == self.name and each["Status"] != "DELETED":
                    return each["ServiceArn"]
            if not page.get("NextToken"):
                return ""
            page = apprunner.list_services(NextToken=page["NextToken"])

    def _settings(self, values: Values) -> dict[str, Any]:
        """The same for CreateService and UpdateService, which takes each part whole or not at all."""
        return {
            "SourceConfiguration": {
                "ImageRepository": {
                    "ImageIdentifier": values["image"],
                    "ImageRepositoryType": "ECR",
                    "ImageConfiguration": {
                        "Port": values["port"],
                        "RuntimeEnvironmentVariables": values["environment"],
                        "RuntimeEnvironmentSecrets": values["secrets"],
                    },
                },
                "AutoDeploymentsEnabled": values["automatic_deployments"],
                "AuthenticationConfiguration": {"AccessRoleArn": values["access_role"]},
            },
            "InstanceConfiguration": {
                "Cpu": values["cpu"],
                "Memory": values["memory"],
                "InstanceRoleArn": values["instance_role"],
            },
            "AutoScalingConfigurationArn": values["scaling"],
            "HealthCheckConfiguration": {
                "Protocol": "HTTP",
                "Path": values["health_path"],
                "Interval": 5,  # seconds
                "Timeout": 2,
                "HealthyThreshold": 1,
                "UnhealthyThreshold": 20,  # with the interval: 100 s for a first start
            },
        }

    def _values(self, found: Mapping[str, Any]) -> Values:
        source = found["SourceConfiguration"]
        image = source.get("ImageRepository", {})  # somebody's service may be built from code
        settings = image.get("ImageConfiguration", {})
        instance = found["InstanceConfiguration"]
        return {
            "paused": found["Status"] == "PAUSED",
            "image": image.get("ImageIdentifier"),
            "port": settings.get("Port"),
            "environment": settings.get("RuntimeEnvironmentVariables", {}),
            "secrets": settings.get("RuntimeEnvironmentSecrets", {}),
            "access_role": source.get("AuthenticationConfiguration", {}).get("AccessRoleArn"),
            "instance_role": instance.get("InstanceRoleArn"),
            "cpu": instance.get("Cpu"),
            "memory": instance.get("Memory"),
            "scaling": found.get("AutoScalingConfigurationSummary", {}).get("AutoScalingConfigurationArn"),
            "health_path": found.get("HealthCheckConfiguration", {}).get("Path"),
            "automatic_deployments": source.get("AutoDeploymentsEnabled"),
            "url": found["ServiceUrl"],
        }

    def _setback(self, aws: Aws, found: Mapping[str, Any]) -> str:
        """A failed deployment is rolled back and the service reports RUNNING: only the operation tells."""
        operations = aws.client("apprunner").list_operations(ServiceArn=found["ServiceArn"], MaxResults=1)
        last = next(iter(operations["OperationSummaryList"]), {})
        if last.get("Status") not in UNDONE:
            return ""
        told = f"{last['Type']} {last['Status']}, operation {last['Id']}"
        group = f"/aws/apprunner/{self.name}/{found['ServiceId']}/service"
        with absent("ResourceNotFoundException"):  # why it failed is in the service's own log, if anywhere
            since = int(last["StartedAt"].timestamp() * 1000)
            events = aws.client("logs").filter_log_events(logGroupName=group, startTime=since)["events"]
            told += f": {events[-1]['message'].strip()}" if events else ""
        return told
