"""A cluster as AWS reports it, with a real PostgreSQL behind the endpoint."""

import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from moto.rds.exceptions import InvalidDBClusterStateFault
from moto.rds.models import DBCluster, DBInstanceClustered, MasterUserSecret

from ..front.front import Front
from ..front.token import NotAdmitted, check
from ..ground import ground
from ..own_session import OwnSession
from ..ports import LOOPBACK
from ..postgres import Postgres
from ..processes import CommandFailed
from ..rules import rules
from . import logs, network, parameters
from .events import tell
from .pause import Pause
from .scaling import scaling
from .versions import resolve
from .watch import Watch

# Of the cluster and of its instances. The guide's "DB instance events" are those of Serverless v2.
PAUSE_EVENTS = {
    "pausing": ("RDS-EVENT-0144", "RDS-EVENT-0370"),
    "canceled": ("RDS-EVENT-0146", "RDS-EVENT-0371"),
    "paused": ("RDS-EVENT-0145", "RDS-EVENT-0372"),
    "resuming": ("RDS-EVENT-0147", "RDS-EVENT-0373"),
    "resumed": ("RDS-EVENT-0148", "RDS-EVENT-0374"),
}


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
        self.parameter_group = wanted.get("db_cluster_parameter_group_name") or default_group(self.engine_version)
        self.status = "creating"
        self.manage_master_user_password = managed
        if managed:
            self.master_user_secret = ManagedSecret(self, key, password)
        self.server = Postgres(
            ground().databases / f"{self.db_cluster_identifier}-{self.db_cluster_resource_id[-6:]}",
            str(self.master_username),
            str(password),
            self._hear,
        )
        self.own = OwnSession(self.server)
        self.pause = Pause(self._seconds_until_pause, self._tell_of_pause, self._apply_settings)
        self.front = Front(
            self.server, self.own, self._admit, self.pause.wake, lambda: rules().while_resuming, self.say
        )
        self.watch = Watch(self)
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

    @property
    def db_cluster_members(self) -> list[dict[str, Any]]:
        status = "pending-reboot" if self.waits_for_reboot else "in-sync"
        return [{**member, "DBClusterParameterGroupStatus": status} for member in super().db_cluster_members]

    @property
    def settings(self) -> dict[str, str]:
        """That PostgreSQL will be started with."""
        return parameters.settings(self.serverless_v2_scaling_configuration, self._parameters)

    @property
    def waits_for_reboot(self) -> bool:
        return self.server.serving and self.server.settings != self.settings

    @property
    def replicates(self) -> bool:
        return self.server.settings.get("wal_level") == "logical" or self.settings["wal_level"] == "logical"

    @property
    def _parameters(self) -> dict[str, Any]:
        group = self.backend.db_cluster_parameter_groups.get(self.parameter_group)
        return group.parameters if group else {}

    def start_serving(self) -> None:
        """Raises CommandFailed."""
        with self._starting:
            if not self.server.serving:
                self.server.serve(self.database_name, self.settings)
                self.pause.forget()
                self.front.open()
                self.watch.begin()

    def stop_serving(self) -> None:
        self.front.shut()
        self.own.close()
        self.server.stop()
        self.pause.forget()

    def _apply_settings(self) -> None:
        """AWS documents: those that wait for a reboot are applied when a paused instance resumes."""
        with self._starting:
            if self.waits_for_reboot:
                self.own.close()
                self.server.stop()
                self.server.serve(self.database_name, self.settings)
                self.watch.begin()

    def pause_now(self) -> None:
        """For a test that won't wait: it ends all sessions, which on AWS would keep the database awake."""
        self.front.end_sessions()
        self.pause.begin(still_idle=lambda: True)

    def _hear(self, lines: Sequence[str]) -> None:
        logs.export(self, lines)

    def _tell_of_pause(self, turn: str) -> None:
        of_cluster, of_instance = PAUSE_EVENTS[turn]
        self.say("awake" if turn == "resumed" else turn)
        tell(self, of_cluster)
        for member in self.members:
            tell(member, of_instance)

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
            self.server.serve(self.database_name, self.server.settings)  # a reboot that is due, is due still
        except CommandFailed as failure:
            self.say(f"does not answer any more: {failure}")
            return
        self.say(f"answers again on {self.front.address}{', asleep' if self.pause.paused else ''}")
        self.front.open()
        self.watch = Watch(self)
        self.watch.begin()


def default_group(version: str) -> str:
    """AWS documents: default.aurora-postgresql17 and so on, which nobody can change."""
    return f"default.aurora-postgresql{version.split('.')[0]}"


def pascal(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """moto hands over names it has already changed to snake_case; AWS's own are stored and returned."""
    names = {
        "min_capacity": "MinCapacity",
        "max_capacity": "MaxCapacity",
        "seconds_until_auto_pause": "SecondsUntilAutoPause",
    }
    return {names.get(name, name): value for name, value in dict(given or {}).items()}
