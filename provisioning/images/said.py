"""What the words of an engine, or of CodeBuild, mean: which lines matter, and what helps."""

from __future__ import annotations

import re

NOISE = re.compile(
    r"^(-+>? ?[0-9a-f]*|-+|time=.*|DEPRECATED.*|\[Warning\].*|\[notice\].*|#\d+ (DONE|CACHED|sha256:).*|\s*\^*\s*)$"
)
# At its end buildkit repeats what the failed step said, between two such rules.
FAILED_STEP = re.compile(r"^-{6}\n > (.*?)\n-{6}$", re.MULTILINE | re.DOTALL)
LINES = 6  # a person reads these; all of it has been on the screen already
LENGTH = 900  # letters

CANNOT_RUN = "creating container for"
"""Before a first RUN: crun or runc was refused cgroups or namespaces, as inside a container."""

BUILD_ADVICE = (
    ("exec format error", "This machine runs no amd64 programs: `docker run --privileged --rm tonistiigi/binfmt "
     "--install amd64`, or let AWS build: --builder codebuild"),
    ("toomanyrequests|pull rate limit|429 Too Many", "Docker Hub limits pulls: sign in to it (`docker login`), or "
     "take the base image elsewhere: PYTHON_IMAGE=public.ecr.aws/docker/library/python:3.13-slim"),
    ("no space left on device", "Make room (`docker system prune`, `podman system prune`) and run again"),
    (r"exit code: 137|exit status 137|signal: killed", "It ran out of memory: give Docker's or podman's machine "
     "more of it, or let AWS build: --builder codebuild"),
    ("short-name", "Name the base image in full: PYTHON_IMAGE=docker.io/library/python:3.13-slim"),
    ("Cannot connect to the Docker daemon", "Start Docker and run again"),
    ("name resolution|no such host|dial tcp|TLS handshake|i/o timeout|Connection reset|Max retries exceeded",
     "Look at the network and run again: the steps that were done are kept"),
)  # fmt: skip
MEND = "Mend that step of the Dockerfile and run again: the steps before it are kept"

FORBIDDEN = re.compile("is not authorized to perform", re.IGNORECASE)
MISSING = re.compile("name unknown|repository with name .* does not exist|RepositoryNotFound", re.IGNORECASE)
SIGNED_OUT = re.compile(
    "no basic auth credentials|authorization token has expired|unauthorized|authentication required|"
    "requested access to the resource is denied|403 Forbidden|invalid username/password",
    re.IGNORECASE,
)
BROKEN_OFF = re.compile(
    r"connection reset|broken pipe|\bEOF\b|i/o timeout|TLS handshake|connection refused|use of closed network|"
    r"request canceled|no such host|name resolution|toomanyrequests|(status|code|status code:?|HTTP) ?:?\s?5\d\d|"
    r"\b5\d\d (Internal|Bad Gateway|Service|Gateway)",
    re.IGNORECASE,
)


def essence(output: str) -> str:
    """The last lines that say something, on one line."""
    steps = FAILED_STEP.findall(output)
    lines = [line.strip() for line in output.splitlines() if not NOISE.match(line.strip())]
    if steps:
        lines = [line.strip() for line in steps[-1].splitlines() if line.strip()] + lines[-1:]
    text = " / ".join(lines[-LINES:])
    return text if len(text) <= LENGTH else "…" + text[-LENGTH:]


def build_advice(output: str) -> str:
    """What to do after a build that failed with these words: they tell it at their end."""
    end = output[-4000:]
    return next((advice for words, advice in BUILD_ADVICE if re.search(words, end, re.IGNORECASE)), MEND)
