"""What is remembered: moto's backends, one for each service, account and region, and the work under way."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from moto.core.base_backend import BackendDict
from moto.s3.models import s3_backends

from ..ground import Work, ground


@dataclass
class Records:
    backends: dict[str, dict[str, dict[str, Any]]]
    """By the address of moto's dictionary, by account, by region."""
    owners: dict[str, Any]
    """Whose each bucket is: names are everybody's."""
    under_way: list[Work]


def all_backends() -> Iterator[tuple[BackendDict[Any], str, str, Any]]:
    for backends in list(BackendDict._instances):
        for account, region, backend in list(backends.iter_backends()):
            yield backends, account, region, backend


def take() -> Records:
    """With the ground's lock in hand."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for backends, account, region, backend in all_backends():
        found.setdefault(address(backends), {}).setdefault(account, {})[region] = backend
    return Records(found, dict(s3_backends.bucket_accounts), ground().under_way)


def put_back(records: Records) -> None:
    for where, accounts in records.backends.items():
        module, _, name = where.partition(":")
        backends = getattr(import_module(module), name)
        for account, regions in accounts.items():
            backends[account].update(regions)
    s3_backends.bucket_accounts.update(records.owners)


@cache
def address(backends: BackendDict[Any]) -> str:
    """The module that has it, and its name there."""
    modules = [each for each in list(sys.modules) if re.fullmatch(r"moto\.\w+\.models|moto\.apprunner", each)]
    for module in modules:
        for name, value in vars(sys.modules[module]).items():
            if value is backends:
                return f"{module}:{name}"
    raise LookupError(f"moto's backends of {backends.service_name} are in none of its modules")
