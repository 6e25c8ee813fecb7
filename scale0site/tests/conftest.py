"""A browser, and the site as production has it: in gunicorn, on PostgreSQL, with its uploads in an S3."""

import boto3
import pytest

from scale0site.bench.site import MADE_UP
from sleeping.tests.conftest import chromium, visit

__all__ = ["bucket", "chromium", "visit"]


@pytest.fixture(scope="session")
def bucket():
    """The environment that leads to moto's S3, which holds the bucket of the bench."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {"AWS_ENDPOINT_URL": f"http://{host}:{port}"}
    boto3.client(
        "s3",
        region_name=MADE_UP["AWS_REGION"],
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=MADE_UP["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=MADE_UP["AWS_SECRET_ACCESS_KEY"],
    ).create_bucket(
        Bucket=MADE_UP["MEDIA_BUCKET"], CreateBucketConfiguration={"LocationConstraint": MADE_UP["AWS_REGION"]}
    )
    yield environment
    server.stop()
