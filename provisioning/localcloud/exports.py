"""The shell lines that point any boto3 program at the local AWS, and keep it from AWS."""

import os
import shlex
from collections.abc import Mapping

# Left over from real work, each of these would lead a program past AWS_ENDPOINT_URL, or hand it somebody's
# real account.
MISLEADING = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_CA_BUNDLE",
    *(
        f"AWS_ENDPOINT_URL_{service}"
        for service in (
            *("APPRUNNER", "CLOUDWATCH", "CLOUDWATCH_LOGS", "EC2", "ECR", "ECS", "ELASTIC_LOAD_BALANCING_V2"),
            *("IAM", "KMS", "LAMBDA", "RDS", "RDS_DATA", "RESOURCE_GROUPS_TAGGING_API", "S3"),
            *("SECRETS_MANAGER", "SSM", "STS"),
        )
    ),
)

# Instead of ~/.aws: a profile there may name endpoints of its own, or a program to ask for credentials.
WITHOUT_FILES = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def exports(environment: Mapping[str, str]) -> list[str]:
    """Valid in any POSIX shell: `eval` takes them."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
    return [*lines, f"unset {' '.join(MISLEADING)}"]
