"""Two instances before one PostgreSQL."""

import requests

from scale0site.login.throttle import PAIR


def test_what_failed_at_one_instance_is_refused_by_the_other(served, database):
    one, other = (served(database, WEB_WORKERS="1").address for _ in range(2))

    def log_in(address, **headers):
        with requests.Session() as visitor:
            visitor.get(f"{address}/admin/login/", timeout=30)
            form = {"username": "anna", "password": "x", "csrfmiddlewaretoken": visitor.cookies["csrftoken"]}
            return visitor.post(f"{address}/admin/login/", form, headers=headers, timeout=30)

    assert [log_in(one).status_code for _ in range(PAIR.failures)] == [200] * PAIR.failures
    for address in (other, one):
        answer = log_in(address, **{"X-Forwarded-For": "203.0.113.9"})  # which no hop of ours has written
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 14 * 60
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
