"""App Runner, which moto lacks: its API, its state machine, and services that really run.

moto finds a service's backends in a module `moto.<service>`; `install` puts this package there.
"""

import re
import sys

from moto import backend_index

from .models import apprunner_backends

__all__ = ["apprunner_backends", "install"]


def install() -> None:
    if "moto.apprunner" in sys.modules:
        return
    sys.modules["moto.apprunner"] = sys.modules[__name__]
    pattern = re.compile(r"https?://apprunner\.(.+)\.amazonaws\.com")
    backend_index.backend_url_patterns.append(("apprunner", pattern))
