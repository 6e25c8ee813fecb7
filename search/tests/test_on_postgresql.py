"""The same tests once more, on a real PostgreSQL: the other database that the site runs on."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection


@pytest.mark.skipif(connection.vendor == "postgresql", reason="this is PostgreSQL")
def test_search_passes_its_tests_on_postgresql_too(postgres, _template):
    postgres.create_database("test_again", _template)  # Django's name for the tests' database; it is migrated
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--reuse-db", "search"],
        env=os.environ | {"DATABASE_URL": postgres.url("again"), "PGOPTIONS": "-c synchronous_commit=off"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=120,
    )
    postgres.drop_database("test_again")
    assert done.returncode == 0, done.stdout[-5_000:] + done.stderr[-2_000:]
