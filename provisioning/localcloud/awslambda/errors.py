"""Lambda's errors, by the names that its guide and botocore's model give them."""

from ..errors import AwsError


class InvalidParameter(AwsError):
    code = "InvalidParameterValueException"


class ValidationFailed(AwsError):
    code = "ValidationException"


class Conflict(AwsError):
    code = "ResourceConflictException"


class NotFound(AwsError):
    code = "ResourceNotFoundException"


class TooLarge(AwsError):
    code = "RequestTooLargeException"


class InvalidContent(AwsError):
    code = "InvalidRequestContentException"


class AccessDenied(AwsError):
    code = "AccessDeniedException"
