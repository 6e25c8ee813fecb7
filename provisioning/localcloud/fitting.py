"""What AWS refuses before a service looks at it: a request that botocore's model of the operation doesn't allow."""

from moto.core.utils import get_service_model

from .answers import Refused
from .calls import Call
from .shapes import check

# App Runner has words of its own for it (`apprunner/validation.py`). Of a call to S3 the address alone is read here.
NOT_HERE = ("apprunner", "s3")
CODES = {
    "ecr": "InvalidParameterException",
    "logs": "InvalidParameterException",
    "rds-data": "BadRequestException",
    "tagging": "InvalidParameterException",
}


def must_fit(call: Call) -> None:
    """Raises Refused with every failure, in the common wording; the codes of some services are believed."""
    if call.service in NOT_HERE:
        return
    shape = get_service_model(call.boto_name).operation_model(call.operation).input_shape
    if shape is None:
        return
    failures = list(check(call.parameters, shape, ""))
    if not failures:
        return
    if call.protocol == "ec2":
        raise of_ec2(call, failures)
    code = CODES.get(call.service, "ValidationError" if call.protocol == "query" else "ValidationException")
    count = f"{len(failures)} validation error{'s' if len(failures) > 1 else ''} detected"
    raise Refused(call.service, code, f"{count}: {'; '.join(failures)}")


def of_ec2(call: Call, failures: list[str]) -> Refused:
    """EC2's error list: MissingParameter, and InvalidParameterValue."""
    missing = next((each for each in failures if each.endswith("must not be null")), "")
    if missing:
        name = missing.split("'")[1]
        text = f"The request must contain the parameter {name[0].upper()}{name[1:]}"
        return Refused("ec2", "MissingParameter", text)
    return Refused("ec2", "InvalidParameterValue", failures[0])
