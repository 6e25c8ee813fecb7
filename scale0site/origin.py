"""Where the addresses of pictures and documents lead, for a policy that has to name it."""

import os
import re
from ipaddress import ip_address
from urllib.parse import urlsplit


def origin(bucket: str, region: str) -> str:
    """Where the signed addresses of a bucket lead, such as https://a-bucket.s3.eu-west-3.amazonaws.com.

    As boto3 makes them, without boto3, which most processes never load. Not known here are `endpoint_url` in a file,
    FIPS and dual-stack addresses.
    """
    url = urlsplit(_endpoint() or f"https://{_host(region)}")
    # A certificate holds for one name below the service's, an IP address has none below it: then it is a folder.
    allowed = "[a-z0-9][a-z0-9-]+[a-z0-9]" if url.scheme == "https" else "[a-z0-9][a-z0-9.-]+[a-z0-9]"
    virtual = re.fullmatch(allowed, bucket) and not _is_ip(url.hostname or "")
    return f"{url.scheme}://{bucket}.{url.netloc}" if virtual else f"{url.scheme}://{url.netloc}"


def _endpoint() -> str:
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return ""
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""


def _host(region: str) -> str:
    if region == "us-east-1":  # to boto3 still S3's first address
        return "s3.amazonaws.com"
    elsewhere = {"cn": "amazonaws.com.cn", "eusc": "amazonaws.eu"}
    return f"s3.{region}.{elsewhere.get(region.partition('-')[0], 'amazonaws.com')}"


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
