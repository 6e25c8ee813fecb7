"""Real parts for tests of every app: a PostgreSQL, one that sleeps, and the site in gunicorn.

Nothing is imported or started until a test asks for it. `sleeping` may not import `scale0site`: its tests get
these from here.
"""

import contextlib
import itertools
import os

import hypothesis
import pytest

hypothesis.settings.register_profile("ours", deadline=None)  # other tests run beside
hypothesis.settings.load_profile("ours")

_number = itertools.count(1)

# What takes longest begins first: else one process ends long after the others.
LONGEST = (
    "test_end_to_end.py",
    "test_on_postgresql.py",
    "test_waking.py",
    "test_in_a_browser.py",
    "test_policy_in_a_browser.py",
    "test_waking_page.py",
    "test_saved_pages.py",
)


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def postgres():
    """A server with 100 connections that may be stopped and restarted: see scale0site/bench/postgres.py."""
    from scale0site.bench.postgres import Postgres

    with Postgres(max_connections=100) as server:
        yield server


@pytest.fixture(scope="session")
def _static(tmp_path_factory):
    from scale0site.bench.site import collect_static

    return collect_static(tmp_path_factory.mktemp("collected"))


@pytest.fixture(scope="session")
def _template(postgres):
    from scale0site.bench.site import migrate

    migrate(postgres.create_database("template"))
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
    """Three processes for two processors: half of the time a test waits for another process."""
    return max(2, (os.cpu_count() or 1) * 3 // 2)
