"""Lambda with functions that really run, by AWS's own runtime client."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from provisioning.localcloud.cloud import LocalCloud

from ..conftest import ACCOUNT, REGION, Aws, make_role, wait_for
from ..pushing import Engine, configured
from .conftest import LAMBDA, MODULE, Functions


def lines(file: Path) -> list[str]:
    return file.read_text().split() if file.exists() else []


def test_a_function_runs_its_image_with_what_lambda_gives_it(functions: Functions) -> None:
    """Lambda's guide: the variables of the image, of the function and of Lambda; the working directory."""
    made = functions.create("runs", Environment={"Variables": {"COLOUR": "blue"}}, MemorySize=256)
    assert (made["State"], made["StateReasonCode"], made["PackageType"]) == ("Pending", "Creating", "Image")
    wait_for(lambda: functions.configuration("runs")["State"], "Active")
    seen, error = functions.invoke("runs", {"say": "hello"})
    assert error is None
    environment = seen["environment"]
    assert Path(seen["folder"]).name == functions.image.rpartition(":")[2]  # where that digest is unpacked
    assert (environment["COLOUR"], environment["FROM_THE_IMAGE"]) == ("blue", "1")
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "runs"
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert environment["AWS_REGION"] == REGION
    assert 20_000 < seen["left"] <= 30_000


def test_a_process_is_kept_for_the_next_invocation_until_the_function_changes(functions: Functions) -> None:
    """Lambda's guide: an execution environment is used again, and a new version gets new ones."""
    functions.active("warm")
    first, again = functions.invoke("warm")[0]["process"], functions.invoke("warm")[0]["process"]
    assert first == again
    functions.api.update_function_configuration(FunctionName="warm", Environment={"Variables": {"NEW": "1"}})
    functions.settled("warm")
    changed = functions.invoke("warm")[0]
    assert changed["process"] != first
    assert changed["environment"]["NEW"] == "1"


def test_a_function_that_fails_says_so_in_the_answer(functions: Functions, tmp_path: Path) -> None:
    """botocore's model: FunctionError, and the error in the payload; the status is 200 all the same."""
    functions.active("fails", "fail")
    answer, error = functions.invoke("fails", {"file": str(tmp_path / "tries")})
    assert error == "Unhandled"
    assert (answer["errorType"], answer["errorMessage"]) == ("ValueError", "no luck")


def test_a_process_that_dies_is_an_error_and_the_next_invocation_gets_another(functions: Functions) -> None:
    """Seen in reports: "Runtime exited with error: exit status 3", Runtime.ExitError."""
    functions.active("dies", "die")
    for _ in range(2):
        answer, error = functions.invoke("dies")
        assert (error, answer["errorType"]) == ("Unhandled", "Runtime.ExitError")
        assert "exit status 3" in answer["errorMessage"]


def test_a_module_that_can_not_be_loaded_is_an_error(functions: Functions) -> None:
    """The runtime client reports it to the Runtime API's /init/error."""
    functions.active("unloadable", "missing")
    answer, error = functions.invoke("unloadable")
    assert (error, answer["errorType"]) == ("Unhandled", "Runtime.HandlerNotFound")


def test_a_function_that_takes_too_long_is_killed(functions: Functions, aws: Aws) -> None:
    """Lambda's guide: "Task timed out after …"; the seconds are real ones."""
    functions.active("slow", "sleep", Timeout=1)
    answer, error = functions.invoke("slow", {"seconds": 30})
    assert error == "Unhandled"
    assert "Task timed out after 1.00 seconds" in answer["errorMessage"]
    events = aws.client("logs").filter_log_events(logGroupName="/aws/lambda/slow")["events"]
    assert any("Task timed out after 1.00 seconds" in event["message"] for event in events)


def test_the_output_is_in_the_functions_log_group_line_by_line(functions: Functions, aws: Aws) -> None:
    """Lambda's guide: START, the output, END and REPORT, in /aws/lambda/NAME or the group that was given."""
    aws.client("logs").create_log_group(logGroupName="/scale0/given")
    functions.active("tells", LoggingConfig={"LogGroup": "/scale0/given"})
    functions.invoke("tells", {"say": "hello"})
    events = aws.client("logs").filter_log_events(logGroupName="/scale0/given")["events"]
    messages = [event["message"] for event in events]
    assert [message.split()[0] for message in messages] == ["START", "said", "END", "REPORT"]
    assert messages[1] == "said hello"


def test_a_role_without_rights_on_logs_runs_and_leaves_none(functions: Functions, aws: Aws) -> None:
    """Lambda's guide: without the rights the function runs, and there are no logs."""
    role = make_role(aws, "localcloud-speechless", LAMBDA)
    functions.active("speechless", Role=role)
    assert functions.invoke("speechless")[1] is None
    groups = aws.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/speechless")["logGroups"]
    assert groups == []


def test_a_function_is_its_role(functions: Functions) -> None:
    """AWS documents: a function's code has temporary credentials of its execution role."""
    functions.active("identity", "identity")
    arn, _ = functions.invoke("identity")
    assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/localcloud-function/identity"


def test_an_event_is_answered_at_once_and_tried_again_twice(functions: Functions, tmp_path: Path) -> None:
    """botocore's model: 202; "Lambda executes the function up to two more times", with the same request id."""
    functions.active("retried", "fail")
    file = tmp_path / "retried"
    answer = functions.api.invoke(
        FunctionName="retried", InvocationType="Event", Payload=json.dumps({"file": str(file)})
    )
    assert answer["StatusCode"] == 202
    tries = wait_for(lambda: len(lines(file)) == 3 and lines(file))
    assert len(set(tries)) == 1


