"""App Runner: the service, how it scales, and its way into the network."""

from .connector import UNSUPPORTED_ZONES, VpcConnector
from .scaling import AutoScalingConfiguration
from .service import Service

__all__ = ["UNSUPPORTED_ZONES", "AutoScalingConfiguration", "Service", "VpcConnector"]
