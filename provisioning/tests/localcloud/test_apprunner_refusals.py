"""What App Runner refuses at once, and how it spells what it accepts."""

from typing import Any

import pytest
from botocore import validate as botocore_validate
from botocore.exceptions import ClientError
from moto.core.utils import get_service_model

from provisioning.localcloud.apprunner.validation import check

from .conftest import Aws, Services, make_role

TASKS = "tasks.apprunner.amazonaws.com"


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        ({"ServiceName": "a_b.c"}, "satisfy regular expression pattern"),
        ({"ServiceName": "x" * 41}, "length less than or equal to 40"),
        ({"InstanceConfiguration": {"Cpu": "3 vCPU"}}, "satisfy regular expression pattern"),
        ({"HealthCheckConfiguration": {"Protocol": "UDP"}}, "satisfy enum value set"),
        ({"HealthCheckConfiguration": {"Interval": 21}}, "value less than or equal to 20"),
    ],
)
def test_a_request_is_held_against_the_model(services: Services, request_: dict[str, Any], complaint: str) -> None:
    """botocore's model: patterns, enums and ranges, which botocore itself does not check before it sends."""
    wanted = {"ServiceName": "well", "SourceConfiguration": services.source(), **request_}
    with pytest.raises(services.api.exceptions.InvalidRequestException, match=complaint):
        services.api.create_service(**wanted)


@pytest.mark.parametrize(
    ("role_of", "complaint"), [("access", "Error in assuming access role"), ("instance", "instance role")]
)
def test_a_role_that_trusts_somebody_else_is_refused(
    services: Services, aws: Aws, role_of: str, complaint: str
) -> None:
    """Seen in reports: "Error in assuming access role …". For the instance role the wording is believed."""
    wrong = make_role(aws, f"wrong-{role_of}", "ssm.amazonaws.com")
    access = {"source": services.source(access_role=wrong)}
    instance = {"InstanceConfiguration": {"InstanceRoleArn": wrong}}
    with pytest.raises(ClientError, match=complaint):
        services.create("distrusted", **(access if role_of == "access" else instance))


def test_a_private_image_needs_an_access_role(services: Services) -> None:
    """botocore's model: AccessRoleArn is "required for ECR image repositories"."""
    source = services.source()
    del source["AuthenticationConfiguration"]
    with pytest.raises(ClientError, match="Authentication configuration"):
        services.create("roleless", source=source)


def test_cpu_and_memory_have_to_fit(services: Services) -> None:
    """AWS documents which memory each CPU can have."""
    with pytest.raises(ClientError, match="Cpu 256 and Memory 4096"):
        services.create("greedy", InstanceConfiguration={"Cpu": "0.25 vCPU", "Memory": "4 GB"})


def test_cpu_and_memory_come_back_as_numbers(services: Services) -> None:
    """Known from the Terraform provider: "1 vCPU" is returned as "1024", "2 GB" as "2048"."""
    service = services.create("spelled", InstanceConfiguration={"Cpu": "1 vCPU", "Memory": "2 GB"})
    assert service["InstanceConfiguration"]["Cpu"] == "1024"
    assert service["InstanceConfiguration"]["Memory"] == "2048"


def test_reserved_variables_are_refused(services: Services) -> None:
    """botocore's model: "Keys with a prefix of AWSAPPRUNNER are reserved"."""
    with pytest.raises(ClientError, match="reserved"):
        services.create("presumptuous", {"AWSAPPRUNNER_X": "1"})


def test_every_answer_has_the_shape_of_the_model(services: Services, aws: Aws) -> None:
    """botocore's model, held against what goes over the wire."""
    service = services.create("shapely", Tags=[{"Key": "env", "Value": "test"}])
    services.wait(service)
    api, arn = services.api, service["ServiceArn"]
    configuration = service["AutoScalingConfigurationSummary"]["AutoScalingConfigurationArn"]
    for operation, answer in {
        "DescribeService": api.describe_service(ServiceArn=arn),
        "ListServices": api.list_services(),
        "ListOperations": api.list_operations(ServiceArn=arn),
        "ListTagsForResource": api.list_tags_for_resource(ResourceArn=arn),
        "ListAutoScalingConfigurations": api.list_auto_scaling_configurations(),
        "DescribeAutoScalingConfiguration": api.describe_auto_scaling_configuration(
            AutoScalingConfigurationArn=configuration
        ),
        "ListServicesForAutoScalingConfiguration": api.list_services_for_auto_scaling_configuration(
            AutoScalingConfigurationArn=configuration
        ),
    }.items():
        del answer["ResponseMetadata"]
        shape = get_service_model("apprunner").operation_model(operation).output_shape
        assert not botocore_validate.ParamValidator().validate(answer, shape).generate_report()
        # The model asks a service's id for dashes that AWS does not put there, and times are dates by now.
        failures = [each for each in check(answer, shape, "") if "erviceId" not in each and "timestamp" not in each]
        assert failures == []


def test_long_lists_come_in_pages(services: Services) -> None:
    """botocore's paginators have none for App Runner's lists, but its model has MaxResults and NextToken."""
    for name in ("page-one", "page-two"):
        services.create(name)
    first = services.api.list_services(MaxResults=1)
    second = services.api.list_services(MaxResults=1, NextToken=first["NextToken"])
    assert len(first["ServiceSummaryList"]) == len(second["ServiceSummaryList"]) == 1
    assert first["ServiceSummaryList"] != second["ServiceSummaryList"]
    with pytest.raises(ClientError, match="NextToken"):
        services.api.list_services(NextToken="?")


def test_tags_are_kept_and_found_by_the_tagging_api(services: Services, aws: Aws) -> None:
    """botocore's model: TagResource; that the tagging API lists services is believed."""
    service = services.create("tagged", Tags=[{"Key": "env", "Value": "tagged"}])
    arn = service["ServiceArn"]
    services.api.tag_resource(ResourceArn=arn, Tags=[{"Key": "more", "Value": "1"}])
    services.api.untag_resource(ResourceArn=arn, TagKeys=["env"])
    assert services.api.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "more", "Value": "1"}]
    found = aws.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "more", "Values": ["1"]}])
    assert [each["ResourceARN"] for each in found["ResourceTagMappingList"]] == [arn]
