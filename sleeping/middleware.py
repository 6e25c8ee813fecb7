"""What goes into MIDDLEWARE: RequestLog, Head, Health; behind WhiteNoise MissingFile, Media; then Waking."""

from .files import MissingFileMiddleware
from .head import HeadMiddleware
from .health import HealthMiddleware
from .media import MediaMiddleware
from .requestlog import RequestLogMiddleware
from .waking import WakingMiddleware

__all__ = [
    "HeadMiddleware",
    "HealthMiddleware",
    "MediaMiddleware",
    "MissingFileMiddleware",
    "RequestLogMiddleware",
    "WakingMiddleware",
]
