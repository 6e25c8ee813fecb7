"""Which engine on this machine can run containers of ours: podman, or docker for who asks for an engine."""

import socket
import struct
import sys
import tempfile
from pathlib import Path

from ...images.engines import Engine, ask, find, refusal
from .runner import Runner

NAMES = ("podman", "docker")  # finch was never tried
DOCKER_S = "--format={{.Name}}\t{{.OperatingSystem}}\t{{.OSType}}/{{.Architecture}}\t{{.SecurityOptions}}"
# Where limits can't be raised and crun does not know the mixture of cgroups, as inside a virtual machine of a sandbox.
INSIDE = Runner(
    Engine("", "", ""),
    ("--cgroup-manager=cgroupfs",),
    ("--runtime=runc", "--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024"),
)
EXIT_0 = bytes.fromhex("b83c000000 31ff 0f05")  # mov eax, 60; xor edi, edi; syscall


def runner(docker: bool = False) -> tuple[Runner | None, str]:
    """It, or None and why there is none. Docker only where it was asked for: not all tests have passed with it."""
    if sys.platform != "linux":
        return None, "engines run in a virtual machine here, whose 127.0.0.1 is not this machine's"
    why = []
    for name in NAMES:
        engine, said = find(name)
        if engine is None or said:
            why.append(refusal(name, engine, said))
            continue
        if engine.dialect == "docker" and not docker:
            why.append("docker does only where --run-images is engine")
            continue
        found, problem = by_podman(engine) if engine.dialect == "podman" else by_docker(engine)
        if found:
            return found, ""
        why.append(f"{name} can't run it ({problem})")
    return None, ", ".join(why)


def by_docker(engine: Engine) -> tuple[Runner | None, str]:
    """Its daemon has to be this machine's own, in this machine's network."""
    well, said = ask(engine.program, "info", DOCKER_S)
    about = said.strip().split("\t")
    if not well or len(about) != 4:
        return None, (said.strip().splitlines() or ["it says nothing"])[-1]
    name, system, kind, options = about
    if kind not in ("linux/x86_64", "linux/amd64"):
        return None, f"its daemon is for {kind}"
    if name != socket.gethostname() or system == "Docker Desktop":
        return None, "its daemon is on another machine, or in a virtual one"
    if "name=rootless" in options or "name=userns" in options:
        return None, "its daemon gives containers no network of this machine's: it is rootless, or maps users"
    return Runner(engine), ""


def by_podman(engine: Engine) -> tuple[Runner | None, str]:
    """Shown by running the smallest program there is: it takes no image, and half a second."""
    problem = ""
    with tempfile.TemporaryDirectory(prefix="scale0-") as folder:
        program = Path(folder, "true")
        program.write_bytes(smallest_program())
        program.chmod(0o755)
        Path(folder).chmod(0o755)
        for manner in (Runner(engine), Runner(engine, INSIDE.options, INSIDE.run_options)):
            said = manner.try_out(folder, "/true")
            if not said:
                return manner, ""
            problem = problem or said
    return None, problem


def smallest_program() -> bytes:
    """An ELF file for linux/amd64 that ends with 0."""
    start, header, segment = 0x400000, 64, 56
    size = header + segment + len(EXIT_0)
    elf = b"\x7fELF\x02\x01\x01" + bytes(9)
    elf += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, start + header + segment, header, 0, 0, header, segment, 1, 0, 0, 0)
    return elf + struct.pack("<IIQQQQQQ", 1, 5, 0, start, start, size, size, 0x1000) + EXIT_0
