"""Aurora: the cluster, its one instance, and the subnets that they lie in."""

from .cluster import Cluster
from .instance import Instance
from .subnets import SubnetGroup

__all__ = ["Cluster", "Instance", "SubnetGroup"]
