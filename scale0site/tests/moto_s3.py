"""moto's S3 in this process, beside a local AWS that other tests may have there: its records are moto's too."""

import contextlib

import boto3
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends


@contextlib.contextmanager
def s3_of_moto(bucket="", region="eu-west-1"):
    """A client, and that bucket, empty; all buckets that a test makes go with it, and nothing else does."""
    mock, buckets = mock_aws(), s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets
    others = set(buckets)
    mock.start(reset=False)
    try:
        s3 = boto3.client("s3", region_name=region)
        if bucket:
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
        yield s3
    finally:
        for name in set(buckets) - others:
            del buckets[name]
            s3_backends.bucket_accounts.pop(name, None)
        mock.stop(remove_data=False)
