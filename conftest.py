"""Real parts for tests of every app: a PostgreSQL, one that sleeps, and the site in gunicorn.

Nothing is imported or started until a test asks for it. `sleeping` may not import `scale0site`: its tests get
these from here.
"""

import contextlib
import fcntl
import itertools
import os
import shutil
import sqlite3
import subprocess

import hypothesis
import pytest

hypothesis.settings.register_profile("ours", deadline=None)  # other tests run beside
hypothesis.settings.load_profile("ours")

_number = itertools.count(1)
MEMORY = "file:memorydb_default?mode=memory&cache=shared"  # Django's name for the tests' database

# What takes longest begins first: else one process ends long after the others.
LONGEST = (
    "test_demo.py",
    "test_waking.py",
    "test_deployment.py",
    "test_bad_days.py",
    "test_commands.py",
    "test_verify_aws.py",
    "test_on_postgresql.py",
    "test_in_a_browser.py",
    "test_policy_in_a_browser.py",
    "test_waking_page.py",
    "test_saved_pages.py",
)


# Each process is given two files at once, to begin with: whatever comes second would wait for the longest.
SHORTEST = "test_config.py"


def pytest_collection_modifyitems(items):
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    files = [*LONGEST[:processes], SHORTEST, *LONGEST[processes:]]
    items.sort(key=lambda item: files.index(item.path.name) if item.path.name in files else len(files))


@pytest.fixture(scope="session")
def _made_once(tmp_path_factory):
    """`with _made_once(name) as path:` whoever finds nothing there makes it, while the other processes wait."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # that of this run

    @contextlib.contextmanager
    def made_once(name):
        with (folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder / name

    return made_once


@pytest.fixture(scope="session")
def _migrating(_made_once, django_test_environment):
    """Begins with what another process has made, if one has; to be called when Django has migrated."""
    from django.conf import settings

    if settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3":
        return lambda: None
    with contextlib.ExitStack() as stack:
        path = stack.enter_context(_made_once("migrated.sqlite3"))
        memory = stack.enter_context(contextlib.closing(sqlite3.connect(MEMORY, uri=True)))
        if made := path.exists():
            with contextlib.closing(sqlite3.connect(path)) as file:
                file.backup(memory)
        until_migrated = stack.pop_all()

    def migrated():
        with until_migrated:
            if not made:
                with contextlib.closing(sqlite3.connect(path)) as file:
                    memory.backup(file)

    return migrated


@pytest.fixture(scope="session")
def django_db_setup(_migrating, django_db_setup):
    """All migrations take ten seconds: one process does them, and the others have a copy."""
    _migrating()


@pytest.fixture(scope="session")
def postgres():
    """A server with 100 connections that may be stopped and restarted: see scale0site/bench/postgres.py."""
    from scale0site.bench.postgres import Postgres

    with Postgres(max_connections=100) as server:
        yield server


@pytest.fixture(scope="session")
def _static(_made_once):
    from scale0site.bench.site import collect_static

    with _made_once("collected") as folder:
        return folder / "static" if folder.exists() else collect_static(folder)


@pytest.fixture(scope="session")
def _template(postgres, _made_once):
    from scale0site.bench.site import migrate

    data = postgres.path / "data"
    with _made_once("migrated-postgres") as path:
        if made := path.exists():
            postgres.stop()
            shutil.rmtree(data)
        else:
            migrate(postgres.create_database("template"))
            postgres.stop()
        # With its owner, who is somebody else where we are root.
        subprocess.run(["cp", "-a", *((path, data) if made else (data, path))], check=True)
        postgres.start()
    return "template"


@pytest.fixture
def database(postgres, _template):
    """The URL of a migrated database of this test's own."""
    name = f"site{next(_number)}"
    yield postgres.create_database(name, _template)
    if not postgres.running:
        postgres.start()
    postgres.drop_database(name)


@pytest.fixture
def sleeping_front(postgres):
    """`sleeping_front(resume=1, manner="hang", pause_after=5)`: a Front, awake; its `url(url)`."""
    from scale0site.bench.front import Front

    with contextlib.ExitStack() as fronts:
        yield lambda **choices: fronts.enter_context(Front(to=postgres.port, **choices))


@pytest.fixture
def served(_static):
    """`served(url, WEB_WORKERS="1")`: the site in gunicorn on that database, answering: a bench.site.Server."""
    from scale0site.bench.site import site

    with contextlib.ExitStack() as servers:
        yield lambda url, *arguments, **environment: servers.enter_context(
            site(url, _static, arguments, **environment)
        )


def pytest_xdist_auto_num_workers():
    """Three processes for two processors: half of the time a test waits for another process. Four were no quicker."""
    return max(2, (os.cpu_count() or 1) * 3 // 2)
