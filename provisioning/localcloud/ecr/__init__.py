"""ECR: images with their true digests, whose layers are files here, and tags that move as on AWS.

moto keeps layers in memory and makes up digests. The registry that docker speaks to is beside this, in
`registry.py`, and both change the same records.
"""

from moto.ecr.models import ecr_backends

from .models import LocalECRBackend

__all__ = ["LocalECRBackend", "ecr_backends", "install"]


def install() -> None:
    ecr_backends.backend = LocalECRBackend
