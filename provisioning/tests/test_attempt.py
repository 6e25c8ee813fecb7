"""One attempt to connect, with a watch beside it."""

import io
import json
import socket
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import parse_qs

import boto3
import pytest
from django.core.management import CommandError, call_command

from provisioning.attempt import attempt, signing
from provisioning.management.commands import attempt_connection


@contextmanager
def listening():
    """A port that takes a connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield {"host": "127.0.0.1", "port": server.getsockname()[1], "user": "site", "dbname": "site"}


class Site:
    """As a site's database that is reached by token."""

    vendor = "postgresql"

    def __init__(self, place):
        self.place = place
        self.settings_dict = {"USER": "site"}

    def get_connection_params(self):
        return {**self.place, "user": self.settings_dict["USER"], "password": f"of {self.settings_dict['USER']}"}


def test_it_is_given_up_when_its_time_is_over():
    with listening() as place:
        told = json.loads(attempt(place, 1))
    assert "timeout expired" in told["met"]
    assert 1 <= told["took"] < 5


def test_a_refusal_is_told_in_one_line_and_at_once():
    with listening() as place:
        pass
    told = json.loads(attempt(place, 1))
    assert "refused" in told["met"]
    assert "\n" not in told["met"]


def test_the_command_signs_for_whom_it_is_told_to(monkeypatch):
    asked = {}

    def note(parameters, seconds):
        asked.update(parameters, seconds=seconds)
        return "{}"

    site = Site({"host": "h", "port": 1})
    monkeypatch.setattr(attempt_connection, "connections", {"default": site})
    monkeypatch.setattr(attempt_connection, "attempt", note)
    out = io.StringIO()
    call_command("attempt_connection", "--seconds", "7", "--signed-for", "nobody", stdout=out)
    assert asked == {"host": "h", "port": 1, "user": "site", "password": "of nobody", "seconds": 7}
    assert out.getvalue() == "{}\n"


def test_a_token_is_signed_as_if_it_were_so_long_ago():
    rds = boto3.client("rds", "eu-west-3", aws_access_key_id="made", aws_secret_access_key="up")

    def age():
        signed = parse_qs(rds.generate_db_auth_token("h", 1, "site"))["X-Amz-Date"][0]
        return (datetime.now(UTC) - datetime.strptime(f"{signed}+0000", "%Y%m%dT%H%M%SZ%z")).total_seconds()

    with signing(960):
        assert 960 <= age() < 990
    assert age() < 30


def test_a_database_that_never_sleeps_is_not_tried():
    with pytest.raises(CommandError, match="never sleeps"):
        call_command("attempt_connection")
