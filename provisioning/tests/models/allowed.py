"""Where an answer differs from botocore's model, and why that may be: each with its reason."""

from typing import NamedTuple

from provisioning.localcloud.calls import Call

# AWS's common errors, and those by which every service refuses a caller.
COMMON = {
    *("AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature"),
    *("InternalFailure", "InvalidAction", "InvalidClientTokenId", "NotAuthorized", "OptInRequired"),
    *("RequestExpired", "ServiceUnavailable", "Throttling", "ThrottlingException", "UnrecognizedClientException"),
    *("ValidationError", "ValidationException", "SerializationException", "UnknownOperationException"),
    # The Query API's (RDS's reference, Common errors).
    *("InvalidParameterCombination", "InvalidParameterValue", "MissingParameter"),
    # Ours: what the local AWS does not emulate, and a region that does not exist.
    *("NotImplemented", "UnknownEndpoint"),
    # Believed, of a closed App Runner.
    "SubscriptionRequiredException",
}


class Difference(NamedTuple):
    service: str
    operation: str
    """"" for all of the service's."""
    saying: str
    """What is in the deviation's text."""
    why: str


EMPTY = "have length greater than or equal to 1"

DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        *("apprunner", "", "erviceId' failed to satisfy constraint: Member must satisfy regular expression pattern"),
        "The model's pattern is a UUID with hyphens; AWS's own examples (API reference, DescribeService) have 32 "
        "digits without, as in the ARN, whose pattern in the same model allows no hyphens.",
    ),
    Difference(
        *("codebuild", "", EMPTY),
        "The model has one shape for what is sent and what is answered; CodeBuild's guide shows "
        '"projectsNotFound": [] and "buildsNotFound": [].',
    ),
    Difference(
        *("ecr", "BatchDeleteImage", EMPTY),
        "The same: what was deleted is the request's shape; where nothing was, it is [] (the CLI's examples).",
    ),
    Difference(
        *("logs", "ListTagsForResource", EMPTY),
        "The same: the shape is TagResource's too; a group without tags has {} (the API reference's example).",
    ),
    Difference(
        *("secretsmanager", "ListSecrets", "VersionIdsToStages is not in the model"),
        "moto's own: the model has it in DescribeSecret's answer alone, and boto3 leaves it out.",
    ),
    Difference(
        *("ec2", "", "Member must satisfy enum value set: [PendingAcceptance, Pending, Available"),
        'The model writes an endpoint\'s states with capitals; EC2 answers "available" (API reference, '
        "DescribeVpcEndpoints, example).",
    ),
    Difference(
        *("rds-data", "ExecuteStatement", "Values.N.member' failed to satisfy constraint: Member must be of type"),
        "A NULL within an array: the model has no way to say it. Believed.",
    ),
)


def allowed(call: Call, deviation: str) -> bool:
    return any(
        each.service == call.service and each.operation in ("", call.operation) and each.saying in deviation
        for each in DIFFERENCES
    )
