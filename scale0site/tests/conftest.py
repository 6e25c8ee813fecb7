"""A browser, and the site as production has it: in gunicorn, on PostgreSQL, with its uploads in an S3."""

import pytest

from scale0site.bench import s3
from sleeping.tests.conftest import chromium, visit

__all__ = ["bucket", "chromium", "visit"]


@pytest.fixture(scope="session")
def bucket():
    """The environment that leads to moto's S3, which holds the bucket of the bench."""
    with s3.bucket() as address:
        yield {"AWS_ENDPOINT_URL": address}
