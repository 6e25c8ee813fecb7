"""The tests: a laptop's, and the little sites that they make. What a test starts by itself is told its own."""

from .dev import *

INSTALLED_APPS = [
    "sleeping.tests.bakery",
    "wagtail.contrib.routable_page",
    "wagtail.contrib.settings",
    *INSTALLED_APPS,
]
