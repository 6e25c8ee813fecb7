"""What has to be done before moto is imported, which asks botocore for AWS's regions while it is.

It goes through a session of boto3's each time. Each would read all that botocore knows of EC2 anew, three megabytes,
and fail where AWS_PROFILE names a profile that is not there.
"""

import os
from functools import cache

import botocore.session

botocore.session.create_loader = cache(botocore.session.create_loader)

_profile = os.environ.pop("AWS_PROFILE", None)
try:
    import moto.ec2.models
    from moto.core.base_backend import AccountSpecificBackend

    AccountSpecificBackend.get_session().get_available_regions("rds")  # moto keeps this session
finally:
    if _profile is not None:
        os.environ["AWS_PROFILE"] = _profile

__all__ = ["moto"]
