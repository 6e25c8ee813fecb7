"""Lambda's operations: each checks, records, and leaves the rest to the background."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from moto.core.base_backend import BaseBackend
from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource
from moto.core.utils import utcnow

from ..ec2.interfaces import Interfaces
from ..ground import ground
from ..iam import find_role, trusts
from . import life
from .errors import AccessDenied, Conflict, InvalidContent, InvalidParameter, NotFound, TooLarge
from .function import LATEST, Function
from .invocations import OLDEST, RETRIES, EventSettings, Invocations
from .runtime_api import Outcome
from .settings import Settings
from .source import PRINCIPAL, find

# botocore's model of Invoke: 6 MB for synchronous, 1 MB for asynchronous invocations.
LONGEST = {"RequestResponse": 6 * 1024 * 1024, "Event": 1024 * 1024, "DryRun": 6 * 1024 * 1024}
NAME = re.compile(
    r"(?:(?:arn:aws:lambda:(?P<region>[a-z0-9-]+):)?(?P<account>\d{12}):function:)?"
    r"(?P<name>[A-Za-z0-9_-]+)(?::(?P<qualifier>\$LATEST|[A-Za-z0-9_-]+))?"
)


class LocalLambdaBackend(BaseBackend, TaggableResourcesMixin):
    SERVICE_NAMESPACE = "lambda"

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.functions: dict[str, Function] = {}
        self._invocations: dict[str, Invocations] = {}
        self._events: dict[str, tuple[EventSettings, datetime]] = {}
        self._tags: dict[str, dict[str, str]] = {}
        self._twice: dict[str, int] = {}

    def create_function(self, request: dict[str, Any], caller: str) -> Function:
        name = self._name(request["FunctionName"])
        must_be_an_image(request)
        if name in self.functions:
            raise Conflict(f"Function already exist: {name}")
        settings = Settings.of(request, (self.account_id, self.region_name))
        source = find(request["Code"]["ImageUri"], self.account_id, self.region_name, caller)
        interfaces = Interfaces(self.account_id, self.region_name)
        function = Function(name, self.account_id, self.region_name, settings, source, interfaces)
        self.functions[name] = function
        self._invocations[name] = Invocations(function)
        self._tags[function.arn] = dict(request.get("Tags") or {})
        ground().begin(life.create, function)
        return function

    def update_code(self, request: dict[str, Any], caller: str) -> Function:
        function = self.function(request["FunctionName"])
        function.must_be_settled()
        must_be_an_image({"Code": request})
        source = find(request["ImageUri"], self.account_id, self.region_name, caller)
        if request.get("DryRun"):
            return function
        function.source = source
        return self._changed(function)

    def update_configuration(self, request: dict[str, Any]) -> Function:
        function = self.function(request["FunctionName"])
        function.must_be_settled()
        settings = Settings.of(request, (self.account_id, self.region_name), function.settings)
        moved = settings.vpc != function.settings.vpc
        function.settings = settings
        if moved:
            life.move(function)
        return self._changed(function)

    def delete_function(self, name: str) -> None:
        function = self.function(name)
        function.deleted = True
        for kept in (self.functions, self._events):
            kept.pop(function.name, None)
        self._tags.pop(function.arn, None)
        ground().begin(life.delete, function, self._invocations.pop(function.name))

    def function(self, given: str, qualifier: str | None = None) -> Function:
        name = self._name(given)
        match = NAME.fullmatch(given)
        asked = qualifier or (match["qualifier"] if match else None) or LATEST
        if name not in self.functions or asked != LATEST:  # no versions and no aliases here
            arn = f"arn:aws:lambda:{self.region_name}:{self.account_id}:function:{name}"
            raise NotFound(f"Function not found: {arn}{'' if asked == LATEST else f':{asked}'}")
        return self.functions[name]

    # Invocations

    def check_invocation(self, request: dict[str, Any]) -> Invocations:
        """Everything that refuses an invocation before it begins."""
        function = self.function(request["FunctionName"], request.get("Qualifier"))
        kind, payload = request.get("InvocationType") or "RequestResponse", request["Payload"]
        if kind not in LONGEST:
            raise InvalidParameter(f"Unknown InvocationType {kind}.")
        if len(payload) > LONGEST[kind]:
            raise TooLarge(
                f"{len(payload)} byte payload is too large for the {kind} invocation type (limit {LONGEST[kind]})"
            )
        try:
            json.loads(payload)
        except ValueError as problem:
            raise InvalidContent(f"Could not parse request body into json: {problem}") from None
        function.must_be_active()
        role = find_role(function.settings.role)
        if role is None or not trusts(role, PRINCIPAL):  # gone since the function was made
            raise AccessDenied("The role defined for the function cannot be assumed by Lambda.")
        return self._invocations[function.name]

    def queue_event(self, invocations: Invocations, payload: bytes) -> str:
        name = invocations.function.name
        invocations.twice += self._twice.pop(name, 0)
        settings, _ = self._events.get(name, (EventSettings(), None))
        return invocations.queue(payload, settings)

    def deliver_twice(self, name: str) -> None:
        """The next event to this function, which need not be there yet."""
        self._twice[name] = self._twice.get(name, 0) + 1

    def run(self, invocations: Invocations, payload: bytes, context: str | None) -> tuple[str, Outcome]:
        return invocations.run(payload, context)

    # What happens to events

    def put_event_settings(self, request: dict[str, Any], former: bool = False) -> dict[str, Any]:
        function = self.function(request["FunctionName"], request.get("Qualifier"))
        if request.get("DestinationConfig") and any((request["DestinationConfig"] or {}).values()):
            raise NotImplementedError("destinations of Lambda events")
        base = self._events_of(function)[0] if former else EventSettings()
        retries = request.get("MaximumRetryAttempts", base.retries)
        oldest = request.get("MaximumEventAgeInSeconds", base.oldest)
        self._events[function.name] = (EventSettings(retries, oldest), utcnow())
        return self.get_event_settings(request["FunctionName"])

    def get_event_settings(self, name: str, qualifier: str | None = None) -> dict[str, Any]:
        function = self.function(name, qualifier)
        settings, modified = self._events_of(function)
        return {
            "FunctionArn": f"{function.arn}:{LATEST}",
            "LastModified": modified,
            "MaximumRetryAttempts": RETRIES if settings.retries is None else settings.retries,
            "MaximumEventAgeInSeconds": OLDEST if settings.oldest is None else settings.oldest,
            "DestinationConfig": {"OnSuccess": {}, "OnFailure": {}},
        }

    def delete_event_settings(self, name: str, qualifier: str | None = None) -> None:
        function = self.function(name, qualifier)
        self._events_of(function)
        del self._events[function.name]

    def _events_of(self, function: Function) -> tuple[EventSettings, datetime]:
        if function.name not in self._events:
            raise NotFound(f"The function {function.arn}:{LATEST} doesn't have an EventInvokeConfig")
        return self._events[function.name]

    # Tags

    def tags_of(self, arn: str) -> dict[str, str]:
        if arn not in self._tags:
            raise NotFound(f"Function not found: {arn}")
        return dict(self._tags[arn])

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        self.tags_of(arn)
        self._tags[arn].update(tags)

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        self.tags_of(arn)
        for key in tag_keys:
            self._tags[arn].pop(key, None)

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        for arn, tags in self._tags.items():
            yield TaggedResource(arn, dict(tags), "lambda:function")

    def _name(self, given: str) -> str:
        match = NAME.fullmatch(given)
        ours = match and match["region"] in (None, self.region_name) and match["account"] in (None, self.account_id)
        if match is None or not ours or len(match["name"]) > 64:
            raise InvalidParameter(f"The provided function name is not valid: {given}")
        return match["name"]

    def _changed(self, function: Function) -> Function:
        function.update = "InProgress"
        function.change()
        self._invocations[function.name].retire()
        ground().begin(life.update, function)
        return function


def must_be_an_image(request: dict[str, Any]) -> None:
    if request.get("PackageType", "Image") != "Image" or "ImageUri" not in (request.get("Code") or {}):
        raise NotImplementedError("Lambda functions of PackageType Zip")
