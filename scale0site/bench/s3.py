"""A bucket on this machine: moto's S3, in a process of its own.

moto keeps its records in the process and forgets them all at once: beside a local AWS it would take that along.
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from unittest.mock import patch

from .ports import lasting_port
from .site import MADE_UP

PATIENCE = 60.0  # seconds for it to begin


@contextlib.contextmanager
def bucket() -> Iterator[str]:
    """The address to set AWS_ENDPOINT_URL to."""
    port = lasting_port()
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        make_the_bucket(address, server)
        yield address
    finally:
        server.terminate()
        server.wait()


def make_the_bucket(address: str, server: "subprocess.Popen[bytes]") -> None:
    import boto3
    from botocore.exceptions import EndpointConnectionError

    with patch.dict("os.environ", MADE_UP):
        s3 = boto3.session.Session().client("s3", region_name=MADE_UP["AWS_REGION"], endpoint_url=address)
        where = {"LocationConstraint": MADE_UP["AWS_REGION"]}
        end = time.monotonic() + PATIENCE
        while True:
            try:
                s3.create_bucket(Bucket=MADE_UP["MEDIA_BUCKET"], CreateBucketConfiguration=where)
            except EndpointConnectionError:
                if server.poll() is not None or time.monotonic() > end:
                    raise
                time.sleep(0.1)
            else:
                return
