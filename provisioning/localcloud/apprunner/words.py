"""What App Runner writes about itself, in the words that people's logs show.

All that has no comment was found in public repositories and issues (apprunner-roadmap#46, #110, #143, and the notes of
people who deploy), from 2021 to 2026. The port is the one that the service is set to, wherever its program listens.
"""

from collections.abc import Iterator
from typing import Any

STARTED = {
    "CREATE_SERVICE": "Service creation started.",
    "UPDATE_SERVICE": "Service update started.",
    "START_DEPLOYMENT": "Deployment started.",
    "PAUSE_SERVICE": "Service pause started.",  # believed
    "RESUME_SERVICE": "Service resume started.",  # believed
    "DELETE_SERVICE": "Service deletion started.",  # believed
}
COMPLETED = {
    "CREATE_SERVICE": "Service creation completed successfully.",
    "UPDATE_SERVICE": "Service update completed successfully. New configuration is deployed.",
    "START_DEPLOYMENT": "Deployment completed successfully.",
    "PAUSE_SERVICE": "Service pause completed successfully.",  # believed
    "RESUME_SERVICE": "Service resume completed successfully.",  # believed
    "DELETE_SERVICE": "Service deletion completed successfully.",  # believed
}
PULLED = "Successfully pulled your application image from ECR."
PROVISIONING = "Provisioning instances and deploying image."
HEALTHY = "Health check is successful. Routing traffic to application."
ROUTED = "Successfully routed incoming traffic to application."


def status(name: str) -> str:
    return f"Service status is set to {name}."


def checking(described: dict[str, Any]) -> str:
    return f"Performing health check on {asked(described)}."


def failed(operation: str, described: dict[str, Any], why: str) -> Iterator[str]:
    """What follows on "Failure reason" is App Runner's up to the first colon, and then ours: it tells no more."""
    if why.startswith("Health check failed"):
        yield (
            f"Health check failed on {asked(described)}. Check your configured port number. For more information, "
            "see the application logs."
        )
    yield f"Deployment with ID : {operation.replace('-', '')} failed. Failure reason : {why}"


def asked(described: dict[str, Any]) -> str:
    check = described["HealthCheckConfiguration"]
    port = described["SourceConfiguration"]["ImageRepository"]["ImageConfiguration"]["Port"]
    path = f" [Path: '{check['Path']}']," if check["Protocol"] == "HTTP" else ""
    return f"protocol `{check['Protocol']}`{path} [Port: '{port}']"
