"""Those of PostgreSQL's settings that follow from the cluster's, and that a restart alone changes."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

# max_connections by the greatest capacity: the Aurora guide's "Maximum connections for Aurora Serverless v2". Between
# two of them it lies on a line (believed); the guide's formula, LEAST({DBInstanceClassMemory/9531392}, 5000), is one.
DOCUMENTED = {1: 189, 4: 823, 8: 1669, 16: 3360, 32: 5000, 64: 5000, 128: 5000, 256: 5000}
# With a least capacity of 0.5, the guide's note says, and of 0 or 0.5, its newer edition.
MOST_FROM_HALF = 2000

# PostgreSQL's own default, and rds.rds_superuser_reserved_connections, which AWS's knowledge center says is 2.
FOR_SUPERUSERS, FOR_RDS_SUPERUSERS = 3, 2

LOGICAL = "rds.logical_replication"


def settings(scaling: Mapping[str, Any] | None, parameters: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """`parameters` are those of the cluster's parameter group."""
    return {
        "max_connections": str(max_connections(scaling)),
        "superuser_reserved_connections": str(FOR_SUPERUSERS),
        "reserved_connections": str(FOR_RDS_SUPERUSERS),
        "wal_level": "logical" if is_on(parameters, LOGICAL) else "replica",
    }


def max_connections(scaling: Mapping[str, Any] | None) -> int:
    """Of a cluster without Serverless v2, which this project has none of, as of the smallest (believed)."""
    least, most = (scaling or {}).get("MinCapacity", 1.0), (scaling or {}).get("MaxCapacity", 1.0)
    found = DOCUMENTED[256]
    for (below, fewer), (above, more) in pairwise(DOCUMENTED.items()):
        if most <= above:
            found = int(fewer + (more - fewer) * (most - below) / (above - below))
            break
    return min(found, MOST_FROM_HALF) if least <= 0.5 else found


def is_on(parameters: Mapping[str, Mapping[str, Any]], name: str) -> bool:
    return str(parameters.get(name, {}).get("ParameterValue", "0")).lower() in ("1", "on", "true")
