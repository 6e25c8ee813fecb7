"""moto's server, bound to this machine alone, quiet, and behind the gate."""

import os
import socket
import threading
from functools import cache
from typing import Any

from moto.core import responses
from moto.core.base_backend import AccountSpecificBackend
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from . import apprunner, awslambda, codebuild, ecr, rdsdata, s3, secretsmanager
from .apprunner import automatic
from .ec2 import models as ec2
from .gate import Change, Gate, Who
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
        for correction in (rds, rdsdata, s3, ecr, ec2, apprunner, automatic, awslambda, codebuild, secretsmanager):
            correction.install()
        prepare_botocore()
        moto_api_backend.reset()
        self.gate = Gate(Dispatcher(create_backend_app), who, change)
        # Bound here: werkzeug ends the whole process when a port is taken.
        with socket.create_server((LOOPBACK, port)) as bound:
            self.port = int(bound.getsockname()[1])
            self._server: BaseWSGIServer = make_server(
                LOOPBACK, self.port, self.gate, threaded=True, request_handler=QuietHandler, fd=bound.fileno()
            )
        self._thread = threading.Thread(target=self._server.serve_forever, name="localcloud server", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        moto_api_backend.reset()


def prepare_botocore() -> None:
    """Lets moto make its boto3 session, which it keeps, while no AWS_PROFILE is set.

    With the name of a profile that is not there, boto3 would fail.
    """
    profile = os.environ.pop("AWS_PROFILE", None)
    try:
        AccountSpecificBackend.get_session().get_available_regions("rds")
    finally:
        if profile is not None:
            os.environ["AWS_PROFILE"] = profile
