"""What goes into MIDDLEWARE: RequestLog, Head, Health; behind WhiteNoise MissingFile, Media; Waking before sessions.

And for saved pages SavedPages right before Waking, Saving right behind it.
"""

from .files import MissingFileMiddleware
from .head import HeadMiddleware
from .health import HealthMiddleware
from .media import MediaMiddleware
from .requestlog import RequestLogMiddleware
from .saved.middleware import SavedPagesMiddleware, SavingMiddleware
from .waking import WakingMiddleware

__all__ = [
    "HeadMiddleware",
    "HealthMiddleware",
    "MediaMiddleware",
    "MissingFileMiddleware",
    "RequestLogMiddleware",
    "SavedPagesMiddleware",
    "SavingMiddleware",
    "WakingMiddleware",
]
