"""The site while its database sleeps: real gunicorn, real PostgreSQL, and a front that sleeps before it."""

import contextlib
import re
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
import requests

RESUME = 3.0  # seconds; the attempt's bound is 2


@pytest.fixture
def front(sleeping_front):
    return sleeping_front(resume=RESUME)


@pytest.fixture
def site(front, database, served):
    return served(front.url(database))


def get(site, path="/", **options):
    options.setdefault("allow_redirects", False)
    return requests.request(options.pop("method", "GET"), site.address + path, timeout=30, **options)


def timed(site, path="/", **options):
    began = time.monotonic()
    return get(site, path, **options), time.monotonic() - began


def test_who_finds_it_asleep_is_told_so_within_one_bounded_attempt_and_that_attempt_wakes_it(front, site):
    front.sleep()
    answer, seconds = timed(site)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert 1.5 < seconds < 2.7
    assert front.wakings == 1
    time.sleep(RESUME - 2)
    assert get(site).status_code == 200
    assert front.wakings == 1
    assert any("answered" in line and "after it was called" in line for line in site.lines)


def test_while_one_attempts_all_others_are_answered_at_once(front, database, served):
    site = served(front.url(database), SLEEPING_PAUSE_SECONDS="1")
    with ThreadPoolExecutor(16) as visitors:  # whatever is loaded at the first request is, in each worker
        assert {answer.status_code for answer in visitors.map(lambda _: get(site), range(32))} == {200}
    front.sleep()
    time.sleep(1.1)
    with ThreadPoolExecutor(24) as visitors:
        first = visitors.submit(timed, site)
        time.sleep(0.5)
        others = [visitors.submit(timed, site) for _ in range(20)]
        healthy = visitors.submit(timed, site, "/healthz")
        drawn = visitors.submit(timed, site, "/favicon.ico")
        assert {other.result()[0].status_code for other in others} == {503}
        assert max(other.result()[1] for other in others) < 1, "nobody waited for an attempt"
        assert healthy.result()[0].status_code == drawn.result()[0].status_code == 200
        assert max(healthy.result()[1], drawn.result()[1]) < 1
        assert first.result()[0].status_code == 503
    assert front.wakings == 1


def test_a_new_instance_takes_no_distant_database_for_a_sleeping_one(front, database, served):
    """It has never seen it awake. The first connection takes its time; whoever came with it waits for that."""
    front.resume = 2.5
    site = served(front.url(database), SLEEPING_ATTEMPT_SECONDS="10")
    front.sleep()
    with ThreadPoolExecutor(30) as visitors:
        assert {answer.status_code for answer in visitors.map(lambda _: get(site), range(30))} == {200}


def test_one_slow_connection_marks_no_database_asleep_that_others_find_awake(front, database, served, postgres):
    site = served(front.url(database), "--workers=1", SLEEPING_ATTEMPT_SECONDS="1")
    assert get(site).status_code == 200
    front.slow_every = 3, 1.6  # every third connection, seconds
    with ThreadPoolExecutor(4) as visitors:
        for _ in range(6):
            postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'site'")
            assert {answer.status_code for answer in visitors.map(lambda _: get(site), range(8))} == {200}
    assert not any("after it was called" in line for line in site.lines)


def test_whatever_a_resume_says_means_waking(front, database, served):
    site = served(front.url(database), "--workers=1", SLEEPING_PAUSE_SECONDS="1")
    front.resume = 0.5
    for manner in ("close", "no-hba", "starting"):
        front.manner = manner
        front.sleep()
        time.sleep(1)
        assert get(site).status_code == 503, manner
        time.sleep(0.6)
        assert get(site).status_code == 200, manner


@pytest.mark.parametrize(
    "right, wrong, said, advice",
    [
        ("site-password", "hunter2", 'password authentication failed for user "site"', "holds the user's password"),
        (r"/site\d+$", "/nowhere", 'database "nowhere"', "have been made"),
        ("127.0.0.1", "unknown.invalid", "could not translate host name", "is the database's endpoint"),
    ],
)
def test_what_time_does_not_cure_is_a_500_with_three_parts_in_the_log(database, served, right, wrong, said, advice):
    site = served(re.sub(right, wrong, database), "--workers=1")
    assert get(site).status_code == 500
    (line,) = [line.replace('\\"', '"') for line in site.lines if "no connection" in line]
    assert "The database " in line
    assert said in line
    assert advice in line
    assert "hunter2" not in line


def test_a_name_that_is_not_ours_wakes_nothing(front, site):
    front.sleep()
    assert get(site, headers={"Host": "elsewhere.example.org"}).status_code == 400
    assert front.attempts == 0


def test_what_needs_no_database_opens_no_connection_be_it_awake_or_asleep(front, site, postgres):
    paths = {
        "/healthz": 200,
        "/robots.txt": 200,
        "/favicon.ico": 200,
        "/apple-touch-icon.png": 200,
        "/static/css/none.css": 404,
        "/static/": 404,
        "/media/images/cat.width-800.webp": 302,
        "/media/documents/plan.pdf": 404,
    }
    for _ in range(2):
        for path, status in paths.items():
            for method in ("GET", "HEAD"):
                assert get(site, path, method=method).status_code == status, (method, path)
        assert (front.attempts, postgres.connections()) == (0, 0)
        front.sleep()


def test_whoever_has_a_session_meets_the_waking_page_everywhere(front, database, served):
    """Even Wagtail's catalogue of translations looks for the language of the person who is logged in."""
    site = served(front.url(database), "--workers=1", SLEEPING_PAUSE_SECONDS="1")
    front.resume = 60
    front.sleep()
    assert get(site, "/admin/jsi18n/", cookies={"sessionid": "whatever"}).status_code == 503


