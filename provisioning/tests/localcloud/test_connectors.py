"""VPC connectors: what App Runner asks of a VPC, and how long it holds on to it."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from provisioning.localcloud.cloud import LocalCloud

from .conftest import Aws, Services, wait_for


def refusal(call: Any, **wanted: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**wanted)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


class Places:
    """Two subnets and a group in a VPC of their own."""

    def __init__(self, aws: Aws, cidr: str = "10.40", region: str = "eu-west-3", zones: str = "ab") -> None:
        self.ec2 = aws.client("ec2", region)
        self.api = aws.client("apprunner", region)
        self.vpc = self.ec2.create_vpc(CidrBlock=f"{cidr}.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [
            self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"{cidr}.{n}.0/24", AvailabilityZone=f"{region}{zone}")[
                "Subnet"
            ]["SubnetId"]
            for n, zone in enumerate(zones)
        ]
        self.group = self.ec2.create_security_group(GroupName="c", Description="c", VpcId=self.vpc)["GroupId"]

    def connect(self, name: str, **more: Any) -> dict[str, Any]:
        wanted = {"VpcConnectorName": name, "Subnets": self.subnets, "SecurityGroups": [self.group], **more}
        return self.api.create_vpc_connector(**wanted)["VpcConnector"]

    def interfaces(self) -> list[dict[str, Any]]:
        filters = [{"Name": "vpc-id", "Values": [self.vpc]}]
        return self.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]

    def connectors(self) -> list[dict[str, Any]]:
        """Those that are listed; other tests have some, too."""
        found = self.api.list_vpc_connectors()["VpcConnectors"]
        return [each for each in found if set(each["Subnets"]) <= set(self.subnets)]

    def delete_all(self) -> None:
        for each in self.connectors():
            wait_for(lambda arn=each["VpcConnectorArn"]: self._deleted(arn))

    def _deleted(self, arn: str) -> bool:
        try:
            self.api.delete_vpc_connector(VpcConnectorArn=arn)
        except self.api.exceptions.InvalidRequestException:
            return False
        return True


@pytest.fixture
def places(aws: Aws) -> Iterator[Places]:
    made = Places(aws)
    yield made
    made.delete_all()


def test_a_connector_has_an_interface_in_each_subnet_until_it_is_gone(places: Places, cloud: LocalCloud) -> None:
    """App Runner's guide: Hyperplane interfaces, tagged AWSAppRunnerManaged, which its own role manages."""
    made = places.connect("interfaces")
    assert (made["Status"], made["VpcConnectorRevision"]) == ("ACTIVE", 1)
    found = places.interfaces()
    assert sorted(each["SubnetId"] for each in found) == sorted(places.subnets)
    assert all({"Key": "AWSAppRunnerManaged", "Value": "true"} in each["TagSet"] for each in found)
    assert refusal(places.ec2.delete_subnet, SubnetId=places.subnets[0])[0] == "DependencyViolation"
    assert refusal(places.ec2.delete_security_group, GroupId=places.group)[0] == "DependencyViolation"
    with cloud.hold("apprunner release interfaces"):
        places.api.delete_vpc_connector(VpcConnectorArn=made["VpcConnectorArn"])
        assert refusal(places.ec2.delete_security_group, GroupId=places.group)[0] == "DependencyViolation"
    wait_for(lambda: not places.interfaces())
    places.ec2.delete_security_group(GroupId=places.group)


def test_a_deleted_connector_is_inactive_listed_no_more_and_holds_its_name(places: Places, cloud: LocalCloud) -> None:
    """botocore's model: INACTIVE "was deleted and can't be used"; that it holds its name is believed."""
    arn = places.connect("inactive")["VpcConnectorArn"]
    assert arn in [each["VpcConnectorArn"] for each in places.api.list_vpc_connectors()["VpcConnectors"]]
    with cloud.hold("apprunner forget"):
        places.api.delete_vpc_connector(VpcConnectorArn=arn)
        described = places.api.describe_vpc_connector(VpcConnectorArn=arn)["VpcConnector"]
        assert (described["Status"], "DeletedAt" in described) == ("INACTIVE", True)
        assert places.connectors() == []
        assert refusal(places.connect, name="inactive")[0] == "InvalidRequestException"


def test_a_name_in_use_is_refused(places: Places) -> None:
    """botocore's model: "App Runner supports only one revision per name"; the text is believed."""
    places.connect("name-in-use")
    code, text = refusal(places.connect, name="name-in-use", SecurityGroups=[])
    assert (code, "already exists: name-in-use" in text) == ("InvalidRequestException", True)


def test_the_same_network_under_another_name_is_refused(places: Places) -> None:
    """go-to-k.hatenablog.com, 2022-02-13: the combination must differ between connectors; text believed."""
    places.connect("first")
    code, text = refusal(places.connect, name="second")
    assert (code, "same subnets and security groups" in text) == ("InvalidRequestException", True)


