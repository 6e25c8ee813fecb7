"""App Runner's errors, by the names botocore's model gives them."""

from ..errors import AwsError


class InvalidRequest(AwsError):
    code = "InvalidRequestException"


class InvalidState(AwsError):
    code = "InvalidStateException"


class ResourceNotFound(AwsError):
    code = "ResourceNotFoundException"


class ServiceQuotaExceeded(AwsError):
    code = "ServiceQuotaExceededException"


class DeploymentFailed(Exception):
    """An operation fails in the background, where no caller is left to be told: its log says why."""
