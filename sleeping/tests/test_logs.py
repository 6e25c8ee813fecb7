"""What is written about a request, and what must never be."""

import json
import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.urls import include, path

from sleeping import logs
from sleeping.logs import AboutRequests, JsonFormatter, Lines
from sleeping.record import record
from sleeping.requestlog import RequestLogMiddleware
from sleeping.turnstile import turned_away

SECRET = "c9x2-5e1f0"


def ask(request, name=""):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.execute("SELECT 2")
    return HttpResponse("asked")


def fail(request, token):
    raise RuntimeError("this went wrong")


def stream(request):
    def parts():
        yield b"one"
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        yield b"three"

    return StreamingHttpResponse(parts())


def refused(request, token=""):
    record(request).why = "waking"
    record(request).woke = True
    record(request).connecting = 1.5
    return HttpResponse("waking", status=503)


urlpatterns = [
    path("ask/", ask),
    path("stream/", stream),
    path("reset/<uidb64>/<token>/", lambda request, uidb64, token: HttpResponse("reset")),
    path("deep/", include([path("fail/<token>/", fail)])),
    path("refused/<token>/", refused),
]


@pytest.fixture
def lines(settings):
    """Each line that the site's own configuration writes, as an object."""
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["sleeping.middleware.RequestLogMiddleware", "sleeping.middleware.HealthMiddleware"]
    settings.TEMPLATES = []  # the site's own pages of errors would need a database
    written = []

    class Keep(logging.Handler):
        def emit(self, line):
            text = self.format(line)
            assert "\n" not in text
            written.append(json.loads(text))

    keep = Keep()
    keep.setFormatter(JsonFormatter())
    keep.addFilter(AboutRequests())
    loggers = [logging.getLogger("sleeping"), logging.getLogger("django")]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.addHandler(keep)
        each.setLevel(logging.INFO)
    yield written
    for each, level in zip(loggers, levels, strict=True):
        each.removeHandler(keep)
        each.setLevel(level)


@pytest.mark.django_db
def test_a_request_is_one_line_with_its_time_and_its_queries(client, lines):
    client.get("/ask/?email=anna@example.org", headers={"user-agent": "Secret/1"}, REMOTE_ADDR="192.0.2.7")
    (line,) = lines
    assert line["time"].endswith("+00:00")
    assert line["ms"] >= line["query_ms"] >= 0
    assert {name: value for name, value in line.items() if name not in ("time", "ms", "query_ms")} == {
        "level": "INFO",
        "logger": "sleeping.requests",
        "message": "GET /ask/ 200",
        "method": "GET",
        "path": "/ask/",
        "status": 200,
        "bytes": 5,
        "queries": 2,
        "connection_ms": 0.0,
        "woke": False,
        "why": "",
    }


@pytest.mark.django_db
def test_a_stream_is_counted_until_its_end(client, lines):
    before = list(connection.execute_wrappers)
    answer = client.get("/stream/")
    assert lines == []
    assert b"".join(answer.streaming_content) == b"onethree"
    assert [(line["bytes"], line["queries"]) for line in lines] == [(8, 1)]
    assert connection.execute_wrappers == before


@pytest.mark.django_db
def test_a_file_is_left_to_the_server_to_send(rf, lines):
    with Path(__file__).open("rb") as file:
        answer = RequestLogMiddleware(lambda request: FileResponse(file))(rf.get("/file/"))
        assert answer.file_to_stream is file
        answer.close()
    assert lines[0]["bytes"] == Path(__file__).stat().st_size


def test_counting_opens_no_connection(client, lines):
    client.get(f"/refused/{SECRET}/")
    assert lines[0]["queries"] == 0


def test_a_health_check_that_passes_is_not_written_down(client, lines):
    assert client.get("/healthz").status_code == 200
    assert lines == []


def test_an_answer_of_ours_is_one_line_with_its_reason_and_its_wait(client, lines):
    assert client.get(f"/refused/{SECRET}/").status_code == 503
    (line,) = lines
    assert (line["status"], line["why"], line["woke"], line["connection_ms"]) == (503, "waking", True, 1500.0)


@pytest.mark.parametrize("address", [f"/reset/MQ/{SECRET}/", f"/deep/fail/{SECRET}/", f"/refused/{SECRET}/"])
def test_a_path_that_is_as_good_as_a_password_is_written_as_its_pattern(client, lines, address):
    client.raise_request_exception = False
    client.get(address)
    assert SECRET not in json.dumps([{**line, "exception": ""} for line in lines])
    assert "<token>" in lines[-1]["path"]


def test_what_is_refused_before_its_view_is_known_tells_no_secret_either(client, lines, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.early"]
    client.get(f"/reset/MQ/{SECRET}/?next=/{SECRET}")
    assert lines[-1]["path"] == "/reset/<uidb64>/<token>/"


def early(get_response):
    return lambda request: HttpResponse("busy" if turned_away() else "early", status=503)


def test_a_500_is_two_lines_and_one_holds_the_whole_traceback(client, lines):
    client.raise_request_exception = False
    client.get(f"/deep/fail/{SECRET}/")
    told, line = lines
    assert (told["logger"], told["level"], line["status"]) == ("django.request", "ERROR", 500)
    assert told["message"] == "Internal Server Error: /deep/fail/<token>/"
    assert told["exception"].startswith("Traceback (most recent call last):\n")
    assert told["exception"].endswith("RuntimeError: this went wrong")


def test_what_is_not_found_is_one_line(client, lines):
    client.get("/nowhere/")
    assert [(line["status"], line["path"]) for line in lines] == [(404, "/nowhere/")]


def test_a_line_of_anybody_keeps_what_was_given_with_it_and_its_exception():
    try:
        raise ValueError("two\nlines")
    except ValueError:
        line = logging.LogRecord("shop", logging.ERROR, "f.py", 1, "%s sold", ("a\nb",), sys.exc_info())
    line.price = {"dollars": 3}
    text = JsonFormatter().format(line)
    assert "\n" not in text
    told = json.loads(text)
    assert (told["message"], told["price"], told["logger"]) == ("a\nb sold", {"dollars": 3}, "shop")
    assert told["exception"].endswith("ValueError: two\nlines")


# --- where lines go ---


@pytest.fixture
def written(monkeypatch, tmp_path):
    """`written()` is what went to standard error so far."""
    path = tmp_path / "stderr"
    with path.open("ab") as file:
        monkeypatch.setattr(logs, "STDERR", file.fileno())
        yield path.read_text


def lines_logger():
    logger = logging.Logger("lines")
    logger.addHandler(Lines())
    return logger


def test_lines_of_many_threads_stay_whole(written):
    logger = lines_logger()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: logger.warning("%d %s", number, "x" * 200), range(200)))
    lines = written().splitlines()
    assert sorted(int(line.partition(" ")[0]) for line in lines) == list(range(200))
    assert {line.partition(" ")[2] for line in lines} == {"x" * 200}


def test_a_line_that_cannot_be_made_is_told_and_nothing_fails(written, capsys):
    logger = lines_logger()
    logger.warning("%d", "no number")
    logger.warning("a half: \udcff")
    assert written() == "a half: \\udcff\n"
    assert "TypeError" in capsys.readouterr().err


def test_a_filter_keeps_a_line_back(written):
    logger = lines_logger()
    logger.handlers[0].addFilter(lambda record: "secret" not in record.getMessage())
    logger.warning("secret")
    logger.warning("open")
    assert written() == "open\n"
