"""The private network: no way in, and no way out but to S3."""

from .groups import LetIn, SecurityGroup
from .network import Subnet, Vpc
from .routes import RouteTable, VpcEndpoint

__all__ = ["LetIn", "RouteTable", "SecurityGroup", "Subnet", "Vpc", "VpcEndpoint"]
