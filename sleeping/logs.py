"""Logs as JSON, one object a line: in LOGGING and in gunicorn.conf.py."""

import json
import logging
import os
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest

from .secrecy import without_secrets

STDERR = 2

OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "request", "server_time"}
"""What every line of a logger holds, or what is no text: the rest was given by `extra`."""


class JsonFormatter(logging.Formatter):
    """time, level, logger, message, what was given by `extra`, and an exception whole in one field."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in OWN}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = record.stack_info
        return json.dumps(line, default=str, ensure_ascii=False)


class Lines(logging.Handler):
    """Writes to standard error, each line at once: the kernel keeps it whole, and no thread waits for another."""

    def handle(self, record: logging.LogRecord) -> Any:
        if kept := self.filter(record):
            self.emit(kept if isinstance(kept, logging.LogRecord) else record)
        return kept

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = f"{self.format(record)}\n".encode(errors="backslashreplace")
            while line:
                line = line[os.write(STDERR, line) :]
        except (OSError, TypeError, ValueError):
            self.handleError(record)


class AboutRequests(logging.Filter):
    """Of Django's own lines about requests: none that only repeats the request's line, and none that tells secrets."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if not isinstance(request, HttpRequest):
            return True
        if record.name == "django.request" and not record.exc_info:
            return False  # "Not Found: /x", "Service Unavailable: /x": status and path, as the request's own line
        if isinstance(record.args, tuple):
            record.args = tuple(without_secrets(request) if each == request.path else each for each in record.args)
        return True
