"""A service's log groups, which App Runner makes under a name with the service's id, and leaves behind."""

from moto.core.utils import unix_time_millis
from moto.logs.models import logs_backends

from ..ground import ground
from .service import Service


def write(service: Service, kind: str, text: str) -> None:
    """`kind` is "service" (App Runner's own events) or "application" (what the program prints)."""
    group, stream = f"/aws/apprunner/{service.name}/{service.id}/{kind}", "events"
    backend = logs_backends[service.account][service.region]
    with ground().lock:
        if group not in backend.groups:
            backend.create_log_group(group, {})
        if stream not in backend.groups[group].streams:
            backend.create_log_stream(group, stream)
        now = int(unix_time_millis())
        backend.put_log_events(group, stream, [{"timestamp": now, "message": text}])
