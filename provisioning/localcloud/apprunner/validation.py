"""Whether a request to App Runner has the shape of botocore's model."""

from typing import Any

from botocore.model import Shape

from ..shapes import check
from .errors import InvalidRequest


def validate(request: Any, shape: Shape) -> None:
    """Raises InvalidRequest with every failure, in AWS's common wording."""
    failures = list(check(request, shape, ""))
    if failures:
        count = f"{len(failures)} validation error{'s' if len(failures) > 1 else ''} detected"
        raise InvalidRequest(f"{count}: {'; '.join(failures)}")
