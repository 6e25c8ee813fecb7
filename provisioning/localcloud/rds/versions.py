"""Which Aurora PostgreSQL versions there are, and what Serverless v2 can do on each."""

from typing import Any

from moto.rds.exceptions import InvalidParameterCombination

ENGINE = "aurora-postgresql"

# A selection of AWS's versions, with some on each side of the lines below.
VERSIONS = tuple(
    f"{major}.{minor}"
    for major, minors in {
        13: (9, 12, 14, 15, 18, 21),
        14: (6, 9, 11, 12, 15, 18),
        15: (3, 5, 6, 7, 10, 13),
        16: (1, 2, 3, 4, 6, 8, 9, 10),
        17: (4, 5, 6),
    }.items()
    for minor in minors
)
DEFAULT = "17.5"

# First minor version of each major that can pause (MinCapacity 0): AWS's announcement of November 2024.
PAUSES_FROM = {13: 15, 14: 12, 15: 7, 16: 3, 17: 4}
# First that reaches 256 ACU, the others 128: believed.
LARGE_FROM = {13: 13, 14: 10, 15: 5, 16: 1, 17: 4}


def parts(version: str) -> tuple[int, int]:
    major, minor = version.split(".")
    return int(major), int(minor)


def least_capacity(version: str) -> float:
    major, minor = parts(version)
    return 0.0 if minor >= PAUSES_FROM[major] else 0.5


def most_capacity(version: str) -> float:
    major, minor = parts(version)
    return 256.0 if minor >= LARGE_FROM[major] else 128.0


def resolve(version: str | None) -> str:
    """A full version for what was asked: a full one, a major one ("16", its newest), or none."""
    if version is None:
        return DEFAULT
    if version in VERSIONS:
        return version
    newest = [known for known in VERSIONS if known.split(".")[0] == version]
    if not newest:
        raise InvalidParameterCombination(f"Cannot find version {version} for {ENGINE}")
    return newest[-1]


def matches(asked: str | None, version: str) -> bool:
    return asked is None or version == asked or version.startswith(f"{asked}.")


def describe(version: str) -> dict[str, Any]:
    """The DBEngineVersion of botocore's model."""
    major, _ = parts(version)
    return {
        "Engine": ENGINE,
        "MajorEngineVersion": str(major),
        "EngineVersion": version,
        "DBParameterGroupFamily": f"{ENGINE}{major}",
        "DBEngineDescription": "Aurora PostgreSQL",
        "DBEngineVersionDescription": f"Aurora PostgreSQL (compatible with PostgreSQL {version})",
        "ValidUpgradeTarget": [
            {"Engine": ENGINE, "EngineVersion": later, "IsMajorVersionUpgrade": parts(later)[0] > major}
            for later in VERSIONS
            if parts(later) > parts(version)
        ],
        "ExportableLogTypes": ["postgresql"],
        "SupportsLogExportsToCloudwatchLogs": True,
        "SupportsReadReplica": False,
        "SupportedEngineModes": ["provisioned"],
        "Status": "available",
        "ServerlessV2FeaturesSupport": {
            "MinCapacity": least_capacity(version),
            "MaxCapacity": most_capacity(version),
        },
    }
