"""What it costs: rates, each with its source, and an estimate of a whole environment.

Resources say what they use, in units (`Resource.meters`); only this file knows dollars. List prices of
us-east-1, without tax, traffic, free tier or discounts: other regions differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .engine.resource import Resource

HOURS = 730  # in AWS's month


@dataclass(frozen=True)
class Rate:
    dollars: float
    source: str


@dataclass(frozen=True)
class Meter:
    """So much of one unit in a month."""

    unit: str
    """A key of RATES."""
    quantity: float


@dataclass(frozen=True)
class Usage:
    """A month: how long somebody looks, and how much is stored."""

    hours: float = 0
    """Hours with visitors, in which the compute works and the database is awake."""
    database_gb: float = 1
    media_gb: float = 1
    image_gb: float = 0.15
    log_gb: float = 0.01
    builds: float = 0
    """Images that CodeBuild builds."""


RATES = {
    "App Runner vCPU-hour": Rate(0.064, "aws.amazon.com/apprunner/pricing, read 2026-11"),
    "App Runner automatic deployment-month": Rate(1.00, "a copy of AWS's price list"),
    "App Runner GB-hour": Rate(0.007, "aws.amazon.com/apprunner/pricing, read 2026-11"),
    "Aurora capacity unit-hour": Rate(0.12, "AWS's agent toolkit, 2026-03; Aurora Standard"),
    "Aurora GB-month": Rate(0.10, "AWS's agent toolkit, 2026-03; Aurora Standard"),
    "Secrets Manager secret-month": Rate(0.40, "believed: AWS's list price for years"),
    "CloudWatch Logs GB": Rate(0.50, "believed: AWS's list price for years; taking in, not keeping"),
    "S3 GB-month": Rate(0.023, "believed: AWS's list price for years"),
    "ECR GB-month": Rate(0.10, "believed: AWS's list price for years"),
    "CodeBuild small minute": Rate(0.005, "believed: AWS's list price for years; 100 minutes a month are free"),
}


@dataclass(frozen=True)
class Estimate:
    """Dollars."""

    asleep: float
    """A month in which nobody looks."""
    awake: float
    """Each hour in which somebody does, on top."""


def estimate(resources: Iterable[Resource]) -> Estimate:
    """What these cost, with the amounts of data that Usage assumes."""
    everything = list(resources)
    asleep = _dollars(everything, Usage(hours=0))
    return Estimate(asleep=asleep, awake=_dollars(everything, Usage(hours=1)) - asleep)


def _dollars(resources: Iterable[Resource], usage: Usage) -> float:
    meters: Iterable[Meter] = (meter for each in resources for meter in each.meters(usage))
    return sum(RATES[meter.unit].dollars * meter.quantity for meter in meters)
