"""The registry at `/v2/`: what docker, podman, buildah and skopeo speak when they push to ECR and pull from it.

OCI's distribution specification, as far as these engines use it, in front of the same records that ECR's own API
shows. The lock of the records is never held while bytes travel.
"""

from .door import registry, serves

__all__ = ["registry", "serves"]
