"""How the site is served, in the image and on a laptop alike. gunicorn reads this file by itself.

The numbers were measured: docs/sleeping.md, "How to choose workers".
"""

import os
import sys
from pathlib import Path

from provisioning.budget import THREADS, WORKERS
from sleeping import gunicorn as ours


def number(name: str, default: int, least: int, most: int) -> int:
    """A variable's value. Ends with a sentence where it breaks its rule."""
    value = os.environ.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        sys.exit(
            f"gunicorn.conf.py: {name} is {value!r}. It is a whole number from {least} to {most}. "
            f"Set it to one, or leave it out for {default}."
        )
    return int(value)


# Only this machine, unless told otherwise: a container has to be (Dockerfile).
bind = f"{os.environ.get('BIND', '127.0.0.1')}:{number('PORT', 8000, 1, 65535)}"

# Workers times threads is the number of database connections that one instance can hold.
workers = number("WEB_WORKERS", WORKERS, 1, 16)
threads = number("WEB_THREADS", THREADS, 1, 64)


class Worker(ours.Worker):
    capacity = number("WEB_CAPACITY", 256, 1, 10_000)
    memory = number("WEB_WORKER_MEMORY", 300, 0, 100_000)  # MB; editors who upload make it 240
    health = os.environ.get("HEALTH_PATH", "/healthz")


worker_class = Worker
child_exit = ours.child_exit
worker_connections = 10_000  # the turnstile is what turns away; this would leave them waiting unaccepted
backlog = 2048

# Loaded once, before the workers are forked: half the work at the start, and a third less memory for each.
preload_app = True
when_ready = ours.when_ready

# gunicorn 27.0.1's threaded worker stalls for 5 to 15 seconds when more connections are kept alive than it
# has threads (measured; 26.2.0 and the sync worker do not). A proxy in front keeps the visitor's own.
keepalive = 0

timeout = 30  # seconds
graceful_timeout = 25  # seconds; App Runner is believed to kill 30 s after it has asked
if Path("/dev/shm").is_dir():  # noqa: S108
    worker_tmp_dir = "/dev/shm"  # noqa: S108  a slow disk must not look like a hung worker

control_socket_disable = True  # the plain user has no home to put it in
logger_class = ours.Logger
errorlog = "-"
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "sleeping.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "sleeping.logs.Lines", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False}},
}
