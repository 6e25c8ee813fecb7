"""What an engine is told to run a container, to take its CPU, to look at it and to remove it."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...images.engines import Command, Engine, ask
from ..processes import PASSED_ON, Reins

LABEL = "scale0.localcloud"  # its value is the folder of the local AWS whose container it is
# By these an engine finds its daemon, its storage and its settings. A container's variables of such a name are not
# given to it by way of the engine's own environment.
ITS_OWN = (
    *("CONTAINER_", "CONTAINERS_", "DBUS_", "DOCKER_", "LD_", "PODMAN_", "REGISTRY_AUTH_FILE", "SSH_AUTH_SOCK"),
    *("STORAGE_DRIVER", "STORAGE_OPTS", "XDG_"),
)


@dataclass(frozen=True)
class Runner:
    """An engine, and the options without which it can't run containers here."""

    engine: Engine
    options: tuple[str, ...] = ()
    run_options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.engine.name

    def run(
        self, image: str, environment: Mapping[str, str], *, name: str, label: str, command: Sequence[str] = ()
    ) -> Command:
        """In this machine's network, for it has to reach 127.0.0.1 and to be reached there.

        The values are not on the command line, where everybody could read them, but where the engine would take them
        for its own settings.
        """
        by_name = {key: value for key, value in environment.items() if not is_the_engine_s(key)}
        variables = [
            f"--env={key}" if key in by_name else f"--env={key}={value}" for key, value in environment.items()
        ]
        settings = (
            "--pull=never",
            "--network=host",
            "--log-driver=none",
            f"--name={name}",
            f"--label={LABEL}={label}",
        )
        own = ("--http-proxy=false",) if self.engine.dialect == "podman" else ()
        first, *rest = command or [""]
        entry_point = (f"--entrypoint={first}",) if first else ()
        arguments = self._say("run", *self.run_options, *settings, *own, *variables, *entry_point, image, *rest)
        return Command(arguments, by_name | self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """What it needs of ours."""
        return {key: value for key, value in os.environ.items() if key.startswith(ITS_OWN)}

    def reins(self, name: str) -> Reins:
        return Reins(self._say("pause", name), self._say("unpause", name), self._remove(name))

    def pid(self, name: str) -> int | None:
        """Of the container's first process; None for one that does not run."""
        well, said = ask(*self._say("inspect", "--format={{.State.Pid}}", name))
        return int(said) if well and said.strip().isdigit() and int(said) else None

    def names(self) -> dict[str, str]:
        """All containers of local clouds: their names, and whose they are."""
        given = '{{.Names}}\t{{.Label "%s"}}' % LABEL  # noqa: UP031
        well, said = ask(*self._say("ps", "--all", f"--filter=label={LABEL}", f"--format={given}"))
        lines = [line.partition("\t") for line in said.splitlines() if "\t" in line] if well else []
        return {name: label for name, _, label in lines}

    def remove(self, names: Iterable[str]) -> None:
        for name in names:
            ask(*self._remove(name))

    def has(self, image: str) -> bool:
        return ask(*self._say("image", "inspect", "--format={{.Id}}", image))[0]

    def pull(self, image: str, login: str) -> Command:
        if self.engine.dialect == "podman":
            insecure = ("--tls-verify=false", f"--authfile={login}/config.json")
            return Command(self._say("pull", "--quiet", *insecure, image), self.environment)
        return Command(self._say("pull", "--quiet", image), self.environment | {"DOCKER_CONFIG": login})

    def try_out(self, root: str, program: str) -> str:
        """What it says if it can't run a container of this root here; empty if it can. Podman only."""
        well, said = ask(*self._say("run", "--rm", *self.run_options, "--network=host", "--rootfs", root, program))
        return "" if well else (said.strip().splitlines() or ["nothing"])[-1]

    def _remove(self, name: str) -> tuple[str, ...]:
        at_once = ("--ignore", "--time=0") if self.engine.dialect == "podman" else ()
        return self._say("rm", "--force", *at_once, name)

    def _say(self, *words: str) -> tuple[str, ...]:
        return (self.engine.program, *self.options, *words)


def is_the_engine_s(variable: str) -> bool:
    return variable in PASSED_ON or variable.startswith(ITS_OWN)
