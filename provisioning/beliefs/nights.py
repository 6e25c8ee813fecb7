"""Two nights of the database: one that an attempt to connect ends, and one that the Data API does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

from ..dataapi import RESUMING
from ..engine.problem import code, said
from .belief import CannotBeTried
from .scene import Attempt, Scene

LATEST = 900  # seconds that a pause may come later than it was set to
BLIND = 180  # seconds on top of the pause, after which it counts as asleep where CloudWatch tells nothing
LOOK = 15
GIVEN_UP = 1
SECOND = 5  # for the second attempt: to sign in takes a cold function a while, and a resume takes 15
BETWEEN = 40  # seconds: a database that was woken is up by then
WAKES = 300


@dataclass(frozen=True)
class Night:
    waited: float
    """Seconds until it slept, or was taken to."""
    capacity: float | None
    """The last that CloudWatch told of this time; None if it told nothing."""
    words: str
    """What AWS calls the states of the cluster and its instance."""


@dataclass(frozen=True)
class Knock:
    """Two attempts to connect, the second long after the first was given up."""

    night: Night
    first: Attempt
    pause: float
    """Seconds from the first to the second."""
    second: Attempt

    def check(self) -> None:
        """Raises CannotBeTried if it was awake."""
        if not self.first.met:
            raise CannotBeTried(f"It was awake all the same after {self.night.waited:.0f} s: {self.first.words}")


@dataclass(frozen=True)
class Call:
    """Calls of the Data API until it answers."""

    code: str
    """The first error's; empty if there was none."""
    said: str
    took: float
    answered: bool

    @property
    def words(self) -> str:
        return f"an answer after {self.took:.0f} s" if self.answered else f"{self.took:.0f} s without an answer"


def fall_asleep(scene: Scene) -> Night:
    scene.live("Instance")
    began, since = scene.clock.now(), datetime.now(UTC)
    pause = scene.config.pause_seconds
    while True:
        scene.clock.sleep(LOOK)
        waited, capacity = scene.clock.now() - began, _capacity(scene, since)
        blind = capacity is None and waited > pause + BLIND
        if capacity == 0 or blind or waited > pause + LATEST:
            return Night(waited, capacity, f"{scene.live('Cluster').word}, {scene.live('Instance').word}")


def knock(scene: Scene) -> Knock:
    scene.live("Function")
    night, first = fall_asleep(scene), scene.attempt(GIVEN_UP)
    # A local AWS's time passes faster, as its pause has shown: it would be asleep again.
    pause = BETWEEN * min(night.waited / scene.config.pause_seconds, 1)
    scene.clock.sleep(pause)
    return Knock(night, first, pause, scene.attempt(SECOND))


def call(scene: Scene) -> Call:
    door = scene.data_api
    fall_asleep(scene)
    began, first = scene.clock.now(), ("", "")
    while True:
        try:
            door.execute("SELECT 1")
            return Call(*first, scene.clock.now() - began, answered=True)
        except ClientError as error:
            first = first if first[0] else (code(error), said(error))
            took = scene.clock.now() - began
            if code(error) not in RESUMING or took > WAKES:
                return Call(*first, took, answered=False)
        scene.clock.sleep(1)


def _capacity(scene: Scene, since: datetime) -> float | None:
    """The cluster's, of the last period that began after then."""
    period = 60
    if scene.aws.is_local:  # its minutes are shorter than ours
        period, since = 1, since.replace(microsecond=0)
    found = scene.aws.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/RDS",
        MetricName="ServerlessDatabaseCapacity",
        Dimensions=[{"Name": "DBClusterIdentifier", "Value": scene.foundation.cluster.name}],
        StartTime=since,
        EndTime=datetime.now(UTC) + timedelta(seconds=period),
        Period=period,
        Statistics=["Maximum"],
    )["Datapoints"]
    told = {each["Timestamp"]: each["Maximum"] for each in found if each["Timestamp"] >= since}
    return told[max(told)] if told else None
