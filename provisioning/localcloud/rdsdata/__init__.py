"""The RDS Data API: SQL over HTTPS, on the cluster's own PostgreSQL."""

from moto.rdsdata.models import rdsdata_backends

from .models import DataBackend


def install() -> None:
    # moto makes its backends from this class, and finds their addresses in the `urls` beside it.
    rdsdata_backends.backend = DataBackend