def test_no_retries_when_there_shall_be_none(functions: Functions, tmp_path: Path, aws: Aws) -> None:
    """botocore's model: MaximumRetryAttempts 0 to 2."""
    functions.active("once", "fail")
    put = functions.api.put_function_event_invoke_config(
        FunctionName="once", MaximumRetryAttempts=0, MaximumEventAgeInSeconds=60
    )
    assert (put["MaximumRetryAttempts"], put["MaximumEventAgeInSeconds"]) == (0, 60)
    functions.api.update_function_event_invoke_config(FunctionName="once", MaximumEventAgeInSeconds=120)
    got = functions.api.get_function_event_invoke_config(FunctionName="once")
    assert (got["MaximumRetryAttempts"], got["MaximumEventAgeInSeconds"]) == (0, 120)
    file = tmp_path / "once"
    functions.api.invoke(FunctionName="once", InvocationType="Event", Payload=json.dumps({"file": str(file)}))
    ended = "REPORT"
    logs = aws.client("logs")
    wait_for(lambda: ended in messages(logs, "/aws/lambda/once"))
    assert len(lines(file)) == 1
    functions.api.delete_function_event_invoke_config(FunctionName="once")
    with pytest.raises(functions.api.exceptions.ResourceNotFoundException):
        functions.api.get_function_event_invoke_config(FunctionName="once")


def messages(logs: object, group: str) -> str:
    try:
        events = logs.filter_log_events(logGroupName=group)["events"]  # type: ignore[attr-defined]
    except logs.exceptions.ResourceNotFoundException:  # type: ignore[attr-defined]
        return ""
    return "\n".join(event["message"] for event in events)


def test_an_event_may_come_twice(functions: Functions, tmp_path: Path, aws: Aws) -> None:
    """botocore's model: "your function may receive the same event multiple times, even if no error occurs"."""
    functions.active("twice", "note")
    file = tmp_path / "twice"
    aws.cloud.deliver_twice("twice")
    functions.api.invoke(FunctionName="twice", InvocationType="Event", Payload=json.dumps({"file": str(file)}))
    seen = wait_for(lambda: len(lines(file)) == 2 and lines(file))
    assert len(set(seen)) == 1


def test_two_invocations_at_once_have_a_process_each(functions: Functions, tmp_path: Path) -> None:
    """Lambda's guide, on concurrency: a busy execution environment takes no second invocation."""
    functions.active("busy", "sleep")
    functions.api.invoke(FunctionName="busy", InvocationType="Event", Payload='{"seconds": 3}')
    assert functions.invoke("busy", {"seconds": 0})[0] == "slept"


def test_an_update_of_the_code_takes_the_new_image(functions: Functions, aws: Aws) -> None:
    """botocore's model: LastUpdateStatus InProgress, then Successful; a second update is refused meanwhile."""
    functions.active("updated")
    digest = Engine(aws).push("localcloud-function", "two", configured(Env=["TWO=2"]), {"app/job.py": MODULE})
    uri = f"{functions.image.partition('@')[0]}:two"
    in_progress = pytest.raises(
        functions.api.exceptions.ResourceConflictException, match="An update is in progress for"
    )
    with aws.cloud.hold("lambda update"):
        changed = functions.api.update_function_code(FunctionName="updated", ImageUri=uri)
        assert changed["LastUpdateStatus"] == "InProgress"
        with in_progress:
            functions.api.update_function_code(FunctionName="updated", ImageUri=uri)
    functions.settled("updated")
    got = functions.api.get_function(FunctionName="updated")
    assert got["Code"]["ImageUri"] == uri
    assert got["Code"]["ResolvedImageUri"].endswith(digest)
    assert functions.invoke("updated")[0]["environment"]["TWO"] == "2"


def test_a_function_has_tags_that_the_tagging_api_finds(functions: Functions, aws: Aws) -> None:
    """botocore's model: Tags of CreateFunction and of GetFunction; TagResource, UntagResource, ListTags."""
    arn = functions.create("tagged", Tags={"scale0": "test"})["FunctionArn"]
    functions.api.tag_resource(Resource=arn, Tags={"more": "1", "less": "2"})
    functions.api.untag_resource(Resource=arn, TagKeys=["less"])
    assert functions.api.get_function(FunctionName="tagged")["Tags"] == {"scale0": "test", "more": "1"}
    assert functions.api.list_tags(Resource=arn)["Tags"] == {"scale0": "test", "more": "1"}
    found = aws.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "more", "Values": ["1"]}])
    assert [each["ResourceARN"] for each in found["ResourceTagMappingList"]] == [arn]


def test_a_deleted_function_is_gone_at_once(functions: Functions) -> None:
    """Seen in reports: "Function not found: arn:…"."""
    functions.active("gone")
    functions.api.delete_function(FunctionName="gone")
    with pytest.raises(functions.api.exceptions.ResourceNotFoundException, match="Function not found: arn:aws:lambda"):
        functions.configuration("gone")
    assert "gone" not in [each["FunctionName"] for each in functions.api.list_functions()["Functions"]]


def test_a_dry_run_runs_nothing(functions: Functions) -> None:
    """botocore's model: 204."""
    functions.active("dry")
    assert functions.api.invoke(FunctionName="dry", InvocationType="DryRun")["StatusCode"] == 204


def test_a_function_that_is_being_created_can_not_be_invoked(functions: Functions, cloud: LocalCloud) -> None:
    """Seen in reports: "The function is currently in the following state: Pending"."""
    with cloud.hold("lambda create"):
        functions.create("early")
        with pytest.raises(ClientError, match="currently in the following state: Pending") as refused:
            functions.invoke("early")
    assert refused.value.response["Error"]["Code"] == "ResourceConflictException"
