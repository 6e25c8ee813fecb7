"""The few choices a person makes: `PROVISIONING` in the settings, and the options of the commands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from .budget import THREADS, WORKERS, Budget
from .engine.problem import Problem

BUILDERS = ("", "docker", "podman", "finch", "buildah", "codebuild")
RESERVED = ("aws", "ssm")  # the Parameter Store refuses them as the beginning of a path
AGAIN = "Change it and run again: nothing was changed"
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")  # what RDS, the strictest, takes; all others take it too
# vCPU: GB that App Runner pairs it with (its developer guide, "Supported configurations")
SIZES = {
    0.25: (0.5, 1),
    0.5: (1,),
    1: (2, 3, 4),
    2: (4, 6),
    4: (8, 10, 12),
}
WORKERS_PART = 614  # MB of each GB: the rest is for the system, for what starts them, and for pictures being scaled
# MB. One takes 76 when it is fresh, 119 when it has shown pictures, and 125 to 240 when editors have used the admin
# and uploaded four pictures of 6 megapixels at once (measured, with 4 threads): in so little, editors wear it out, not
# visitors.
LEAST_WORKER = 150


@dataclass(frozen=True)
class Config:
    """What one environment should be. Raises Problem naming the setting, its value and the rule it breaks."""

    project: str = "scale0"
    env: str = "dev"
    region: str = ""
    target: str = "apprunner"

    postgres: int = 17
    """Major version of the database's engine; its minor is the newest that can pause."""
    min_capacity: float = 0.0
    """Aurora capacity units; 0 lets the database pause."""
    max_capacity: float = 4.0
    pause_seconds: int = 300
    final_snapshot: bool = True
    """Whether a database that is removed leaves a snapshot."""

    builder: str = ""
    """What builds the image: docker, podman, finch, buildah or codebuild; empty for the first that is there."""
    automatic_deployments: bool = False
    """Whether App Runner deploys by itself what the repository's tag `released` is moved to."""
    starter_content: bool = False
    """Whether the first release also loads the starter pages."""
    cpu: float = 0.25
    """vCPU of one instance."""
    memory: float = 1.0
    """GB of one instance."""
    # With MAX_INSTANCES 240 at once: whoever comes beyond reads App Runner's 429 (reported: apprunner-roadmap#224).
    max_concurrency: int = 60
    """Requests that one instance works on at a time, before another is started."""
    max_instances: int = 4
    workers: int = WORKERS
    """Processes of one instance that serve."""
    threads: int = THREADS
    """Of one worker, each with one database connection at most."""

    def __post_init__(self) -> None:
        for name in ("project", "env"):
            if not NAME.fullmatch(getattr(self, name)):
                rule = "small letters, digits and single hyphens, a letter first, no hyphen last"
                raise self.refusal(name, f"a name is made of {rule}")
        if self.project.startswith(RESERVED):
            raise self.refusal("project", "AWS keeps names that start with aws or ssm for itself")
        if self.builder not in BUILDERS:
            raise self.refusal("builder", f"it may be {', '.join(BUILDERS[1:])}, or empty for the first that is there")
        self._within("min_capacity", 0, 256)
        self._within("max_capacity", 1, 256)
        for name in ("min_capacity", "max_capacity"):
            if getattr(self, name) * 2 % 1:
                raise self.refusal(name, "Aurora's capacity goes in steps of 0.5")
        if self.max_capacity < self.min_capacity:
            raise self.refusal("max_capacity", f"it may not be below MIN_CAPACITY, {self.min_capacity:g}")
        self._within("pause_seconds", 300, 86400)
        self._within("postgres", 14, 99)  # Django 5.2 takes no older one
        self._within("max_concurrency", 1, 200)
        self._within("max_instances", 1, 25)
        if self.cpu not in SIZES:
            raise self.refusal("cpu", f"an instance has {_either(SIZES)} vCPU")
        if self.memory not in SIZES[self.cpu]:
            raise self.refusal("memory", f"with {self.cpu:g} vCPU an instance has {_either(SIZES[self.cpu])} GB")
        self._within("workers", 1, 16)
        self._within("threads", 1, 64)
        if self.worker_memory < LEAST_WORKER:
            most = int(self.memory * WORKERS_PART) // LEAST_WORKER
            raise self.refusal("workers", f"in {self.memory:g} GB there is room for {most}")

    @classmethod
    def load(cls, settings: Mapping[str, Any], **options: Any) -> Config:
        """From the PROVISIONING setting, with a command's options (those that are given) over it."""
        known = {each.name.upper(): each for each in fields(cls)}
        if not isinstance(settings, Mapping):
            kind = type(settings).__name__
            raise Problem(f"PROVISIONING is {settings!r}", f"It should be a dictionary, and is a {kind}", AGAIN)
        for key in settings:
            if key not in known:
                raise Problem(
                    f'PROVISIONING["{key}"] is not known',
                    f"The settings are {', '.join(sorted(known))}",
                    "Correct or remove it",
                )
        values = {known[key].name: value for key, value in settings.items()}
        for name, value in values.items():
            _check_type(name, value, type(getattr(cls, name)))
        return replace(cls(), **{**values, **{k: v for k, v in options.items() if v is not None}})

    @property
    def name(self) -> str:
        """What everything of this environment is called: `scale0-dev`."""
        return f"{self.project}-{self.env}"

    @property
    def budget(self) -> Budget:
        """What the site needs of the database's connections, and what there is."""
        return Budget(self.min_capacity, self.max_capacity, self.max_instances, self.workers, self.threads)

    @property
    def worker_memory(self) -> int:
        """MB to which a worker may grow."""
        return int(self.memory * WORKERS_PART) // self.workers

    @property
    def path(self) -> str:
        """What everything that has a path lies under: `/scale0/dev/`."""
        return f"/{self.project}/{self.env}/"

    @property
    def tags(self) -> dict[str, str]:
        return {"scale0:project": self.project, "scale0:environment": self.env}

    def refusal(self, name: str, rule: str) -> Problem:
        """The error for a setting that breaks a rule."""
        option = f"--{name}" if name in ("env", "region", "target", "builder") else f'PROVISIONING["{name.upper()}"]'
        value = getattr(self, name)
        shown = f'"{value}"' if isinstance(value, str) else f"{value:g}"
        return Problem(f"{option} is {shown}", rule[0].upper() + rule[1:], AGAIN)

    def _within(self, name: str, least: float, most: float) -> None:
        if not least <= getattr(self, name) <= most:
            raise self.refusal(name, f"it may be from {least:g} to {most:g}")


def _check_type(name: str, value: Any, wanted: type) -> None:
    takes: tuple[type, ...] = (int, float) if wanted is float else (wanted,)
    if not isinstance(value, takes) or (isinstance(value, bool) and wanted is not bool):
        raise Problem(
            f'PROVISIONING["{name.upper()}"] is {value!r}',
            f"It should be of type {wanted.__name__}, and is {type(value).__name__}",
            AGAIN,
        )


def _either(values: Any) -> str:
    *most, last = (f"{value:g}" for value in values)
    return f"{', '.join(most)} or {last}" if most else last
