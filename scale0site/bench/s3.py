"""A bucket on this machine: moto's S3, in a thread of the bench."""

import contextlib
import logging
from collections.abc import Iterator
from unittest.mock import patch

from .site import MADE_UP


@contextlib.contextmanager
def bucket() -> Iterator[str]:
    """The address to set AWS_ENDPOINT_URL to."""
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line for each request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        address = f"http://{host}:{port}"
        with patch.dict("os.environ", MADE_UP):
            s3 = boto3.session.Session().client("s3", region_name=MADE_UP["AWS_REGION"], endpoint_url=address)
            where = {"LocationConstraint": MADE_UP["AWS_REGION"]}
            s3.create_bucket(Bucket=MADE_UP["MEDIA_BUCKET"], CreateBucketConfiguration=where)
        yield address
    finally:
        server.stop()