def test_health_checks_never_open_a_connection_and_let_an_open_one_go(front, database, served, postgres):
    site = served(front.url(database), SLEEPING_IDLE_SESSION_SECONDS="1")
    assert get(site).status_code == 200
    assert front.sessions >= 1
    end = time.monotonic() + 3
    while time.monotonic() < end:
        assert get(site, "/healthz").status_code == 200
        time.sleep(0.05)
    assert (front.sessions, postgres.connections()) == (0, 0)


def test_under_load_connections_are_reused_and_afterwards_none_is_left(front, database, served, postgres):
    site = served(front.url(database), SLEEPING_IDLE_SESSION_SECONDS="1")
    with ThreadPoolExecutor(16) as visitors:
        assert {answer.status_code for answer in visitors.map(lambda _: get(site), range(120))} == {200}
    assert 1 <= front.attempts <= 8, "workers times threads"
    end = time.monotonic() + 5
    while postgres.connections() and time.monotonic() < end:
        time.sleep(0.1)
    assert (front.sessions, postgres.connections()) == (0, 0)
    assert get(site).status_code == 200, "a connection that the server closed is not used"


def test_a_restart_under_load_costs_nobody_an_error(front, database, served, postgres):
    site = served(front.url(database))
    assert get(site).status_code == 200
    stop = time.monotonic() + 5

    def visit(_):
        found = set()
        while time.monotonic() < stop:
            found.add(get(site).status_code)
        return found

    with ThreadPoolExecutor(6) as visitors:
        seen = visitors.map(visit, range(6))
        for _ in range(2):
            time.sleep(1)
            postgres.restart()
        assert set().union(*seen) == {200}


def test_taken_connections_are_a_503_and_never_a_500(database, served):
    site = served(database, "--workers=1", SLEEPING_RESTART_SECONDS="1")
    with all_connections_taken(database):
        answer = get(site)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) >= 1
    assert get(site).status_code == 200


def test_a_page_whose_connection_was_lost_midway_is_asked_for_again(database, served, postgres):
    site = served(database, "--workers=1")
    assert cut_off_midway(postgres, database, "wagtailcore_page", get, site).status_code == 200
    assert any("asked for again" in line for line in site.lines)
    assert not any("Internal Server Error" in line for line in site.lines)


def test_a_form_whose_connection_was_lost_midway_is_not_sent_twice(database, served, postgres):
    """Nobody knows whether it took effect: the person decides."""
    site = served(database, "--workers=1")
    visitor = requests.Session()
    visitor.get(site.address + "/admin/login/")
    form = {"username": "anna", "password": "x", "csrfmiddlewaretoken": visitor.cookies["csrftoken"]}
    answer = cut_off_midway(postgres, database, "auth_user", visitor.post, site, "/admin/login/", data=form)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_a_database_that_does_not_come_is_not_promised_for_ever(front, database, served):
    site = served(front.url(database), "--workers=1", SLEEPING_PATIENCE_SECONDS="1", SLEEPING_RESTART_SECONDS="1")
    front.manner, front.resume = "close", 60
    front.sleep()
    assert get(site).status_code == 503
    assert not complaints(site)
    time.sleep(1.1)
    for _ in range(3):
        assert get(site).status_code == 503
    (line,) = complaints(site)
    assert "It says: " in line
    assert "See that it is there" in line


PING = "/admin/editing-sessions/ping/wagtailcore/page/2/1/"


def test_an_open_editors_pings_wake_nothing(front, database, served):
    site = served(front.url(database), SLEEPING_PAUSE_SECONDS="1")
    assert get(site).status_code == 200
    assert get(site, PING, method="POST").status_code != 503, "somebody is there"
    front.sleep()
    time.sleep(1.1)
    assert get(site).status_code == 503
    attempts = front.attempts
    for path in (PING, "/admin/editing-sessions/release/1/"):
        answer, seconds = timed(site, path, method="POST")
        assert (answer.status_code, answer.json()["status"], seconds < 1) == (503, "asleep", True)
    assert front.attempts == attempts


def test_an_open_editors_pings_do_not_keep_it_awake(front, database, served, postgres):
    choices = {"SLEEPING_IDLE_SESSION_SECONDS": "1", "SLEEPING_EDITOR_IDLE_SECONDS": "2"}
    site = served(front.url(database), "--workers=1", **choices)
    assert get(site).status_code == 200
    end = time.monotonic() + 4
    seen = []
    while time.monotonic() < end:
        seen.append(get(site, PING, method="POST").status_code)
        time.sleep(0.2)
    assert seen[0] != 503 and seen[-1] == 503
    assert postgres.connections() == 0
    assert get(site).status_code == 200, "a person's next request"
    assert get(site, PING, method="POST").status_code != 503


def complaints(site):
    return [line for line in site.lines if "no connection for" in line]


@contextlib.contextmanager
def all_connections_taken(database):
    with contextlib.ExitStack() as taken:
        with contextlib.suppress(psycopg2.OperationalError):
            while True:
                taken.callback(psycopg2.connect(database).close)
        yield


def cut_off_midway(postgres, database, table, ask, site, path="/", **options):
    """The answer to a request whose connection is ended while it waits for a locked table."""
    if ask is not get:
        site, path = site.address + path, None
    with (
        contextlib.closing(psycopg2.connect(database)) as locks,
        locks.cursor() as cursor,
        ThreadPoolExecutor() as one,
    ):
        cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        asked = one.submit(ask, site, *([path] if path else []), **options)
        waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while not (found := postgres.execute(waiting)):
            time.sleep(0.02)
        postgres.execute("SELECT pg_terminate_backend(%s)", [found[0][0]])
        locks.rollback()
        return asked.result()
