"""Says that it did what it was asked to."""

import os
import sys
from urllib.parse import urlsplit

SAYS = {
    "migrate": "  Applying tiny.0001_initial... OK",
    "ensure_superuser": "Superuser admin is number 1, and has no password yet.",
    "echo": " ".join(sys.argv[2:]),
}


def attempt_connection(seconds, signed_for=None, signed_ago=0):
    """As the site's own command, without its Django: `--seconds 1 [--signed-for USER] [--signed-ago SECONDS]`."""
    import boto3

    from provisioning.attempt import attempt, signing

    url = urlsplit(os.environ["DATABASE_URL"])
    place = {"host": url.hostname, "port": url.port, "user": url.username}
    rds = boto3.client("rds")
    with signing(int(signed_ago)):
        token = rds.generate_db_auth_token(url.hostname, url.port, signed_for or url.username)
    return attempt({**place, "dbname": url.path[1:], "sslmode": "disable", "password": token}, int(seconds))


command = sys.argv[1]
if command == "fail":
    sys.exit("it was asked to fail")
if command == "ask":
    input("What? ")
if command == "attempt_connection":
    SAYS[command] = attempt_connection(
        **{
            name.strip("-").replace("-", "_"): value
            for name, value in zip(sys.argv[2::2], sys.argv[3::2], strict=True)
        }
    )
print(SAYS.get(command, f"{command}: done"))
