"""LocalCloud: one local AWS, in this process and its children, from start to stop."""

from . import before_moto  # noqa: F401

# isort: split
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.core import DEFAULT_ACCOUNT_ID

from .badday import Days
from .containers import Containers, RunImages, checked
from .credentials import MADE_UP, Credentials, make_another_account, make_person, make_the_account
from .exports import WITHOUT_FILES, exports
from .gate import Witness
from .ground import Ground, stand_on
from .place import Place
from .ports import LOOPBACK
from .rules import Manner, Rules, stand_under
from .server import Server
from .state.records import put_back
from .state.revival import revive
from .state.sweeping import sweep
from .times import Clock

PROJECT = Path(__file__).resolve().parents[2]
REGION = "eu-west-3"


class AlreadyRunning(Exception):
    """moto keeps its records in the process, so there is one local cloud at a time in each."""


class LocalCloud:
    """A context manager; `start` and `stop` do the same by hand.

    `port` 0 takes a free one. `speed` is how many of AWS's seconds pass in one of ours. `folder` holds
    all that it has, and the next cloud with this folder goes on with that, unless it is to start `fresh` (None: a
    temporary one, in memory where there is room, that goes at the end). `say` gets one plain line for each thing that
    happens. `enforce_iam` holds callers to their policies. `while_resuming` is what a client meets that connects to a
    database before it is up: it waits ("hang"), its connection ends ("close"), or it reads "no pg_hba.conf entry"
    ("no-pg-hba"). `bad_days` are ways in which AWS misbehaves (their names are `badday.NAMES`), the same for the same
    `seed` and the same calls. These three can be changed while it runs. `run_images` is how App Runner runs an image:
    in a container where podman on this machine can, and else as its working tree ("auto"); in a container of podman or
    docker, or not at all ("engine"); as its tree ("tree").
    """

    _one_at_a_time = threading.Lock()

    def __init__(
        self,
        port: int = 0,
        speed: float = 30.0,
        folder: Path | None = None,
        say: Callable[[str], None] = lambda line: None,
        region: str = REGION,
        enforce_iam: bool = False,
        while_resuming: Manner = "hang",
        fresh: bool = False,
        bad_days: Iterable[str] = (),
        seed: int = 0,
        run_images: RunImages = "auto",
    ) -> None:
        if not 0 <= port <= 65_535:
            raise ValueError(f"--port is {port}.\nA port is a number from 1 to 65535, or 0 for a free one.")
        if not 0 < speed < float("inf"):
            raise ValueError(f"--speed is {speed}.\nIt is how many of AWS's seconds pass in one of ours: over 0.")
        self.port = port
        self.region = region
        self._speed = speed
        self._folder_wanted = folder
        self._run_images = checked(run_images)
        self._fresh = fresh
        self._say = say
        self._rules = Rules(enforce_iam, while_resuming, Days(bad_days, seed, speed))
        self._place: Place | None = None
        self._ground: Ground | None = None
        self._server: Server | None = None
        self._undo = ExitStack()

    def start(self) -> None:
        """Raises OSError when the port is taken, FolderRefused, StateRefused; nothing stays behind then."""
        if not self._one_at_a_time.acquire(blocking=False):
            raise AlreadyRunning("A local cloud is already running in this process.")
        with ExitStack() as undo:
            undo.callback(self._one_at_a_time.release)
            server = Server(self.port, self.who, self._change_days)
            undo.callback(server.close)
            self.port = server.port
            place = Place(self._folder_wanted)
            undo.callback(place.close)
            ground = Ground(
                clock=Clock(self._speed, lambda: self._rules.days),
                folder=place.path,
                databases=place.databases,
                listener=self._say,
                containers=Containers(self._run_images, place.path),
                endpoint=self.endpoint,
                region=self.region,
            )
            stand_on(ground)
            undo.callback(stand_on, None)
            stand_under(self._rules)
            undo.callback(stand_under, Rules())
            undo.callback(server.stop)
            undo.callback(ground.close)
            self._begin(server, place, ground)
            self._server, self._place, self._ground = server, place, ground
            self._undo = undo.pop_all()

    def _begin(self, server: Server, place: Place, ground: Ground) -> None:
        kept = place.open(self._fresh)
        if kept is None:
            make_the_account()
        else:
            put_back(kept)
            sweep()
        server.start()
        self._say(f"local AWS (moto {version('moto')}), an emulation: nothing here reaches AWS, nothing costs")
        self._say(f"listening on {self.endpoint}; {self._speed:g} of AWS's seconds pass in one of ours")
        if kept is not None:
            self._say(f"going on with what is kept in {place.path}")
            revive(kept)
        if place.keeper is not None:
            ground.begin(place.keeper.keep)

    def stop(self) -> None:
        """Ends every process and thread it started, whatever fails meanwhile. May be called twice."""
        if self._server is None or self._place is None or self._ground is None:
            return
        server, self._server = self._server, None
        with self._undo.pop_all():
            server.close()
            state = "is gone"
            if self._place.keeper is not None:
                state = f"is kept in {self._place.path}" if self._place.keeper.save() else "is not kept"
            ended = self._ground.close()
        self._say(f"stopped: {', '.join([*ended, f'the local AWS on port {self.port}'])}; its state {state}")

    def __enter__(self) -> "LocalCloud":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def endpoint(self) -> str:
        # Not "localhost": with a numeric address botocore puts the bucket into the path, not into the host.
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def folder(self) -> Path:
        assert self._place is not None, "start it first"
        return self._place.path

    @property
    def environment(self) -> dict[str, str]:
        """What points a boto3 program at it, and keeps it from AWS."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            **MADE_UP.environment,
            # Without it, boto3 asks the machine it runs on for credentials, where it is one of AWS's.
            "AWS_EC2_METADATA_DISABLED": "true",
            **WITHOUT_FILES,
        }

    @property
    def enforce_iam(self) -> bool:
        return self._rules.enforce_iam

    @enforce_iam.setter
    def enforce_iam(self, on: bool) -> None:
        self._rules.enforce_iam = on

    @property
    def bad_days(self) -> tuple[str, ...]:
        return self._rules.days.names

    @bad_days.setter
    def bad_days(self, names: Iterable[str]) -> None:
        self.have_bad_days(*names, seed=self._rules.days.seed)

    def have_bad_days(self, *names: str, seed: int = 0) -> None:
        """Begins them anew, whatever went before; without names, an ordinary day."""
        self._rules.days = Days(names, seed, self._speed)

    def _change_days(self, names: list[str], seed: int) -> None:
        self.have_bad_days(*names, seed=seed)
        self._say(f"from now on: {self._rules.days}")

    @property
    def while_resuming(self) -> Manner:
        return self._rules.while_resuming

    @while_resuming.setter
    def while_resuming(self, what: Manner) -> None:
        self._rules.while_resuming = Rules(while_resuming=what).while_resuming

    def person(self, policy: dict[str, Any]) -> Credentials:
        """Credentials of another user of the account, with just this policy: they count where IAM is enforced."""
        return make_person(policy)

    def look_on(self, witness: Witness) -> None:
        """It is told each call and what was answered."""
        assert self._server is not None, "start it first"
        self._server.gate.witnesses.append(witness)

    def deliver_twice(self, function: str) -> None:
        """The next event that is sent to this Lambda function, which need not exist yet, comes twice."""
        backend: Any = lambda_backends[DEFAULT_ACCOUNT_ID][self.region]
        backend.deliver_twice(function)

    def hold(self, what: str) -> AbstractContextManager[None]:
        """What takes this time of AWS's (its name in `times.py`) does not come to its end meanwhile."""
        assert self._ground is not None, "start it first"
        return self._ground.clock.hold(what)

    @property
    def speed(self) -> float:
        return self._ground.clock.speed if self._ground else self._speed

    @contextmanager
    def at(self, speed: float) -> Iterator[None]:
        """Meanwhile so many of AWS's seconds pass in one of ours; what has begun keeps the time it was given."""
        assert self._ground is not None, "start it first"
        clock = self._ground.clock
        former, clock.speed = clock.speed, speed
        try:
            yield
        finally:
            clock.speed = former

    def another_account(self, account: str = "210987654321") -> Credentials:
        """Credentials of somebody else's account in the same local AWS."""
        return make_another_account(account)

    def who(self) -> dict[str, object]:
        return {
            "what": "local AWS",
            "pid": os.getpid(),
            "project": str(PROJECT),
            "exports": exports(self.environment),
        }
