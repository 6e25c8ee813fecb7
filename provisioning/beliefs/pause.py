"""The database falls asleep and is woken: twice, once by a connection and once by the Data API."""

from __future__ import annotations

from ..dataapi import RESUMING
from .belief import CannotBeTried, Source, Verdict, judged, not_tried, tried
from .nights import BETWEEN, GIVEN_UP, call, knock
from .scene import Scene

GUIDE = "docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-auto-pause.html"
MET = ("timeout expired", "closed the connection unexpectedly", "closed unexpectedly", "no pg_hba.conf entry")
NIGHT = 420  # seconds


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
    'While the database sleeps its cluster and its instance are "available"',
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
    return judged(not seen.second.met, f"{seen.first.words}; {seen.pause:.0f} s later {seen.second.words}")


@tried(
    "While the database wakes a client waits, or its connection ends, or it reads that there is no pg_hba.conf entry",
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
    f"To a sleeping database the Data API answers {' or '.join(RESUMING)}, and wakes it",
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
    "Less than a day asleep, the database is awake 30 s after it was asked (AWS says: about 15)",
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
        "After more than a day asleep the database takes 30 s and more",
        Source.DOCUMENTED,
        GUIDE,
        "provisioning/management/commands/wake_db.py",
        because="it takes a day",
    ),
    not_tried(
        "an-idle-session-keeps-it-awake",
        "An open session that does nothing keeps the database awake, and PostgreSQL's idle_session_timeout ends it",
        Source.DOCUMENTED,
        f"{GUIDE}; https://github.com/aws-samples/dify-self-hosted-on-aws/pull/4",
        "sleeping/connection.py",
        because="that it falls asleep beside the site, which leaves sessions open, shows the half that counts",
    ),
)
