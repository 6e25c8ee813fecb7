"""Our site in a real gunicorn, as production runs it."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from provisioning.localcloud.processes import Processes

from .ports import lasting_port
from .server import GUNICORN, Server

BASE = Path(__file__).resolve().parent.parent.parent

# Nothing of it is real: no test may reach anybody's bucket.
MADE_UP = {
    "DJANGO_SETTINGS_MODULE": "scale0site.bench.settings",
    "SITE_SCHEME": "http",
    "SECRET_KEY": "for-the-bench-only-and-long-enough-to-please-the-checks-0123456789",
    "MEDIA_BUCKET": "made-up",
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "made-up",
    "AWS_SECRET_ACCESS_KEY": "made-up",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def site(url: str, static: Path, arguments: Sequence[str] = (), **environment: str) -> Server:
    """Ours, on the database at this URL; the environment replaces what it has otherwise."""
    port = environment.setdefault("PORT", str(lasting_port()))
    command = [*GUNICORN, "scale0site.wsgi", *arguments]
    ours = MADE_UP | {"SITE_HOSTS": f"127.0.0.1:{port}", "DATABASE_URL": url, "BENCH_STATIC": str(static)}
    return Server(command, ours | environment, folder=BASE)


NAME = "127.0.0.1"  # in the site's record, so that servers on many ports are one site


def saving(url: str, static: Path, storage: dict[str, str]) -> dict[str, str]:
    """The environment of servers that share saved pages, all of which are made here; for `Server.known_as` NAME."""
    at = f"from wagtail.models import Site; Site.objects.update(hostname={NAME!r}, port=80)"
    manage("shell", "-c", at, DJANGO_SETTINGS_MODULE="scale0site.settings.dev", DATABASE_URL=url)
    ours = MADE_UP | {"SITE_HOSTS": NAME, "DATABASE_URL": url, "BENCH_STATIC": str(static)} | storage
    manage("save_pages", **ours)
    return storage


def collect_static(folder: Path) -> Path:
    """Into a folder in it; its path."""
    static = folder / "static"
    nowhere = {"SITE_HOSTS": "nowhere", "DATABASE_URL": "postgresql://nobody:none@nowhere/none"}
    manage("collectstatic", "--noinput", **MADE_UP, **nowhere, BENCH_STATIC=str(static), BENCH_COLLECTS="1")
    return static


def migrate(url: str, *commands: str) -> None:
    """Our tables and first page, and what else is asked for, such as load_starter_content."""
    for command in ("migrate", *commands):
        manage(command, DJANGO_SETTINGS_MODULE="scale0site.settings.dev", DATABASE_URL=url)


def manage(*arguments: str, **environment: str) -> str:
    """One of our commands, run to its end; raises CommandFailed."""
    return run([sys.executable, "manage.py", *arguments], BASE, **environment)


def run(command: Sequence[str], folder: Path, **environment: str) -> str:
    """What it printed; raises CommandFailed."""
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        log = Path(temporary) / "log"
        return Processes().run(command, cwd=folder, log=log, environment=environment)
