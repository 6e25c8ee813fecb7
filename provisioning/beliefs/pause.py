"""The database falls asleep and is woken: twice, once by a connection and once by the Data API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

from ..dataapi import RESUMING
from ..engine.problem import code, said
from .belief import CannotBeTried, Source, Verdict, judged, not_tried, tried
from .scene import Attempt, Scene

LATEST = 900  # seconds that a pause may come later than it was set to
BLIND = 180  # seconds on top of the pause, after which it counts as asleep where CloudWatch tells nothing
LOOK = 15
GIVEN_UP = 1
BETWEEN = 40  # seconds: a database that was woken is up by then
WAKES = 300
GUIDE = "docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-auto-pause.html"
MET = ("timeout expired", "closed the connection unexpectedly", "closed unexpectedly", "no pg_hba.conf entry")
NIGHT = 420  # seconds


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
    scene.clock.sleep(BETWEEN)
    return Knock(night, first, scene.attempt(GIVEN_UP))


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


@tried(
    "Without a session for SecondsUntilAutoPause the database sleeps, though App Runner asks for the site's health "
    "every 5 s, and ServerlessDatabaseCapacity falls to 0",
    Source.DOCUMENTED,
    GUIDE,
    "provisioning/resources/rds/cluster.py",
    "sleeping/health.py",
    seconds=NIGHT,
)
def it_falls_asleep(scene: Scene) -> Verdict:
    night = scene.once(knock).night
    if night.capacity is None:
        raise CannotBeTried(f"CloudWatch told no capacity for {night.waited:.0f} s")
    return judged(night.capacity == 0, f"{night.capacity:g} after {night.waited:.0f} s")


@tried(
    'Asleep, cluster and instance are still "available"',
    Source.REPORTED,
    "github.com/aws/agent-toolkit-for-aws",
    "provisioning/resources/rds/states.py",
)
def asleep_it_is_available(scene: Scene) -> Verdict:
    seen = scene.once(knock)
    seen.check()
    return judged(seen.night.words == "available, available", seen.night.words)


@tried(
    f"A connection attempt that is given up after {GIVEN_UP} s wakes the database",
    Source.REPORTED,
    "andreidemidov.com: any attempt does, even a failed one; that one of 1 s is enough is believed",
    "sleeping/waking.py",
    "sleeping/connection.py",
    seconds=BETWEEN + 20,
)
def an_attempt_given_up_wakes_it(scene: Scene) -> Verdict:
    seen = scene.once(knock)
    seen.check()
    return judged(not seen.second.met, f"{seen.first.words}; {BETWEEN} s later {seen.second.words}")


@tried(
    "While it wakes a client waits, or its connection ends, or it reads that there is no pg_hba.conf entry",
    Source.REPORTED,
    "https://github.com/cyrilgdn/terraform-provider-postgresql/issues/540, "
    "https://github.com/terraform-aws-modules/terraform-aws-rds-aurora/issues/476",
    "sleeping/refusals.py",
)
def waking_it_refuses_in_known_words(scene: Scene) -> Verdict:
    seen = scene.once(knock)
    seen.check()
    return judged(any(words in seen.first.met for words in MET), seen.first.words)


@tried(
    f"Asleep, it makes the Data API answer {' or '.join(RESUMING)}, and is woken by that",
    Source.MODELLED,
    "rds-data, ExecuteStatement, DatabaseResumingException",
    "provisioning/dataapi.py",
    "provisioning/waking.py",
    seconds=NIGHT,
)
def the_data_api_says_that_it_wakes(scene: Scene) -> Verdict:
    seen = scene.once(call)
    if not seen.code:
        raise CannotBeTried("The Data API answered at once: it was awake")
    return judged(seen.answered, f"{seen.said}; {seen.words}")


@tried(
    "Less than a day asleep, it is awake 30 s after it was asked (AWS says: about 15)",
    Source.DOCUMENTED,
    GUIDE,
    "provisioning/management/commands/wake_db.py",
    "sleeping/waking.py",
    seconds=20,
)
def it_is_awake_within_half_a_minute(scene: Scene) -> Verdict:
    seen = scene.once(call)
    if not seen.code:
        raise CannotBeTried("The Data API answered at once: it was awake")
    return judged(seen.answered and seen.took <= 30, seen.words)


BELIEFS = (
    it_falls_asleep,
    asleep_it_is_available,
    an_attempt_given_up_wakes_it,
    waking_it_refuses_in_known_words,
    the_data_api_says_that_it_wakes,
    it_is_awake_within_half_a_minute,
    not_tried(
        "after-a-day-it-takes-longer",
        "After more than a day asleep it takes 30 s and more",
        Source.DOCUMENTED,
        GUIDE,
        "provisioning/management/commands/wake_db.py",
        because="it takes a day",
    ),
    not_tried(
        "an-idle-session-keeps-it-awake",
        "A session that is open and does nothing keeps it awake, and PostgreSQL's idle_session_timeout ends it",
        Source.DOCUMENTED,
        f"{GUIDE}; https://github.com/aws-samples/dify-self-hosted-on-aws/pull/4",
        "sleeping/connection.py",
        because="that it falls asleep beside the site, which leaves sessions open, shows the half that counts",
    ),
)
