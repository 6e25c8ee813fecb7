"""App Runner's state machine, with a program that really runs."""

import os
import signal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Aws, Services, fetch, make_role, wait_for

TASKS = "tasks.apprunner.amazonaws.com"


def test_a_service_runs_its_program_with_its_variables_and_nothing_of_the_callers(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS documents: an instance has the service's variables and PORT; nothing of ours can be in a container."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebodys-own")
    service = services.create("runs", {"COLOUR": "blue"})
    assert service["Status"] == "OPERATION_IN_PROGRESS"
    services.wait(service)
    seen = fetch(service["ServiceUrl"])
    assert (seen["COLOUR"], seen["AWS_REGION"]) == ("blue", "eu-west-3")
    assert "DATABASE_URL" not in seen
    assert services.operations(service) == [("CREATE_SERVICE", "SUCCEEDED")]


def test_an_operation_in_progress_refuses_every_other(services: Services) -> None:
    """Seen in reports: "Service cannot be deleted in the current state: OPERATION_IN_PROGRESS."."""
    service = services.create("busy")
    arn = service["ServiceArn"]
    for call, code in (
        (services.api.update_service, "InvalidStateException"),
        (services.api.delete_service, "InvalidStateException"),
        (services.api.pause_service, "InvalidStateException"),
        (services.api.start_deployment, "InvalidRequestException"),  # botocore's model has no other for it
    ):
        with pytest.raises(ClientError, match="in the current state: OPERATION_IN_PROGRESS") as refused:
            call(ServiceArn=arn)
        assert refused.value.response["Error"]["Code"] == code
    services.wait(service)


def test_a_name_in_use_is_refused(services: Services) -> None:
    """Seen in reports: "Service with the provided name already exists: …"."""
    services.create("twice")
    with pytest.raises(ClientError, match="Service with the provided name already exists: twice"):
        services.create("twice")


def test_a_service_that_fails_its_health_check_is_there_and_has_to_be_deleted(services: Services) -> None:
    """botocore's model: CREATE_FAILED, "The failed service isn't usable, and still counts towards your quota"."""
    check = {"Protocol": "HTTP", "Path": "/healthz"}
    service = services.create("poorly", {"STATUS": "500"}, HealthCheckConfiguration=check)
    services.wait(service, "CREATE_FAILED")
    assert services.operations(service) == [("CREATE_SERVICE", "FAILED")]
    with pytest.raises(ClientError, match="already exists"):
        services.create("poorly")
    services.api.delete_service(ServiceArn=service["ServiceArn"])
    services.wait(service, "DELETED")
    services.wait(services.create("poorly"))


def test_a_program_that_does_not_stay_up_fails_the_creation(services: Services) -> None:
    """AWS documents the health check of a new version; the words of the log are reported."""
    service = services.create("mortal", {"DIE": "1"})
    services.wait(service, "CREATE_FAILED")
    assert "failed. Failure reason : Health check failed" in services.story(service)


def test_a_failed_service_can_be_mended_by_an_update(services: Services) -> None:
    """AWS announced in June 2023 that UpdateService rebuilds a service that could not be created."""
    service = services.create("mended", {"DIE": "1"})
    services.wait(service, "CREATE_FAILED")
    services.api.update_service(ServiceArn=service["ServiceArn"], SourceConfiguration=services.source())
    services.wait(service)


def test_an_update_that_fails_leaves_the_former_version_serving(services: Services) -> None:
    """AWS documents: a failed deployment is rolled back; the service stays RUNNING, the operation tells."""
    service = services.create("careful", {"VERSION": "1"})
    services.wait(service)
    services.api.update_service(
        ServiceArn=service["ServiceArn"], SourceConfiguration=services.source({"VERSION": "2", "DIE": "1"})
    )
    assert fetch(service["ServiceUrl"])["VERSION"] == "1"
    services.wait(service)
    assert services.operations(service)[0] == ("UPDATE_SERVICE", "ROLLBACK_SUCCEEDED")
    assert fetch(service["ServiceUrl"])["VERSION"] == "1"
    source = services.describe(service)["SourceConfiguration"]["ImageRepository"]["ImageConfiguration"]
    assert source["RuntimeEnvironmentVariables"] == {"VERSION": "1"}


def test_an_update_keeps_the_address_and_replaces_the_program(services: Services) -> None:
    """botocore's model: one ServiceUrl for a service; that an update keeps it is believed."""
    service = services.create("renewed", {"VERSION": "1"})
    services.wait(service)
    former = fetch(service["ServiceUrl"])["PID"]
    services.api.update_service(
        ServiceArn=service["ServiceArn"], SourceConfiguration=services.source({"VERSION": "2"})
    )
    services.wait(service)
    assert fetch(service["ServiceUrl"])["VERSION"] == "2"
    wait_for(lambda: gone(former))


def test_a_paused_service_answers_nobody_and_refuses_updates(services: Services) -> None:
    """AWS documents: pausing takes compute to zero; a paused one can't be updated. Its log's lines: believed."""
    service = services.create("rests")
    services.wait(service)
    program = fetch(service["ServiceUrl"])["PID"]
    services.api.pause_service(ServiceArn=service["ServiceArn"])
    services.wait(service, "PAUSED")
    wait_for(lambda: gone(program))
    with pytest.raises(ClientError, match="cannot be updated in the current state: PAUSED"):
        services.api.update_service(ServiceArn=service["ServiceArn"])
    services.api.resume_service(ServiceArn=service["ServiceArn"])
    services.wait(service)
    assert fetch(service["ServiceUrl"])
    story = services.story(service)
    for what in ("pause", "resume"):
        assert f"[AppRunner] Service {what} started." in story
        assert f"[AppRunner] Service {what} completed successfully." in story
    assert "[AppRunner] Service status is set to PAUSED." in story


def test_a_deployment_starts_a_new_program(services: Services) -> None:
    """botocore's model: StartDeployment, also of the same image."""
    service = services.create("deployed")
    services.wait(service)
    former = fetch(service["ServiceUrl"])["PID"]
    services.api.start_deployment(ServiceArn=service["ServiceArn"])
    services.wait(service)
    assert fetch(service["ServiceUrl"])["PID"] != former
    assert services.operations(service)[0] == ("START_DEPLOYMENT", "SUCCEEDED")


def test_a_deleted_service_lingers_and_is_then_unknown(services: Services) -> None:
    """botocore's model: Service "can describe a service in any state, including deleted services".

    The lines of its log are believed.
    """
    service = services.create("leaves")
    services.wait(service)
    services.api.delete_service(ServiceArn=service["ServiceArn"])
    services.wait(service, "DELETED")
    assert services.story(service).splitlines()[-4:] == [
        "[AppRunner] Service deletion started.",
        "[AppRunner] Service status is set to OPERATION_IN_PROGRESS.",
        "[AppRunner] Service deletion completed successfully.",
        "[AppRunner] Service status is set to DELETED.",
    ]
    names = [each["ServiceName"] for each in services.api.list_services()["ServiceSummaryList"]]
    assert "leaves" not in names

    def forgotten() -> bool:
        try:
            services.status(service)
        except services.api.exceptions.ResourceNotFoundException:
            return True
        return False

    wait_for(forgotten)


def test_a_program_that_dies_is_started_again(services: Services) -> None:
    """Believed: an instance that fails is replaced."""
    service = services.create("reborn")
    services.wait(service)
    former = fetch(service["ServiceUrl"])["PID"]
    os.kill(former, signal.SIGKILL)

    def again() -> bool:
        try:
            return bool(fetch(service["ServiceUrl"])["PID"] != former)
        except OSError:
            return False

    wait_for(again)


def test_secrets_are_resolved_with_the_instance_role(services: Services, aws: Aws) -> None:
    """botocore's model: RuntimeEnvironmentSecrets are ARNs, or a parameter's name in the same region."""
    aws.client("ssm").put_parameter(Name="/secrets/key", Value="hush", Type="SecureString")
    secret = aws.client("secretsmanager").create_secret(Name="password", SecretString="hush hush")["ARN"]
    role = make_role(
        aws,
        "reads-secrets",
        TASKS,
        ("ssm:GetParameters", "arn:aws:ssm:*:*:parameter/secrets/*"),
        ("secretsmanager:GetSecretValue", secret),
    )
    secrets = {
        "BY_NAME": "/secrets/key",
        "BY_ARN": "arn:aws:ssm:eu-west-3:123456789012:parameter/secrets/key",
        "PASSWORD": secret,
    }
    source = services.source(configuration={"RuntimeEnvironmentSecrets": secrets})
    service = services.create("informed", source=source, InstanceConfiguration={"InstanceRoleArn": role})
    services.wait(service)
    seen = fetch(service["ServiceUrl"])
    assert (seen["BY_NAME"], seen["BY_ARN"], seen["PASSWORD"]) == ("hush", "hush", "hush hush")
    assert seen["AWS_ACCESS_KEY_ID"].startswith("ASIA")


@pytest.mark.parametrize(
    ("allowed", "reason"),
    [
        (("ssm:GetParameters", "arn:aws:ssm:*:*:parameter/others/*"), "does not allow ssm:GetParameters"),
        (("ssm:GetParameters", "*"), "Parameter /missing does not exist"),
    ],
)
def test_a_secret_that_can_not_be_read_fails_the_creation(
    services: Services, aws: Aws, allowed: tuple[str, str], reason: str
) -> None:
    """Believed: it is read at the deployment. The words are ours."""
    name = f"uninformed-{len(reason)}"
    role = make_role(aws, name, TASKS, allowed)
    source = services.source(configuration={"RuntimeEnvironmentSecrets": {"KEY": "/missing"}})
    service = services.create(name, source=source, InstanceConfiguration={"InstanceRoleArn": role})
    services.wait(service, "CREATE_FAILED")
    assert reason in services.story(service)


def test_an_image_that_is_not_there_fails_the_creation(services: Services, image: str) -> None:
    """Believed: App Runner looks at an image when it pulls it, which is after it has taken the order."""
    service = services.create("imageless", source=services.source(image=f"{image.partition('@')[0]}:gone"))
    services.wait(service, "CREATE_FAILED")


def test_an_image_of_the_public_gallery_fails_the_creation(services: Services) -> None:
    """Ours: nothing is fetched from the internet."""
    source = services.source(image="public.ecr.aws/docker/library/nginx:latest")
    source["ImageRepository"]["ImageRepositoryType"] = "ECR_PUBLIC"
    service = services.create("public", source=source)
    services.wait(service, "CREATE_FAILED")
    assert "of ECR's public gallery, which is not emulated" in services.story(service)


def test_an_access_role_that_may_not_pull_fails_the_creation(services: Services, aws: Aws) -> None:
    """AWS documents the rights that a pull takes; that it is found out then is believed."""
    role = make_role(aws, "may-not-pull", "build.apprunner.amazonaws.com", ("ecr:GetAuthorizationToken", "*"))
    service = services.create("unpulled", source=services.source(access_role=role))
    services.wait(service, "CREATE_FAILED")


def test_app_runner_keeps_a_log_of_a_service(services: Services) -> None:
    """AWS documents: /aws/apprunner/<name>/<id>/service holds App Runner's own log. The words: from people's logs."""
    service = services.create("logged", HealthCheckConfiguration={"Protocol": "HTTP", "Path": "/healthz"})
    services.wait(service)
    lines = services.story(service).splitlines()
    where = "its working folder, by this machine's Python"
    ours = f"[local AWS] its image runs without a container: {where}, because it was built without its base image"
    assert [line for line in lines if not line.startswith("[AppRunner]")] == [ours]
    assert [line for line in lines if line.startswith("[AppRunner]")] == [
        "[AppRunner] Service creation started.",
        "[AppRunner] Service status is set to OPERATION_IN_PROGRESS.",
        "[AppRunner] Successfully pulled your application image from ECR.",
        "[AppRunner] Provisioning instances and deploying image.",
        "[AppRunner] Performing health check on protocol `HTTP` [Path: '/healthz'], [Port: '8080'].",
        "[AppRunner] Health check is successful. Routing traffic to application.",
        "[AppRunner] Successfully routed incoming traffic to application.",
        "[AppRunner] Service creation completed successfully.",
        "[AppRunner] Service status is set to RUNNING.",
    ]


def test_what_a_program_prints_is_in_its_log_though_it_dies_at_once(services: Services, aws: Aws) -> None:
    """AWS documents: /aws/apprunner/<name>/<id>/application, with a stream instance/… for each instance."""
    service = services.create("traced", {"RAISE": "no luck"})
    services.wait(service, "CREATE_FAILED")
    events = application_log(aws, service)
    streams = {event["logStreamName"] for event in events}
    assert len(streams) == 5
    assert all(name.startswith("instance/") for name in streams)
    first = [event["message"] for event in events if event["logStreamName"] == events[0]["logStreamName"]]
    assert first[:2] == ["version none", "Traceback (most recent call last):"]
    assert first[-1] == "RuntimeError: no luck"


def test_an_application_log_group_keeps_its_settings_and_one_that_is_deleted_stays_so(
    services: Services, aws: Aws
) -> None:
    """Seen in Terraform modules, which set the retention of App Runner's groups; the second is believed."""
    service = services.create("kept-log", {"VERSION": "1"})
    services.wait(service)
    logs, group = aws.client("logs"), application_group(service)
    logs.put_retention_policy(logGroupName=group, retentionInDays=3)
    services.api.update_service(
        ServiceArn=service["ServiceArn"], SourceConfiguration=services.source({"VERSION": "2"})
    )
    services.wait(service)
    assert [event["message"] for event in application_log(aws, service)] == ["version 1", "version 2"]
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["retentionInDays"] == 3
    logs.delete_log_group(logGroupName=group)
    fetch(service["ServiceUrl"], "/print")
    services.api.delete_service(ServiceArn=service["ServiceArn"])
    services.wait(service, "DELETED")
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []


def application_group(service: dict[str, Any]) -> str:
    return f"/aws/apprunner/{service['ServiceName']}/{service['ServiceId']}/application"


def application_log(aws: Aws, service: dict[str, Any]) -> list[dict[str, Any]]:
    return aws.client("logs").filter_log_events(logGroupName=application_group(service))["events"]


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
