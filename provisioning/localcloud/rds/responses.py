"""The RDS operations that moto does not have, or answers differently."""

from moto.core.responses import ActionResult
from moto.rds.exceptions import InvalidParameterValue
from moto.rds.responses import RDSResponse

from . import events
from .models import LocalRDSBackend
from .network import find_subnets
from .versions import DEFAULT, ENGINE, VERSIONS, describe, matches


class LocalRDSResponse(RDSResponse):
    backend: LocalRDSBackend

    def delete_db_cluster(self) -> ActionResult:
        cluster = self.backend.delete_db_cluster(
            self.params["DBClusterIdentifier"],
            self.params.get("FinalDBSnapshotIdentifier"),
            bool(self.params.get("SkipFinalSnapshot")),
        )
        return ActionResult({"DBCluster": cluster})

    def create_db_subnet_group(self) -> ActionResult:
        group = self.backend.create_subnet_group(
            self.params["DBSubnetGroupName"],
            self.params["DBSubnetGroupDescription"],
            find_subnets(self.backend, self.params["SubnetIds"]),
            self.params.get("Tags", []),
        )
        return ActionResult({"DBSubnetGroup": group})

    def modify_db_subnet_group(self) -> ActionResult:
        group = self.backend.modify_db_subnet_group(
            self.params["DBSubnetGroupName"],
            self.params.get("DBSubnetGroupDescription"),
            find_subnets(self.backend, self.params["SubnetIds"]),
        )
        return ActionResult({"DBSubnetGroup": group})

    def describe_events(self) -> ActionResult:
        return ActionResult(events.page(self.backend.events, self.params))

    def enable_http_endpoint(self) -> ActionResult:
        return self._http_endpoint(True)

    def disable_http_endpoint(self) -> ActionResult:
        return self._http_endpoint(False)

    def _http_endpoint(self, enabled: bool) -> ActionResult:
        cluster = self.backend.set_http_endpoint(self.params["ResourceArn"], enabled)
        return ActionResult({"ResourceArn": cluster.arn, "HttpEndpointEnabled": cluster.http_endpoint})

    def describe_db_engine_versions(self) -> ActionResult:
        asked = {
            "engine": self.params.get("Engine"),
            "engine-version": self.params.get("EngineVersion"),
            "db-parameter-group-family": self.params.get("DBParameterGroupFamily"),
        }
        found = [describe(version) for version in VERSIONS if matches(asked["engine-version"], version)]
        found = [
            version
            for version in found
            if asked["engine"] in (None, ENGINE)
            and asked["db-parameter-group-family"] in (None, version["DBParameterGroupFamily"])
            and all(self._passes(each, version) for each in self.params.get("Filters", []))
        ]
        if self.params.get("DefaultOnly"):
            found = [version for version in found if version["EngineVersion"] == DEFAULT] or found[-1:]
        return ActionResult(self._page(found))

    def _passes(self, asked: dict[str, list[str]], version: dict[str, object]) -> bool:
        shown = {
            "engine": [version["Engine"]],
            "engine-version": [version["EngineVersion"]],
            "db-parameter-group-family": [version["DBParameterGroupFamily"]],
            "engine-mode": version["SupportedEngineModes"],
            "status": [version["Status"]],
        }
        if asked["Name"] not in shown:
            raise InvalidParameterValue(f"Unrecognized filter name: {asked['Name']}")
        return any(value in shown[asked["Name"]] for value in asked["Values"])

    def _page(self, found: list[dict[str, object]]) -> dict[str, object]:
        start = int(self.params.get("Marker") or 0)
        end = start + int(self.params.get("MaxRecords") or 100)
        return {"DBEngineVersions": found[start:end], "Marker": str(end) if end < len(found) else None}
