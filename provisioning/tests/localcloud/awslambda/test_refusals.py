"""What Lambda refuses, and how it says so."""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from provisioning.localcloud.times import USUAL
from provisioning.tests.conftest import AWS_SECONDS_IN_OURS

from ..conftest import Aws, make_role, wait_for
from ..pushing import INDEX, image_of
from .conftest import LAMBDA, MODULE, Functions


def refusal(call: Any, **wanted: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**wanted)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_name_in_use_is_refused(functions: Functions) -> None:
    """Seen in reports: "Function already exist: …", with 409."""
    functions.create("taken")
    code, text = refusal(functions.create, name="taken")
    assert (code, text) == ("ResourceConflictException", "Function already exist: taken")


def test_a_role_that_lambda_can_not_assume_is_refused(functions: Functions, aws: Aws) -> None:
    """Seen in reports, also for seconds after a role's creation on AWS: here a role is there at once."""
    wrong = make_role(aws, "localcloud-not-lambdas", "ssm.amazonaws.com")
    for role in (wrong, "arn:aws:iam::123456789012:role/nobody"):
        code, text = refusal(functions.create, name="roleless", Role=role)
        assert code == "InvalidParameterValueException"
        assert text == "The role defined for the function cannot be assumed by Lambda."


@pytest.mark.parametrize(
    ("image", "complaint"),
    [
        ("123456789012.dkr.ecr.eu-west-3.amazonaws.com/localcloud-function:none", "does not exist. Provide a valid"),
        ("123456789012.dkr.ecr.eu-west-3.amazonaws.com/nowhere:one", "does not exist. Provide a valid source image"),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com/localcloud-function:one", "region and account"),
        ("210987654321.dkr.ecr.eu-west-3.amazonaws.com/localcloud-function:one", "region and account"),
        ("python:3.13", "Source image python:3.13 is not valid. Provide a valid source image."),
    ],
)
def test_an_image_that_lambda_can_not_have_is_refused(functions: Functions, image: str, complaint: str) -> None:
    """Seen in reports: "Source image … does not exist. Provide a valid source image."; elsewhere: believed."""
    code, text = refusal(functions.create, name="imageless", Code={"ImageUri": image})
    assert code == "InvalidParameterValueException"
    assert complaint in text


def test_an_index_of_images_is_refused(functions: Functions, aws: Aws) -> None:
    """aws-lambda-roadmap#82: what buildx makes with attestations is not supported."""
    text = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": []})
    ecr = aws.client("ecr")
    ecr.create_repository(repositoryName="localcloud-index")
    put = ecr.put_image(repositoryName="localcloud-index", imageManifest=text, imageTag="index")["image"]["imageId"]
    image = f"123456789012.dkr.ecr.eu-west-3.amazonaws.com/localcloud-index@{put['imageDigest']}"
    code, said = refusal(functions.create, name="indexed", Code={"ImageUri": image})
    assert code == "InvalidParameterValueException"
    assert said == (f"The image manifest, config or layer media type for the source image {image} is not supported.")


def test_limits_are_kept(functions: Functions) -> None:
    """Lambda's guide: at most 900 seconds and 10,240 MB; AWS's common wording."""
    for wanted, at in (
        ({"Timeout": 901}, "timeout"),
        ({"MemorySize": 10_241}, "memorySize"),
    ):
        code, text = refusal(functions.create, name="greedy", **wanted)
        assert code == "ValidationException"
        assert f"at '{at}" in text


def test_reserved_variables_are_refused(functions: Functions) -> None:
    """Seen in reports, with this text."""
    code, text = refusal(functions.create, name="presumptuous", Environment={"Variables": {"AWS_REGION": "x"}})
    assert code == "InvalidParameterValueException"
    assert text.endswith("Reserved keys used in this request: AWS_REGION")


def test_an_environment_of_more_than_4_kb_is_refused(functions: Functions) -> None:
    """Lambda's guide, quotas; the text is from reports."""
    code, text = refusal(functions.create, name="wordy", Environment={"Variables": {"LONG": "x" * 4096}})
    assert code == "InvalidParameterValueException"
    assert "exceeded the 4KB limit" in text


def test_a_network_that_is_not_there_is_refused(functions: Functions, aws: Aws) -> None:
    """Seen in reports: Lambda hands EC2's error on."""
    ec2 = aws.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    wrong = {"SubnetIds": ["subnet-0123"], "SecurityGroupIds": ["sg-0123"]}
    assert "EC2 Error Code: InvalidSubnetID.NotFound" in refusal(functions.create, name="lost", VpcConfig=wrong)[1]
    wrong["SubnetIds"] = [subnet["SubnetId"]]
    assert "EC2 Error Code: InvalidGroup.NotFound" in refusal(functions.create, name="lost", VpcConfig=wrong)[1]


