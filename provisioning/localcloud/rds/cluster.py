"""A cluster and its instances as AWS reports them, with a real PostgreSQL behind the endpoint."""

import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.rds.exceptions import InvalidDBClusterStateFault
from moto.rds.models import DBCluster, DBInstanceClustered, MasterUserSecret

from ..errors import AwsError
from ..front.front import Front
from ..front.token import NotAdmitted, check
from ..ground import ground
from ..ports import LOOPBACK
from ..postgres import Postgres
from ..processes import CommandFailed
from ..rules import rules
from . import network
from .pause import Pause
from .scaling import scaling
from .versions import resolve


class ManagedSecret(MasterUserSecret):
    """moto writes the same user and password into every secret; this one opens the database."""

    def __init__(self, cluster: "Cluster", kms_key_id: str | None, password: str) -> None:
        self._content = {"username": cluster.master_username, "password": password}
        super().__init__(cluster, kms_key_id)

    def _generate_secret_string(self) -> str:
        return json.dumps(self._content)

    @property
    def secret_status(self) -> str:
        return "creating" if self.resource.status == "creating" else "active"


class Cluster(DBCluster):
    def __init__(self, backend: Any, **wanted: Any) -> None:
        wanted["engine_version"] = resolve(wanted.get("engine_version"))
        asked = pascal(wanted.pop("serverless_v2_scaling_configuration", None))
        # Checked before anything is made: a refused request leaves nothing behind.
        configuration = scaling(asked, None, wanted["engine_version"]) if asked else None
        group = wanted.get("db_subnet_group_name")
        self.subnet_group = network.find_group(backend, group) if group else None
        wanted["vpc_security_group_ids"] = network.security_groups(
            backend, wanted.get("vpc_security_group_ids"), self.subnet_group
        )
        managed = wanted.pop("manage_master_user_password", False)
        key = wanted.pop("master_user_secret_kms_key_id", None)
        password = secrets.token_urlsafe(21) if managed else wanted.pop("master_user_password", None)
        http_endpoint = bool(wanted.pop("enable_http_endpoint", False))
        super().__init__(backend, master_user_password=password, **wanted)
        self.http_endpoint = http_endpoint
        self.serverless_v2_scaling_configuration = configuration
        self.status = "creating"
        self.manage_master_user_password = managed
        if managed:
            self.master_user_secret = ManagedSecret(self, key, password)
        self.server = Postgres(
            ground().databases / f"{self.db_cluster_identifier}-{self.db_cluster_resource_id[-6:]}",
            str(self.master_username),
            str(password),
        )
        self.pause = Pause(self._seconds_until_pause, self.say)
        self.front = Front(self.server, self._admit, self.pause.wake, lambda: rules().while_resuming, self.say)
        self.port = self.front.port
        self._starting = threading.Lock()  # two instances of one cluster may be made at once

    # moto's own `status` becomes "available" as soon as it was looked at.
    @property
    def status(self) -> str:
        return self._status

    @status.setter
    def status(self, value: str) -> None:
        self._status = value

    @property
    def endpoint(self) -> str:
        return LOOPBACK

    @property
    def reader_endpoint(self) -> str:
        return LOOPBACK

    @property
    def http_endpoint_enabled(self) -> bool:
        return self.http_endpoint

    @property
    def members(self) -> list[DBInstanceClustered]:
        self.designate_writer()
        return self._members

    @property
    def serves(self) -> bool:
        """While it is modified, too."""
        return self.server.serving and any(each.status in ("available", "modifying") for each in self.members)

    def start_serving(self) -> None:
        """Raises CommandFailed."""
        with self._starting:
            if not self.server.serving:
                self.server.serve(self.database_name)
                self.pause.forget()
                self.front.open()
                ground().begin(self._pause_when_unused)

    def stop_serving(self) -> None:
        self.front.shut()
        self.server.stop()
        self.pause.forget()

    def pause_now(self) -> None:
        """For a test that won't wait: it ends all sessions, which on AWS would keep the database awake."""
        self.front.end_sessions()
        self.pause.begin(still_idle=lambda: True)

    def _pause_when_unused(self) -> None:
        while self.server.serving:
            if self.serves and self.pause.is_due(self.front.idle_seconds):
                self.pause.begin(still_idle=lambda: self.front.idle_seconds > 0)
            ground().clock.sleep(0.1)

    def _seconds_until_pause(self) -> float | None:
        """Of AWS's time; None when it does not pause."""
        return (self.serverless_v2_scaling_configuration or {}).get("SecondsUntilAutoPause")

    def _admit(self, user: str, token: str) -> None:
        """Raises NotAdmitted."""
        if not self.iam_auth:
            raise NotAdmitted("IAM sign-in is off (EnableIAMDatabaseAuthentication)")
        resource = f"arn:aws:rds-db:{self.region}:{self.account_id}:dbuser:{self.db_cluster_resource_id}/{user}"
        with ground().lock:
            bearer = check(token, user, self.front.address, self.region, self.account_id)
            if not bearer.may("rds-db:connect", resource):
                raise NotAdmitted(f"{bearer.arn} is not allowed rds-db:connect on {resource}")

    def say(self, what: str) -> None:
        ground().say(f"cluster {self.db_cluster_identifier}: {what}")

    def must_be(self, *states: str) -> None:
        if self.status not in states:
            raise InvalidDBClusterStateFault(
                f"DbCluster {self.db_cluster_identifier} is in {self.status} state but expected it to be one "
                f"of {','.join(states)}."
            )

    def save_automated_backup(self) -> None:
        """AWS's automated backups go with the cluster; here there are none."""

    # After the cloud was stopped and started again.

    def revive(self) -> Iterator[Callable[[], None]]:
        """At the same port; what runs again, if it is not for the work under way to begin it."""
        self.server.revive()
        self.front.revive()
        self.port = self.front.port
        if any(each.status in ("available", "modifying") for each in self.members):
            yield self._serve_again

    def _serve_again(self) -> None:
        """Asleep if it slept."""
        try:
            self.server.serve(self.database_name)
        except CommandFailed as failure:
            self.say(f"does not answer any more: {failure}")
            return
        self.front.open()
        ground().begin(self._pause_when_unused)
        self.say(f"answers again on {self.front.address}{', asleep' if self.pause.paused else ''}")


