"""How many instances a service has, and how many requests each of them takes."""

from __future__ import annotations

from typing import ClassVar

from ...aws import Aws, absent
from ...engine.resource import Live, Lives, Resource, Retry, Values, resource
from .closed import CLOSED


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
    advice: ClassVar = CLOSED

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
