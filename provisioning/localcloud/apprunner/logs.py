"""A service's log groups, which App Runner makes under a name with the service's id, and leaves behind."""

import uuid
from collections.abc import Sequence

from moto.core.utils import unix_time_millis
from moto.logs.models import logs_backends

from ..ground import ground
from .service import Service

LONGEST_LINE = 256 * 1024  # bytes of one event; the API's limit at its smallest


def tell(service: Service, what: str, *words: str) -> None:
    """`what` is for who runs the local AWS; `words` are App Runner's own events, in its log."""
    if what:
        ground().say(f"service {service.name}: {what}")
    Stream(service, "service", "events").write([f"[AppRunner] {each}" for each in words])


def comment(service: Service, what: str) -> None:
    """What App Runner would not say, in its log all the same."""
    ground().say(f"service {service.name}: {what}")
    Stream(service, "service", "events").write([f"[local AWS] {what}"])


def instance(service: Service, id: str = "") -> "Stream":
    """For what one start of the program prints; `id` is the instance's."""
    return Stream(service, "application", f"instance/{id or uuid.uuid4().hex}")


class Stream:
    """Its group is made if it is missing; one that is there keeps its retention and its tags."""

    def __init__(self, service: Service, part: str, name: str) -> None:
        self.group, self.name = f"/aws/apprunner/{service.name}/{service.id}/{part}", name
        self._backend = logs_backends[service.account][service.region]
        with ground().lock:
            if self.group not in self._backend.groups:
                self._backend.create_log_group(self.group, {})
            if name not in self._backend.groups[self.group].streams:
                self._backend.create_log_stream(self.group, name)

    def write(self, lines: Sequence[str]) -> None:
        now = int(unix_time_millis())
        events = [{"timestamp": now, "message": line[:LONGEST_LINE]} for line in lines if line.strip()]
        with ground().lock:
            # Somebody has deleted it meanwhile: as with the log driver of docker, it is not made again (believed).
            group = self._backend.groups.get(self.group)
            if events and group and self.name in group.streams:
                self._backend.put_log_events(self.group, self.name, events)
