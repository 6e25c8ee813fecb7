import io
import sys

import pytest
from django.core.management import call_command


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.fixture
def manage(on_local_aws, tiny, settings):
    """Run a command on the tiny site, built by CodeBuild; what it printed."""
    settings.BASE_DIR = tiny.folder
    settings.PROVISIONING = {**settings.PROVISIONING, "BUILDER": "codebuild"}

    def run(*arguments, stdout=None, **options):
        stdout = stdout or io.StringIO()
        call_command(*arguments, stdout=stdout, **options)
        return stdout.getvalue()

    return run


@pytest.fixture
def types(monkeypatch):
    """A person at a terminal who types this."""

    def answer(text):
        monkeypatch.setattr(sys, "stdin", Terminal(text))
        monkeypatch.setattr("builtins.input", lambda prompt="": read(text))

    def read(text):
        if not text:
            raise EOFError
        return text

    return answer
