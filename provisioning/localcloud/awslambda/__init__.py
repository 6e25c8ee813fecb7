"""Lambda with functions that are images and really run; moto's own needs Docker."""

from moto.awslambda.models import lambda_backends

from .models import LocalLambdaBackend


def install() -> None:
    # moto makes its backends from this class, one for each account and region.
    lambda_backends.backend = LocalLambdaBackend  # type: ignore[assignment]
