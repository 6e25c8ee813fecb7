"""Stands for docker or podman: its containers are processes beside it, which do not end with it.

In its folder: `calls`, a line of JSON for each call; `<verb>`, a JSON list of [exit code, words] with which every call
of that verb ends; `images`, the names of those that it has, one a line; `containers/NAME`, the number of the process.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

FOLDER = Path(sys.argv[0]).parent
NAME, ARGUMENTS = Path(sys.argv[0]).name, sys.argv[1:]
CONTAINERS = FOLDER / "containers"
VERBS = ("run", "rm", "pause", "unpause", "inspect", "ps", "image", "pull", "version", "info", "--version", "buildx")
VERB = next((each for each in ARGUMENTS if each in VERBS), "")
OPTIONS = dict(each.split("=", 1) for each in ARGUMENTS if each.startswith("--") and "=" in each)


def note():
    login = Path(OPTIONS["--authfile"]) if "--authfile" in OPTIONS else None
    call = {"name": NAME, "verb": VERB, "arguments": ARGUMENTS, "login": login and json.loads(login.read_text())}
    with (FOLDER / "calls").open("a") as calls:
        calls.write(json.dumps(call) + "\n")


def number():
    file = CONTAINERS / ARGUMENTS[-1]
    return int(file.read_text()) if file.exists() else None


def tell(means):
    found = number()
    if found is None:
        sys.exit("no such container")
    os.killpg(found, means)


def run():
    variables = [each.removeprefix("--env=") for each in ARGUMENTS if each.startswith("--env=")]
    environment = {"PATH": "/images/own"}
    for each in variables:
        key, given, value = each.partition("=")
        environment[key] = value if given else os.environ[key]
    command = [sys.executable, str(FOLDER / "program.py")]
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    (CONTAINERS / OPTIONS["--name"]).write_text(str(process.pid))
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    sys.exit(process.wait() % 256)


def image():
    known = FOLDER / "images"
    sys.exit(not (known.exists() and ARGUMENTS[-1] in known.read_text().splitlines()))


def pull():
    with (FOLDER / "images").open("a") as known:
        known.write(f"{ARGUMENTS[-1]}\n")


def ps():
    left = FOLDER / "left"
    print(left.read_text() if left.exists() else "")


def remove():
    found = number()
    if found is not None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(found, signal.SIGKILL)
        (CONTAINERS / ARGUMENTS[-1]).unlink()


note()
if (FOLDER / VERB).is_file():
    code, words = json.loads((FOLDER / VERB).read_text())
    print(words)
    sys.exit(code)
ACTS = {
    "run": (lambda: None) if "--rootfs" in ARGUMENTS else run,
    "rm": remove,
    "pause": lambda: tell(signal.SIGSTOP),
    "unpause": lambda: tell(signal.SIGCONT),
    "inspect": lambda: print(number() or 0),
    "ps": ps,
    "image": image,
    "pull": pull,
}
ACTS.get(VERB, lambda: print("1.0"))()
