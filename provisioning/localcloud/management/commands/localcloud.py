"""`manage.py localcloud`: the local AWS in the foreground, until Ctrl-C."""

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, get_args

from django.core.management.base import BaseCommand, CommandError

from provisioning.localcloud.badday import NAMES, Days
from provisioning.localcloud.cloud import PROJECT, LocalCloud
from provisioning.localcloud.containers import RunImages
from provisioning.localcloud.exports import exports
from provisioning.localcloud.folder import FolderRefused
from provisioning.localcloud.occupant import PortTaken, explain, find_occupant
from provisioning.localcloud.rules import Manner
from provisioning.localcloud.state.snapshot import StateRefused


class Command(BaseCommand):
    help = (
        "Runs a local AWS on 127.0.0.1 (an emulation: nothing reaches AWS) and prints the export lines that point "
        "any boto3 program at it. Stopped and started again, it goes on with what it had."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        fresh = "forget what it had, and replace the local AWS that runs on that port"
        parser.add_argument("--port", type=int, default=4566, help="default: 4566; 0 takes a free one")
        parser.add_argument("--fresh", action="store_true", help=fresh)
        parser.add_argument("--folder", type=Path, help="where all that it has lies; default: .localcloud/PORT")
        parser.add_argument("--speed", type=float, default=30.0, help="AWS's seconds in one of ours; default: 30")
        parser.add_argument("--enforce-iam", action="store_true", help="hold roles and users to their policies")

        shown = "what a client meets whose database resumes; default: hang"
        parser.add_argument("--while-resuming", choices=get_args(Manner), default="hang", help=shown)

        shown = (
            "how App Runner runs an image that an engine has built: in a container of podman where that can be, or "
            "else as its working folder by this machine's Python (auto, the default); in a container of podman or "
            "docker, or not at all (engine); as its working folder (tree)"
        )
        parser.add_argument("--run-images", choices=get_args(RunImages), default="auto", help=shown)

        shown = (
            f"AWS misbehaves: one or more, with commas between, of {', '.join(NAMES)}; where a local AWS runs on that "
            "port, it does so from now on (none: no more)"
        )
        parser.add_argument("--bad-day", default="", metavar="NAME[,NAME]", help=shown)
        parser.add_argument("--seed", type=int, default=0, help="the same seed and calls give the same bad day")

    def handle(
        self,
        *,
        port: int,
        fresh: bool,
        folder: Path | None,
        speed: float,
        enforce_iam: bool,
        while_resuming: Manner,
        run_images: RunImages,
        bad_day: str,
        seed: int,
        **options: Any,
    ) -> None:
        self.stderr.style_func = None  # these lines are news, not errors
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: stopped.set())
        try:
            occupant = find_occupant(port) if port else None
            if occupant and fresh:
                occupant.replace()
                self.stderr.write(f"port {port}: stopped the local AWS of process {occupant.pid}")
            elif occupant and bad_day:
                occupant.have_bad_days(Days.named(bad_day), seed)
                self.stderr.write(f"port {port}: from now on, {Days(Days.named(bad_day), seed)}")
                return
            elif occupant:
                self.stdout.write("\n".join(occupant.exports))
            cloud = LocalCloud(
                port,
                speed,
                folder or PROJECT / ".localcloud" / str(port),
                self.stderr.write,
                enforce_iam=enforce_iam,
                while_resuming=while_resuming,
                run_images=run_images,
                fresh=fresh,
                bad_days=Days.named(bad_day),
                seed=seed,
            )
            cloud.start()
        except OSError:
            raise CommandError(str(explain(port))) from None
        except (PortTaken, FolderRefused, StateRefused, ValueError) as error:
            raise CommandError(str(error)) from None
        try:
            self.stdout.write("\n".join(exports(cloud.environment)))
            self.stdout.flush()
            stopped.wait()
        finally:
            cloud.stop()
