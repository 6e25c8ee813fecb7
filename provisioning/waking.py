"""Waking the database from a laptop, which has no way into its network: by the Data API."""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError

from .aws import Aws
from .dataapi import RESUMING, DataApi
from .engine.clock import Clock
from .engine.passing import passes, patiently
from .engine.problem import Problem, advice, code, said
from .engine.resource import Live, State
from .resources.rds import Cluster, Instance

PAUSES = (1.0, 2.0, 4.0, 5.0)  # seconds between two attempts; the last goes on
MAKE = "Make it with `manage.py provision_aws` and the same --env and --region"
SWITCH_ON = "Run `manage.py provision_aws`: it switches the Data API on"
ADVICE = {
    "HttpEndpointNotEnabledException": SWITCH_ON,
    "AccessDeniedException": "Whoever wakes it needs rds-data:ExecuteStatement and secretsmanager:GetSecretValue",
    "ForbiddenException": "Whoever wakes it needs rds-data:ExecuteStatement and secretsmanager:GetSecretValue",
    "SecretsErrorException": "Whoever wakes it needs secretsmanager:GetSecretValue on the master's secret",
    "InvalidSecretException": "Look at the master's secret in AWS's console: RDS keeps it, nobody should change it",
}


def wake(aws: Aws, cluster: Cluster, writer: Instance, timeout: float, clock: Clock) -> Iterator[str]:
    """Tell, word by word, what the database answers until it is awake. Raises Problem if it can't be woken."""
    door = DataApi(aws, patiently(lambda: _open_or_raise(aws, cluster, writer), clock))
    began, attempt, told = clock.now(), 0, ""
    while True:
        try:
            door.execute("SELECT 1")
            return
        except (ClientError, BotoCoreError) as error:
            word = code(error) or type(error).__name__
            if word not in RESUMING and not passes(error):
                do = ADVICE.get(word) or advice(error, "Mend that and run again")
                raise Problem(f"{cluster}: could not be woken", said(error), do) from error
            if clock.now() - began >= timeout:
                raise Problem(
                    f"{cluster}: not awake after {timeout:g} s",
                    said(error),
                    "Run again: what was begun goes on; --timeout gives it longer",
                ) from error
        if word != told:
            told = word
            yield word
        left = began + timeout - clock.now()
        clock.sleep(max(0.1, min(PAUSES[min(attempt, len(PAUSES) - 1)], left)))
        attempt += 1


def _open_or_raise(aws: Aws, cluster: Cluster, writer: Instance) -> Live:
    """The cluster as AWS reports it, if anything could wake it."""
    live, instance = cluster.find(aws), writer.find(aws)
    if live is None or not live.ours:
        why = "There is none" if live is None else "It is not this environment's"
        raise Problem(
            f"{cluster}: could not be woken",
            why,
            "Make it with `manage.py provision_aws`, or name another environment",
        )
    if live.word in ("stopped", "stopping"):
        start = f"aws rds start-db-cluster --db-cluster-identifier {cluster.name} --region {aws.region}"
        why = f"It is {live.word}: somebody stopped it, which is not a pause, and AWS starts it again after seven days"
        raise Problem(f"{cluster}: could not be woken", why, f"Start it with `{start}`, which takes minutes")
    for each, found in ((cluster, live), (writer, instance)):
        if found is None:
            raise Problem(f"{each}: could not be woken", "There is none", MAKE)
        if found.state is not State.READY:
            state = f"AWS reports it as {found.word}"
            raise Problem(f"{each}: could not be woken", state, "Run again when it is available")
    if not live.values["data_api"]:
        raise Problem(
            f"{cluster}: could not be woken", "Its Data API is off", "Run `manage.py provision_aws`: it switches it on"
        )
    return live
