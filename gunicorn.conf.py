"""How the site is served, in the image and on a laptop alike. gunicorn reads this file by itself."""

import os
from pathlib import Path

# Only this machine, unless told otherwise: a container has to be (Dockerfile).
bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"

# Workers times threads is the number of database connections that one instance can hold.
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))

# gunicorn 27.0.1's gthread worker stalls for 5 to 15 seconds when more connections are kept alive than it
# has threads (measured; 26.2.0 and the sync worker do not). A proxy in front keeps the visitor's own.
keepalive = 0

timeout = 30  # seconds
graceful_timeout = 20  # seconds
if Path("/dev/shm").is_dir():  # noqa: S108
    worker_tmp_dir = "/dev/shm"  # noqa: S108  a slow disk must not look like a hung worker

# A database pauses only when no session is open, so it is told to close what idles. For web processes only:
# a migration may think for longer between two queries. libpq reads this by itself.
raw_env = [f"PGOPTIONS={os.environ.get('PGOPTIONS', '-c idle_session_timeout=60000')}"]  # milliseconds

control_socket_disable = True  # the plain user has no home to put it in
accesslog = None  # the load balancer keeps one
errorlog = "-"