def test_a_role_without_rights_on_ec2_can_not_be_in_a_vpc(functions: Functions, aws: Aws) -> None:
    """Seen in reports, with this text."""
    role = make_role(aws, "localcloud-no-ec2", LAMBDA)
    network = network_of(aws)
    code, text = refusal(functions.create, name="walled", Role=role, VpcConfig=network)
    assert code == "InvalidParameterValueException"
    assert text == "The provided execution role does not have permissions to call CreateNetworkInterface on EC2"


def test_a_deleted_function_leaves_its_interfaces_for_a_while(functions: Functions, aws: Aws) -> None:
    """Lambda's guide: up to 20 minutes; until then its subnets and groups can't be deleted (reports: 40)."""
    ec2 = aws.client("ec2")
    network = network_of(aws)
    group = ec2.create_security_group(GroupName="lambda-leaves", Description="x")["GroupId"]
    functions.active("networked", VpcConfig={**network, "SecurityGroupIds": [group]})
    assert functions.configuration("networked")["VpcConfig"]["VpcId"].startswith("vpc-")
    found = ec2.describe_network_interfaces(Filters=[{"Name": "group-id", "Values": [group]}])["NetworkInterfaces"]
    assert [each["InterfaceType"] for each in found] == ["lambda"]
    assert found[0]["Description"].startswith("AWS Lambda VPC ENI-networked-")
    assert refusal(ec2.delete_network_interface, NetworkInterfaceId=found[0]["NetworkInterfaceId"])[0].endswith(
        "InUse"
    )
    with aws.cloud.hold("lambda release interfaces"):
        functions.api.delete_function(FunctionName="networked")
        assert refusal(ec2.delete_security_group, GroupId=group) == (
            "DependencyViolation",
            f"resource {group} has a dependent object",
        )
    filters = [{"Name": "group-id", "Values": [group]}]
    wait_for(lambda: ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"] == [], True)
    ec2.delete_security_group(GroupId=group)


def test_interfaces_stay_when_the_role_goes_first(functions: Functions, aws: Aws) -> None:
    """terraform-provider-aws#9495: Lambda deletes its interfaces with the rights of the function's role."""
    ec2, iam = aws.client("ec2"), aws.client("iam")
    network = network_of(aws)
    group = ec2.create_security_group(GroupName="lambda-stays", Description="x")["GroupId"]
    role = make_role(aws, "localcloud-goes-first", LAMBDA, ("ec2:*", "*"))
    functions.active("orphaned", Role=role, VpcConfig={**network, "SecurityGroupIds": [group]})
    iam.delete_role_policy(RoleName="localcloud-goes-first", PolicyName="allowed")
    functions.api.delete_function(FunctionName="orphaned")
    filters = [{"Name": "group-id", "Values": [group]}]

    def left() -> int:
        return len(ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"])

    time.sleep(2 * USUAL["lambda release interfaces"] / AWS_SECONDS_IN_OURS)
    assert left() == 1
    document = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    )
    iam.put_role_policy(RoleName="localcloud-goes-first", PolicyName="allowed", PolicyDocument=document)
    wait_for(left, 0)


def test_a_function_that_leaves_its_vpc_gives_its_interfaces_back(functions: Functions, aws: Aws) -> None:
    """botocore's model: empty lists of subnets and groups take a function out of its VPC."""
    ec2 = aws.client("ec2")
    group = ec2.create_security_group(GroupName="lambda-moves", Description="x")["GroupId"]
    functions.active("moves", VpcConfig={**network_of(aws), "SecurityGroupIds": [group]})
    outside = {"SubnetIds": [], "SecurityGroupIds": []}
    changed = functions.api.update_function_configuration(FunctionName="moves", VpcConfig=outside)
    assert "VpcConfig" not in changed
    filters = [{"Name": "group-id", "Values": [group]}]
    wait_for(lambda: not ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"])
    functions.settled("moves")


def test_a_zip_is_not_emulated(functions: Functions) -> None:
    """Ours: the project's functions are images."""
    code, text = refusal(
        functions.api.create_function,
        FunctionName="zipped",
        Role=functions.role,
        Runtime="python3.13",
        Handler="a.b",
        Code={"ZipFile": b"x"},
    )
    assert (code, "does not emulate" in text) == ("NotImplemented", True)


def test_what_is_not_emulated_says_so(functions: Functions) -> None:
    """Ours."""
    for call, wanted in (
        (functions.api.list_layers, {}),
        (functions.api.list_event_source_mappings, {}),
        (functions.api.publish_version, {"FunctionName": "any"}),
        (functions.api.create_function_url_config, {"FunctionName": "any", "AuthType": "NONE"}),
    ):
        assert refusal(call, **wanted)[0] == "NotImplemented"


def test_payloads_have_limits(functions: Functions) -> None:
    """botocore's model of Invoke: 6 MB, and 1 MB for an event."""
    functions.active("stuffed")
    payload = json.dumps("x" * (1024 * 1024 + 1)).encode()
    code, _ = refusal(functions.api.invoke, FunctionName="stuffed", InvocationType="Event", Payload=payload)
    assert code == "RequestTooLargeException"
    code, _ = refusal(functions.api.invoke, FunctionName="stuffed", Payload=b'"' + b"x" * (6 * 1024 * 1024) + b'"')
    assert code == "RequestTooLargeException"


def test_a_function_whose_role_is_gone_can_not_be_invoked(functions: Functions, aws: Aws) -> None:
    """Seen in reports for roles that were deleted or made anew; the code is believed."""
    functions.active("roleless", Role=make_role(aws, "localcloud-gone", LAMBDA))
    aws.client("iam").delete_role(RoleName="localcloud-gone")
    code, text = refusal(functions.api.invoke, FunctionName="roleless")
    assert (code, "cannot be assumed by Lambda" in text) == ("AccessDeniedException", True)


def test_a_payload_has_to_be_json(functions: Functions) -> None:
    """botocore's model: InvalidRequestContentException; the text is from reports."""
    functions.active("plain")
    code, text = refusal(functions.api.invoke, FunctionName="plain", Payload=b"{")
    assert (code, "Could not parse request body into json" in text) == ("InvalidRequestContentException", True)


def network_of(aws: Aws) -> dict[str, list[str]]:
    ec2 = aws.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    filters = [{"Name": "vpc-id", "Values": [subnet["VpcId"]]}, {"Name": "group-name", "Values": ["default"]}]
    group = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]
    return {"SubnetIds": [subnet["SubnetId"]], "SecurityGroupIds": [group["GroupId"]]}


def test_lambda_lets_itself_pull_when_its_caller_may_set_the_policy(functions: Functions, aws: Aws) -> None:
    """Lambda's guide: it adds LambdaECRImageRetrievalPolicy, if the caller has both rights on the repository."""
    functions.create("pulls")
    policy = json.loads(aws.client("ecr").get_repository_policy(repositoryName="localcloud-function")["policyText"])
    assert [each["Principal"] for each in policy["Statement"]] == [{"Service": "lambda.amazonaws.com"}]


def test_a_repository_that_lambda_may_not_pull_from_is_refused(functions: Functions, aws: Aws) -> None:
    """Seen in reports, with this text and 403."""
    image = image_of(aws, "localcloud-shut", {"job.py": MODULE})
    statements = [{"Effect": "Allow", "Action": ["lambda:*", "iam:PassRole"], "Resource": "*"}]
    person = aws.cloud.person({"Version": "2012-10-17", "Statement": statements})
    theirs = Functions(aws, image, functions.role)
    theirs.api = aws.client("lambda", credentials=person)
    aws.cloud.enforce_iam = True
    try:
        code, text = refusal(theirs.create, name="shut-out")
    finally:
        aws.cloud.enforce_iam = False
    assert code == "AccessDeniedException"
    assert text == "Lambda does not have permission to access the ECR image. Check the ECR permissions."


def test_a_functions_own_calls_are_held_to_its_roles_rights(functions: Functions, aws: Aws) -> None:
    """AWS documents: the execution role is what a function's code may do."""
    functions.active("may", "buckets")
    functions.active("may-not", "buckets", Role=make_role(aws, "localcloud-no-s3", LAMBDA, ("logs:*", "*")))
    aws.cloud.enforce_iam = True
    try:
        allowed, denied = functions.invoke("may"), functions.invoke("may-not")
    finally:
        aws.cloud.enforce_iam = False
    assert allowed[1] is None
    assert denied[1] == "Unhandled"
    assert "assumed-role/localcloud-no-s3/may-not is not authorized to perform: s3:ListAllMyBuckets" in str(denied[0])
