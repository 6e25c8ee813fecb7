"""moto's server, bound to this machine alone, quiet, and behind the gate."""

import socket
import threading
from collections.abc import Iterable
from functools import cache
from typing import Any

from moto.core import responses
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from . import apprunner, awslambda, codebuild, ecr, metrics, rdsdata, s3, secretsmanager
from .answers import App, Environ, StartResponse
from .apprunner import automatic
from .ec2 import models as ec2
from .gate import Change, Gate, Who
from .ground import ground
from .ports import LOOPBACK
from .rds import models as rds


class QuietHandler(MotoRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """What happens is told by those to whom it happens; a line for each call would bury it."""

    def log_error(self, format: str, *arguments: object) -> None:
        # Every engine tries TLS first, which is no request to http.
        if not format.startswith("code "):
            super().log_error(format, *arguments)


class Dispatcher(DomainDispatcherApplication):
    """moto's lists its own folders twice for each call, under a lock."""

    @cache  # noqa: B019
    def get_backend_for_host(self, host: str | None) -> Any:
        return super().get_backend_for_host(host)


# moto looks through all methods of a service, at each call.
responses.method_names_from_class = cache(responses.method_names_from_class)


class Server:
    """Raises OSError when the port is taken."""

    def __init__(self, port: int, who: Who, change: Change) -> None:
        corrected = (rds, rdsdata, s3, ecr, ec2, apprunner, automatic, awslambda, codebuild, metrics, secretsmanager)
        for correction in corrected:
            correction.install()
        moto_api_backend.reset()
        self.gate = Gate(Dispatcher(create_backend_app), who, change)
        app = telling_of_changes(self.gate)
        # Bound here: werkzeug ends the whole process when a port is taken.
        with socket.create_server((LOOPBACK, port)) as bound:
            self.port = int(bound.getsockname()[1])
            self._server: BaseWSGIServer = make_server(
                LOOPBACK, self.port, app, threaded=True, request_handler=QuietHandler, fd=bound.fileno()
            )
        self._thread = threading.Thread(target=self._server.serve_forever, name="localcloud server", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """From now on nobody is answered."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def stop(self) -> None:
        self.close()
        moto_api_backend.reset()


def telling_of_changes(app: App) -> App:
    def told(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return app(environ, start_response)
        finally:
            if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
                ground().changed.set()

    return told
