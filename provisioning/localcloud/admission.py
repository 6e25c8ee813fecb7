"""Who is let in: known keys, presigned addresses that have not ended, services that exist in the region."""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import parse_qs

from moto import backend_index
from moto.core.base_backend import AccountSpecificBackend

from .answers import BOTO_NAMES, Environ, Refused, not_emulated, protocol_of
from .credentials import known

SCOPE = re.compile(r"Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
WEEK = 7 * 24 * 60 * 60  # seconds


def admit(environ: Environ) -> str:
    """The name of the service that is called; raises Refused."""
    if environ["PATH_INFO"].startswith("/moto-api"):
        # It resets everything, without credentials, for any web page that this machine's browser shows.
        raise Refused("s3", "AccessDenied", "Access Denied", 403)
    signed = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    if signed is None:
        return admit_to_s3(environ)
    service = signed["service"].lower()
    if not known(signed["key"]):
        raise unknown_key(service)
    must_exist(service, signed["region"])
    return service


def keys_of(environ: Environ) -> list[str]:
    """Of a request whose signature is not in the usual header."""
    query = parse_qs(environ.get("QUERY_STRING", ""))
    keys = [value.split("/")[0] for value in query.get("X-Amz-Credential", [])]
    keys += query.get("AWSAccessKeyId", [])
    old_signature = re.match(r"AWS ([^:]+):", environ.get("HTTP_AUTHORIZATION", ""))
    return [*keys, old_signature[1]] if old_signature else keys


def admit_to_s3(environ: Environ) -> str:
    """Presigned requests carry their key in the address, forms in their fields; others are nobody's."""
    keys = keys_of(environ)
    multipart = environ.get("CONTENT_TYPE", "").startswith("multipart/form-data")
    form = environ["REQUEST_METHOD"] == "POST" and multipart
    if not keys and not form and environ["REQUEST_METHOD"] != "OPTIONS":
        raise Refused("s3", "AccessDenied", "Access Denied", 403)
    if not all(known(key) for key in keys):
        raise unknown_key("s3")
    must_not_have_ended(environ)
    return "s3"


def must_not_have_ended(environ: Environ) -> None:
    """A presigned address holds for as many seconds as it says, from the moment that it says; a week at most."""
    query = parse_qs(environ.get("QUERY_STRING", ""))
    if "X-Amz-Expires" not in query or "X-Amz-Date" not in query:
        return
    seconds = int(query["X-Amz-Expires"][0])
    if seconds > WEEK:
        text = f"X-Amz-Expires must be less than a week (in seconds); that is, less than {WEEK} seconds"
        raise Refused("s3", "AuthorizationQueryParametersError", text)
    made = datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if datetime.now(UTC) > made + timedelta(seconds=seconds):
        raise Refused("s3", "AccessDenied", "Request has expired", 403)


@cache  # to find it out takes milliseconds, at each call; a refusal is not kept
def must_exist(service: str, region: str) -> None:
    """On AWS the host name of a service does not resolve in a region that lacks it; here it is refused."""
    address = f"https://{service}.{region}.amazonaws.com"
    if not any(pattern.match(address) for _, pattern in backend_index.backend_url_patterns):
        raise not_emulated(service, f"the service {service}")
    name = BOTO_NAMES.get(service, service)
    regions = AccountSpecificBackend.get_session().get_available_regions(name)
    # None are listed for a global service such as IAM.
    if regions and region not in regions:
        raise Refused(
            service,
            "UnknownEndpoint",
            f'Could not connect to the endpoint URL: "{address}/". {name} does not exist in {region}. '
            f"It exists in: {', '.join(regions)}.",
        )


def unknown_key(service: str) -> Refused:
    if service == "s3":
        text = "The AWS Access Key Id you provided does not exist in our records."
        return Refused("s3", "InvalidAccessKeyId", text, 403)
    text = "The security token included in the request is invalid."
    if protocol_of(service) in ("query", "ec2"):
        return Refused(service, "InvalidClientTokenId", text, 403)
    return Refused(service, "UnrecognizedClientException", text, 400)
