"""What a person types after `manage.py localcloud`, as the local AWS gets it: none is started here."""

import signal

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from provisioning.localcloud.management.commands import localcloud


class Recorder:
    """Takes what a LocalCloud takes, and does not start."""

    def __init__(self, port, speed, folder, say, **options):
        type(self).got = options

    def start(self):
        raise ValueError("It is not started.")


@pytest.fixture
def typed(monkeypatch):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(localcloud, "LocalCloud", Recorder)

    def call(*words):
        with pytest.raises(CommandError, match="It is not started"):
            call_command("localcloud", "--port", "0", *words)
        return Recorder.got

    return call


@pytest.mark.parametrize(
    ("words", "name", "usual", "got"),
    [
        (["--enforce-iam"], "enforce_iam", False, True),
        (["--while-resuming", "close"], "while_resuming", "hang", "close"),
        (["--while-resuming", "no-pg-hba"], "while_resuming", "hang", "no-pg-hba"),
        (["--run-images", "engine"], "run_images", "auto", "engine"),
        (["--run-images", "tree"], "run_images", "auto", "tree"),
    ],
)
def test_an_option_reaches_the_local_aws(typed, words, name, usual, got):
    assert typed()[name] == usual
    assert typed(*words)[name] == got


@pytest.mark.parametrize("option", ["--while-resuming", "--run-images"])
def test_a_choice_that_there_is_not_is_refused(typed, option):
    with pytest.raises(CommandError, match=f"argument {option}: invalid choice: 'rain'"):
        call_command("localcloud", option, "rain")
