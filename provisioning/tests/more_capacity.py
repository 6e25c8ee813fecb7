"""Settings of a person who changed one thing."""

from scale0site.settings.dev import *  # noqa: F403

PROVISIONING = {**PROVISIONING, "MAX_CAPACITY": 8}  # noqa: F405
