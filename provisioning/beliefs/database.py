"""The database while it is awake: who gets in, and how many."""

from __future__ import annotations

from ..budget import RESERVED, max_connections
from .belief import Source, Verdict, judged, not_tried, tried
from .scene import Scene

OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename <> 'site'"
DOCUMENTED_RESERVE = 5  # 3 for superusers and 2 for RDS's
REFUSED = "PAM authentication failed"
SIGN_IN = "docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.html"
YOUNG, OLD = 600, 960  # seconds, on both sides of 15 minutes
CAPACITY = "docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html"


@tried(
    "With a greatest capacity of 1 the database takes 189 connections",
    Source.DOCUMENTED,
    CAPACITY,
    "provisioning/budget.py",
)
def max_connections_follow_the_capacity(scene: Scene) -> Verdict:
    expected = max_connections(scene.config.max_capacity, scene.config.min_capacity)
    found = scene.ask("SHOW max_connections")
    return judged(found == str(expected), f"max_connections is {found}")


@tried(
    "RDS's own sessions and the Data API's are 10 at most",
    Source.BELIEVED,
    "Nobody documents how many they take",
    "provisioning/budget.py",
)
def rds_takes_ten_connections_at_most(scene: Scene) -> Verdict:
    found = int(scene.ask(OTHERS))
    return judged(found <= RESERVED - DOCUMENTED_RESERVE, f"{found} beside the site's")


@tried(
    "The master still signs in by password after it has made a user that signs in by token",
    Source.BELIEVED,
    "PostgreSQL 16 makes it that user's administrator; that RDS does not mind is inferred",
    "provisioning/resources/rdsdata.py",
)
def the_master_keeps_its_password(scene: Scene) -> Verdict:
    scene.live("User")
    return judged(scene.ask("SELECT current_user") == scene.foundation.cluster.master, "the Data API signs in as it")


@tried(
    f'A token for another user is refused with "{REFUSED}"',
    Source.DOCUMENTED,
    "repost.aws/knowledge-center/aurora-postgresql-connect-iam",
    "sleeping/refusals.py",
    seconds=15,
)
def a_token_for_another_user_is_refused(scene: Scene) -> Verdict:
    scene.ask("SELECT 1")  # so that it is awake
    attempt = scene.attempt(10, "--signed-for", "nobody")
    return judged(REFUSED in attempt.met, attempt.words)


@tried(
    "A token signs in for 15 minutes",
    Source.DOCUMENTED,
    SIGN_IN,
    "sleeping/postgresql/token.py",
    seconds=20,
)
def a_token_holds_for_15_minutes(scene: Scene) -> Verdict:
    scene.ask("SELECT 1")  # so that it is awake
    young, old = (scene.attempt(10, "--signed-ago", str(age)) for age in (YOUNG, OLD))
    seen = f"one of {YOUNG} s: {young.words}; one of {OLD} s: {old.words}"
    return judged(not young.met and REFUSED in old.met, seen)


BELIEFS = (
    max_connections_follow_the_capacity,
    rds_takes_ten_connections_at_most,
    the_master_keeps_its_password,
    a_token_for_another_user_is_refused,
    a_token_holds_for_15_minutes,
    not_tried(
        "the-data-api-is-on-soon",
        "A new cluster's Data API answers HttpEndpointNotEnabledException for 120 s at most",
        Source.BELIEVED,
        "botocore's model, rds-data, has the code; nobody documents how long",
        "provisioning/dataapi.py",
        because="a run that met it for longer failed, and shows it",
    ),
    not_tried(
        "max-connections-lie-on-a-line",
        "Between the documented capacities max_connections lies on a straight line",
        Source.BELIEVED,
        f"{CAPACITY} gives five of them",
        "provisioning/budget.py",
        because="each capacity takes a restart",
    ),
    not_tried(
        "a-pausing-database-takes-2000",
        "A database that may pause takes 2,000 connections at most",
        Source.BELIEVED,
        f"{CAPACITY} says so of a least capacity of 0.5",
        "provisioning/budget.py",
        because="it shows with a greatest capacity of 16 and more, which costs",
    ),
    not_tried(
        "a-session-outlives-its-token",
        "A session that a token opened goes on when the token has ended",
        Source.DOCUMENTED,
        SIGN_IN,
        "sleeping/connection.py",
        because="the operations function may not run for so long",
    ),
    not_tried(
        "a-stopped-cluster-starts-after-a-week",
        "A cluster that somebody stopped starts again after seven days",
        Source.DOCUMENTED,
        "docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-cluster-stop-start.html",
        "provisioning/waking.py",
        because="it takes a week",
    ),
)
