"""What builds images on this machine: docker, podman, finch or buildah, the first that is there and answers."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from ..engine.problem import Problem

PLATFORM = "linux/amd64"  # App Runner runs nothing else
CODEBUILD = "codebuild"
PATIENCE = 20  # seconds, for a daemon to say that it is there
NOTHING: Mapping[str, str] = MappingProxyType({})
DIGEST = re.compile(r"(?:^|\s)(?:digest:|manifest-)\s*(sha256:[0-9a-f]{64})")  # as docker, and as finch, tells it

ASKS = {  # what only works if the daemon, the machine or the storage behind a program does
    "docker": ("version", "--format", "{{.Server.Version}}"),
    "podman": ("info", "--format", "{{.Version.Version}}"),
    "finch": ("info",),
    "buildah": ("info",),
}
STARTS = {
    "docker": "Start Docker (Docker Desktop, or `sudo systemctl start docker`; if it says permission denied, your "
    "user is not in the group docker)",
    "podman": "Start podman's machine (`podman machine start`, before the first time `podman machine init`)",
    "finch": "Start finch's machine (`finch vm start`, before the first time `finch vm init`)",
    "buildah": "Mend what `buildah info` says",
}


@dataclass(frozen=True)
class Command:
    """A program with its arguments, and what it needs in its environment besides ours."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True)
class Engine:
    """One program that builds and pushes images."""

    name: str
    program: str
    dialect: str
    """Whose options it takes: `docker` may be podman under another name."""
    buildx: bool = False
    """Docker's command line without buildx has only the classic builder."""

    def build(self, image: str, arguments: Mapping[str, str] = NOTHING, *, chroot: bool = False) -> Command:
        """Build the folder that it is run in, as one manifest: Lambda refuses an index, which attestations make."""
        given = [f"--build-arg={name}={value}" for name, value in arguments.items()]
        rest = (f"--platform={PLATFORM}", *given, f"--tag={image}", ".")
        if self.dialect == "docker":
            # By variable and not by --provenance=false: a buildx that knows no attestations knows no such option.
            settings = {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1", "BUILDKIT_PROGRESS": "plain"}
            if self.buildx:  # --load: a builder in a container of its own keeps what it built to itself
                return Command((self.program, "buildx", "build", "--load", *rest), settings)
            return Command((self.program, "build", *rest), {**settings, "DOCKER_BUILDKIT": "0"})
        if self.dialect == "finch":
            return Command((self.program, "build", "--progress=plain", "--provenance=false", "--sbom=false", *rest))
        isolation = ("--isolation=chroot", "--network=host") if chroot else ()
        return Command((self.program, "build", "--layers", "--force-rm", "--format=docker", *isolation, *rest))

    def push(self, image: str, login: Path, digest_file: Path, *, plain_http: bool = False) -> Command:
        """Push under the login in a folder's config.json, which podman and buildah take as well."""
        if self.dialect in ("docker", "finch"):  # both speak http to 127.0.0.0/8 without being told
            return Command((self.program, "push", image), {"DOCKER_CONFIG": str(login)})
        options = (f"--authfile={login / 'config.json'}", f"--digestfile={digest_file}")
        insecure = ("--tls-verify=false",) if plain_http else ()
        return Command((self.program, "push", *options, *insecure, image))

    def pushed(self, output: str, digest_file: Path) -> str:
        """The digest that it says it has pushed; empty if it says none."""
        if digest_file.is_file():
            return digest_file.read_text().strip()
        found = DIGEST.findall(output)
        return found[-1] if found else ""


@dataclass(frozen=True)
class Choice:
    """What builds, and why it is that."""

    engine: Engine | None
    """None: CodeBuild."""
    words: str


def choose(wanted: str = "") -> Choice:
    """The engine of that name, or the first that answers, or else CodeBuild. Raises Problem for one that cannot."""
    names = tuple(ASKS)
    if wanted == CODEBUILD:
        return Choice(None, "CodeBuild builds the image")
    if wanted and wanted not in ASKS:
        raise Problem(
            f'--builder is "{wanted}"',
            f"What builds an image is one of {', '.join(names)} and {CODEBUILD}",
            "Change it and run again: nothing was changed",
        )
    refusals = []
    for name in (wanted,) if wanted else names:
        engine, said = find(name)
        if engine and not said:
            return Choice(engine, f"{name} builds the image on this machine")
        refusals.append(refusal(name, engine, said))
    if wanted:
        raise Problem(
            f"Image: {wanted} could not be used",
            f'It says: "{said}"' if engine else "It is not installed, or not on the PATH",
            f"{STARTS[wanted] if engine else f'Install {wanted}'}, or let AWS build: --builder {CODEBUILD}",
        )
    return Choice(None, f"CodeBuild builds the image: {', '.join(refusals)}")


def find(name: str) -> tuple[Engine | None, str]:
    """The engine of that name, None where it is not installed, and what it says if it cannot work."""
    program = shutil.which(name)
    if not program:
        return None, ""
    engine = _known(name, program)
    return engine, _refusal(engine)


def refusal(name: str, engine: Engine | None, said: str) -> str:
    """Why not this one, of what `find` gave."""
    return f"{name} does not answer ({said})" if engine else f"{name} is not installed"


def _known(name: str, program: str) -> Engine:
    dialect = "podman" if name == "buildah" else name
    if name == "docker" and "podman" in ask(program, "--version")[1].lower():
        dialect = "podman"
    return Engine(name, program, dialect, buildx=dialect == "docker" and ask(program, "buildx", "version")[0])


def _refusal(engine: Engine) -> str:
    """What it says if it cannot work; empty if it can."""
    asks = ASKS[engine.name if engine.name == "buildah" else engine.dialect]
    answers, said = ask(engine.program, *asks)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return "" if answers else (lines[-1] if lines else "nothing")


def ask(*command: str, patience: float = PATIENCE) -> tuple[bool, str]:
    """Whether it went well, and all it said."""
    try:
        done = subprocess.run(  # noqa: S603
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired:
        return False, f"no answer within {patience:g} s"
    except OSError as error:
        return False, str(error)
    return done.returncode == 0, done.stdout + done.stderr
