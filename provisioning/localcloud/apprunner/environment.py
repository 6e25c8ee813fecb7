"""A service's environment: variables, secrets as App Runner resolves them, and its role's credentials."""

from moto.secretsmanager.exceptions import ClientError, SecretNotFoundException
from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends

from ..credentials import assume
from ..ground import ground
from ..iam import allows, find_role
from .errors import DeploymentFailed
from .service import Service


def environment_of(service: Service) -> dict[str, str]:
    """All but PORT; raises DeploymentFailed when a secret can't be had."""
    image = service.settings.image_configuration
    secrets = image.get("RuntimeEnvironmentSecrets", {})
    return {
        **aws_environment(service),
        **image.get("RuntimeEnvironmentVariables", {}),
        **{name: resolve(service, reference) for name, reference in secrets.items()},
    }


def aws_environment(service: Service) -> dict[str, str]:
    found = {
        "AWS_ENDPOINT_URL": ground().endpoint,
        "AWS_REGION": service.region,
        "AWS_DEFAULT_REGION": service.region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    role = service.settings.instance_role
    if role:
        # On AWS an instance asks its surroundings for these, and they are renewed; here they last.
        found |= assume(service.account, service.region, role, service.name).environment
    return found


def resolve(service: Service, reference: str) -> str:
    """An ARN of Secrets Manager or of the Parameter Store, or a parameter's name in the same region."""
    if ":secretsmanager:" in reference:
        return secret(service, reference)
    return parameter(service, reference)


def parameter(service: Service, reference: str) -> str:
    prefix = f"arn:aws:ssm:{service.region}:{service.account}:parameter"
    if reference.startswith("arn:") and not reference.startswith(prefix):
        raise DeploymentFailed(f"Parameter {reference} is in another region or account.")
    found = ssm_backends[service.account][service.region].get_parameter(reference)
    # The ARN of /a/b is ...:parameter/a/b, that of plain is ...:parameter/plain.
    name = reference.removeprefix(prefix).removeprefix("/")
    must_be_allowed(service, "ssm:GetParameters", f"{prefix}/{name}")
    if found is None:
        raise DeploymentFailed(f"Parameter {reference} does not exist.")
    return str(found.response_object(decrypt=True)["Value"])


def secret(service: Service, reference: str) -> str:
    """The whole secret; App Runner has ECS's suffixes for a key or a version too, the local one has not."""
    must_be_allowed(service, "secretsmanager:GetSecretValue", reference)
    backend = secretsmanager_backends[service.account][service.region]
    try:
        return str(backend.get_secret_value(reference, "", "")["SecretString"])
    except (SecretNotFoundException, ClientError) as error:
        raise DeploymentFailed(f"Secret {reference} can't be read: {error}") from None


def must_be_allowed(service: Service, action: str, resource: str) -> None:
    role_arn = service.settings.instance_role
    role = find_role(role_arn) if role_arn else None
    if role is None or not allows(role, action, resource):
        raise DeploymentFailed(f"Instance role {role_arn} does not allow {action} on {resource}.")
