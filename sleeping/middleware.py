"""What goes into MIDDLEWARE: RequestLog, Head, Health; MissingFile behind WhiteNoise, Waking before the session's.

And for saved pages SavedPages right before Waking, Saving right behind it.
"""

from .files import MissingFileMiddleware
from .head import HeadMiddleware
from .health import HealthMiddleware
from .requestlog import RequestLogMiddleware
from .saved.middleware import SavedPagesMiddleware, SavingMiddleware
from .waking import WakingMiddleware

__all__ = [
    "HeadMiddleware",
    "HealthMiddleware",
    "MissingFileMiddleware",
    "RequestLogMiddleware",
    "SavedPagesMiddleware",
    "SavingMiddleware",
    "WakingMiddleware",
]
