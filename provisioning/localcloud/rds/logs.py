"""What PostgreSQL writes into its log, in CloudWatch where the cluster asks for it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from moto.core.utils import unix_time_millis
from moto.logs.models import logs_backends
from moto.rds.exceptions import InvalidParameterCombination

from ..ground import ground

if TYPE_CHECKING:
    from .cluster import Cluster

TYPES = ("postgresql",)  # botocore's model
LONGEST_LINE = 256 * 1024  # bytes of one event; the API's limit at its smallest


def must_be_known(types: Sequence[str], engine: str, version: str) -> None:
    """The text is from reports."""
    unknown = [each for each in types if each not in TYPES]
    if unknown:
        raise InvalidParameterCombination(
            f"You cannot use the log types '{', '.join(unknown)}' with engine version {engine} {version}. "
            "For supported log types, see the documentation."
        )


def export(cluster: "Cluster", lines: Sequence[str]) -> None:
    """AWS documents the group, and that a paused instance writes nothing; the name of the stream is believed."""
    lines = [line[:LONGEST_LINE] for line in lines if line.strip()]
    if not lines or not cluster.enabled_cloudwatch_logs_exports or cluster.pause.paused or not cluster.writer:
        return
    group = f"/aws/rds/cluster/{cluster.db_cluster_identifier}/postgresql"
    stream = f"{cluster.writer.db_instance_identifier}.0"
    now = int(unix_time_millis())
    with ground().lock:
        backend = logs_backends[cluster.account_id][cluster.region]
        if group not in backend.groups:
            backend.create_log_group(group, {})
        if stream not in backend.groups[group].streams:
            backend.create_log_stream(group, stream)
        backend.put_log_events(group, stream, [{"timestamp": now, "message": line} for line in lines])
