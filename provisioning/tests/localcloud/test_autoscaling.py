"""Auto scaling configurations: revisions, the default, and what is in use."""

import pytest
from botocore.exceptions import ClientError

from .conftest import Services


def test_the_same_name_makes_a_new_revision(services: Services) -> None:
    """botocore's model: "App Runner creates incremental revisions of the configuration"."""
    first, second = services.scaling("grows"), services.scaling("grows", MaxSize=3)
    assert (first["AutoScalingConfigurationRevision"], first["MaxSize"]) == (1, 25)
    assert (second["AutoScalingConfigurationRevision"], second["MaxSize"], second["Latest"]) == (2, 3, True)
    described = services.api.describe_auto_scaling_configuration(
        AutoScalingConfigurationArn=first["AutoScalingConfigurationArn"]
    )
    assert described["AutoScalingConfiguration"]["Latest"] is False


def test_lists_show_the_latest_only_unless_told_otherwise(services: Services) -> None:
    """botocore's model: LatestOnly, default true."""
    services.scaling("listed")
    services.scaling("listed")
    ask = services.api.list_auto_scaling_configurations
    latest = ask(AutoScalingConfigurationName="listed")["AutoScalingConfigurationSummaryList"]
    every = ask(AutoScalingConfigurationName="listed", LatestOnly=False)["AutoScalingConfigurationSummaryList"]
    assert [each["AutoScalingConfigurationRevision"] for each in latest] == [2]
    assert [each["AutoScalingConfigurationRevision"] for each in every] == [2, 1]


def test_one_that_is_used_can_not_be_deleted(services: Services) -> None:
    """Seen in reports (terraform-provider-aws#38534): the wording."""
    made = services.scaling("used")
    arn = made["AutoScalingConfigurationArn"]
    service = services.create("user-of-it", AutoScalingConfigurationArn=arn)
    name_arn = str(arn).rsplit("/", 2)[0]
    for wanted in ({"AutoScalingConfigurationArn": arn}, {"AutoScalingConfigurationArn": name_arn}):
        with pytest.raises(ClientError, match="It's used by one or more services"):
            services.api.delete_auto_scaling_configuration(**wanted)
    services.wait(service)
    services.api.delete_service(ServiceArn=service["ServiceArn"])
    services.wait(service, "DELETED")
    deleted = services.api.delete_auto_scaling_configuration(
        AutoScalingConfigurationArn=name_arn, DeleteAllRevisions=True
    )["AutoScalingConfiguration"]
    assert deleted["Status"] == "INACTIVE"
    with pytest.raises(services.api.exceptions.ResourceNotFoundException):
        services.api.describe_auto_scaling_configuration(AutoScalingConfigurationArn=name_arn)


def test_all_revisions_go_by_the_name_alone(services: Services) -> None:
    """botocore's model: with DeleteAllRevisions "the only valid value … is a partial ARN ending with: .../name"."""
    made = services.scaling("whole")
    with pytest.raises(ClientError, match="DeleteAllRevisions"):
        services.api.delete_auto_scaling_configuration(
            AutoScalingConfigurationArn=made["AutoScalingConfigurationArn"], DeleteAllRevisions=True
        )


def test_the_reserved_one_stays(services: Services) -> None:
    """Seen in reports (terraform-provider-aws#19840): "You can't delete a reserved auto scaling configuration"."""
    [default] = services.api.list_auto_scaling_configurations(AutoScalingConfigurationName="DefaultConfiguration")[
        "AutoScalingConfigurationSummaryList"
    ]
    with pytest.raises(ClientError, match="reserved auto scaling configuration"):
        services.api.delete_auto_scaling_configuration(
            AutoScalingConfigurationArn=default["AutoScalingConfigurationArn"]
        )


def test_a_service_can_not_have_one_that_does_not_exist(services: Services) -> None:
    """Seen in reports: "The auto scaling configuration ARN you specified isn't valid. ARN: '…'"."""
    arn = "arn:aws:apprunner:eu-west-3:123456789012:autoscalingconfiguration/nowhere/1"
    with pytest.raises(ClientError, match="The auto scaling configuration ARN you specified isn't valid"):
        services.create("unscaled", AutoScalingConfigurationArn=arn)


@pytest.mark.parametrize(
    ("sizes", "complaint"),
    [
        ({"MinSize": 26}, "less than or equal to 25"),
        ({"MaxConcurrency": 201}, "less than or equal to 200"),
        ({"MinSize": 3, "MaxSize": 2}, "MinSize must be less"),
    ],
)
def test_sizes_are_checked(services: Services, sizes: dict[str, int], complaint: str) -> None:
    """botocore's model: the ranges; that the smaller must not be the larger is believed."""
    with pytest.raises(ClientError, match=complaint):
        services.scaling("missized", **sizes)