def test_without_groups_it_has_the_vpcs_default_one(places: Places) -> None:
    """botocore's model of CreateVpcConnector."""
    made = places.connect("default-group", SecurityGroups=[])
    groups = places.ec2.describe_security_groups(GroupIds=made["SecurityGroups"])["SecurityGroups"]
    assert [(each["GroupName"], each["VpcId"]) for each in groups] == [("default", places.vpc)]


def test_subnets_of_two_vpcs_are_refused(places: Places, aws: Aws) -> None:
    """botocore's model: "Specify IDs of subnets of a single Amazon VPC"; the text is believed."""
    other = Places(aws, "10.41")
    code, text = refusal(places.connect, name="two-vpcs", Subnets=[*places.subnets, other.subnets[0]])
    assert (code, "single VPC" in text) == ("InvalidRequestException", True)


def test_a_subnet_that_is_not_there_is_refused(places: Places) -> None:
    """The text is EC2's; that App Runner hands it on is believed."""
    code, text = refusal(places.connect, name="nowhere", Subnets=["subnet-0123"])
    assert (code, "'subnet-0123' does not exist" in text) == ("InvalidRequestException", True)


def test_a_zone_that_app_runner_does_not_support_is_refused(aws: Aws) -> None:
    """App Runner's guide (2023): creation fails and names the subnets. use1-az3 is in people's Terraform."""
    zones = aws.client("ec2", "us-east-1").describe_availability_zones()["AvailabilityZones"]
    bad = next(each["ZoneName"] for each in zones if each["ZoneId"] == "use1-az3").removeprefix("us-east-1")
    good = next(each["ZoneName"] for each in zones if each["ZoneId"] == "use1-az1").removeprefix("us-east-1")
    there = Places(aws, "10.42", "us-east-1", good + bad)
    code, text = refusal(there.connect, name="unsupported")
    assert code == "InvalidRequestException"
    assert there.subnets[1] in text
    assert there.subnets[0] not in text


def test_a_connector_has_tags_that_the_tagging_api_finds(places: Places, aws: Aws) -> None:
    """botocore's model: TagResource; that the tagging API lists connectors is believed."""
    arn = places.connect("tagged", Tags=[{"Key": "connector", "Value": "yes"}])["VpcConnectorArn"]
    places.api.tag_resource(ResourceArn=arn, Tags=[{"Key": "more", "Value": "1"}])
    tags = places.api.list_tags_for_resource(ResourceArn=arn)["Tags"]
    assert {each["Key"]: each["Value"] for each in tags} == {"connector": "yes", "more": "1"}
    found = aws.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "connector"}])
    assert [each["ResourceARN"] for each in found["ResourceTagMappingList"]] == [arn]


def egress(arn: str | None) -> dict[str, Any]:
    found = {"EgressType": "VPC", "VpcConnectorArn": arn} if arn else {"EgressType": "DEFAULT"}
    return {"EgressConfiguration": found}


def test_a_service_goes_out_by_its_connector_and_holds_it(
    places: Places, services: Services, cloud: LocalCloud
) -> None:
    """apprunner-roadmap#161: in use also for a while after the service has gone, with these words."""
    arn = places.connect("held")["VpcConnectorArn"]
    service = services.create("connected", NetworkConfiguration=egress(arn))
    assert service["NetworkConfiguration"]["EgressConfiguration"] == egress(arn)["EgressConfiguration"]
    services.wait(service)
    words = f"Provided VPC connector arn is being used by other services. ARN: {arn}"
    assert refusal(places.api.delete_vpc_connector, VpcConnectorArn=arn) == ("InvalidRequestException", words)
    with cloud.hold("apprunner release connector"):
        services.api.delete_service(ServiceArn=service["ServiceArn"])
        services.wait(service, "DELETED")
        assert refusal(places.api.delete_vpc_connector, VpcConnectorArn=arn) == ("InvalidRequestException", words)
    wait_for(lambda: places._deleted(arn))


def test_a_service_can_leave_its_connector(places: Places, services: Services) -> None:
    """botocore's model: UpdateService takes a NetworkConfiguration."""
    arn = places.connect("left")["VpcConnectorArn"]
    service = services.create("leaver", NetworkConfiguration=egress(arn))
    services.wait(service)
    services.api.update_service(ServiceArn=service["ServiceArn"], NetworkConfiguration=egress(None))
    services.wait(service)
    assert services.describe(service)["NetworkConfiguration"]["EgressConfiguration"] == {"EgressType": "DEFAULT"}
    wait_for(lambda: places._deleted(arn))


def test_egress_without_a_connector_that_can_be_used_is_refused(places: Places, services: Services) -> None:
    """botocore's model: VpcConnectorArn "must be specified when EgressType is VPC"; the texts are believed."""
    network = {"EgressConfiguration": {"EgressType": "VPC"}}
    assert refusal(services.create, name="aimless", NetworkConfiguration=network)[0] == "InvalidRequestException"
    arn = places.connect("useless")["VpcConnectorArn"]
    places.api.delete_vpc_connector(VpcConnectorArn=arn)
    code, text = refusal(services.create, name="aimless", NetworkConfiguration=egress(arn))
    assert (code, "isn't valid" in text) == ("InvalidRequestException", True)
