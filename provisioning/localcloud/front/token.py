"""RDS's tokens: a request to connect, signed by its bearer, that takes the place of a password.

The form is that of botocore's `generate_db_auth_token`: the address of a presigned request, without its scheme.
"""

import hashlib
import hmac
import time
from calendar import timegm
from urllib.parse import parse_qsl, quote

from ..bearer import Bearer, find_bearer

LIFETIME = 900  # seconds of ours: the token is signed by the machine's clock. AWS documents 15 minutes.
SKEW = 300  # seconds that the signer's clock may be ahead: SigV4's usual tolerance (believed)
STAMP = "%Y%m%dT%H%M%SZ"


class NotAdmitted(Exception):
    """Why, in one line: for the developer. The client is told as little as AWS tells."""


def check(token: str, user: str, address: str, region: str, account: str) -> Bearer:
    """The bearer of a token that opens `address` (host:port) to `user`; raises NotAdmitted."""
    where, mark, query = token.partition("/?")
    if not mark:
        raise NotAdmitted("this user signs in by an IAM token, and that is none")
    asked = dict(parse_qsl(query, keep_blank_values=True))
    if (asked.get("Action"), asked.get("DBUser")) != ("connect", user):
        raise NotAdmitted(f"the token is for the user {asked.get('DBUser')}")
    if where != address:
        raise NotAdmitted(f"the token is for {where}, not for {address}")
    key_id, _, scope = asked.get("X-Amz-Credential", "").partition("/")
    stamp = asked.get("X-Amz-Date", "")
    if scope != f"{stamp[:8]}/{region}/rds-db/aws4_request":
        raise NotAdmitted(f"the token is signed for {scope}, which is not rds-db in {region}")
    must_be_fresh(stamp, asked.get("X-Amz-Expires", ""))
    bearer = find_bearer(account, key_id)
    if bearer is None:
        raise NotAdmitted(f"nobody has the access key {key_id}")
    if asked.get("X-Amz-Security-Token") != bearer.token:
        raise NotAdmitted(f"the session token is not that of {key_id}")
    wanted = signature(asked, where, scope, bearer.secret)
    if not hmac.compare_digest(asked.get("X-Amz-Signature", ""), wanted):
        raise NotAdmitted(f"the signature is not that of {key_id}")
    return bearer


def must_be_fresh(stamp: str, lifetime: str) -> None:
    try:
        age = time.time() - timegm(time.strptime(stamp, STAMP))
        limit = min(int(lifetime), LIFETIME)
    except ValueError:
        raise NotAdmitted("the token has no readable date") from None
    if not -SKEW <= age <= limit:
        raise NotAdmitted(f"the token is {age:.0f} s old, and may be {limit} s")


def signature(asked: dict[str, str], host: str, scope: str, secret: str) -> str:
    """AWS documents it: Signature Version 4 of a presigned GET."""
    signed = sorted((name, value) for name, value in asked.items() if name != "X-Amz-Signature")
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in signed)
    request = f"GET\n/\n{query}\nhost:{host}\n\nhost\n{hashlib.sha256(b'').hexdigest()}"
    text = f"AWS4-HMAC-SHA256\n{asked['X-Amz-Date']}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()