class ClusterInstance(DBInstanceClustered):
    def __init__(self, **wanted: Any) -> None:
        super().__init__(**wanted)
        if self.cluster.subnet_group:
            self.db_subnet_group_name = self.cluster.subnet_group.name
        self.status = "creating"
        # moto gives every instance the same one.
        self.dbi_resource_id = "db-" + secrets.token_hex(13).upper()

    @property
    def address(self) -> str:
        return LOOPBACK

    @property
    def endpoint(self) -> dict[str, Any] | None:
        # botocore's model: "The endpoint might not be shown for instances with the status of creating."
        if self.status == "creating":
            return None
        return {
            "Address": self.address,
            "Port": self.cluster.port,
            "HostedZoneId": self.cluster.hosted_zone_id,
        }

    def must_be_available(self) -> None:
        if self.status != "available":  # the code is AWS's, the text believed
            raise AwsError(
                "InvalidDBInstanceState",
                f"Instance {self.db_instance_identifier} is not in available state: it is {self.status}.",
            )

    def save_automated_backup(self) -> None:
        """Aurora backs up the cluster, not the instance."""


def pascal(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """moto hands over names it has already changed to snake_case; AWS's own are stored and returned."""
    names = {
        "min_capacity": "MinCapacity",
        "max_capacity": "MaxCapacity",
        "seconds_until_auto_pause": "SecondsUntilAutoPause",
    }
    return {names.get(name, name): value for name, value in dict(given or {}).items()}
