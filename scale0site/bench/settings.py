"""Production, with its static files in a folder of the bench, and SLEEPING_… to shorten what takes a minute."""

import os

from scale0site.settings.production import *

STATIC_ROOT = os.environ["BENCH_STATIC"]
if "BENCH_COLLECTS" in os.environ:  # hashed as production's are, without the quarter of a minute of compressing
    STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"

_CHOICES = {
    name.removeprefix("SLEEPING_"): int(value) for name, value in os.environ.items() if name.startswith("SLEEPING_")
}
SLEEPING = globals().get("SLEEPING", {}) | _CHOICES

del STORAGES["releases"]  # nothing here may ask anybody's bucket

# In milliseconds after a change. 0: the editor saves only what it is told to, so a test knows what is under way.
if "BENCH_AUTOSAVE" in os.environ:
    WAGTAIL_AUTOSAVE_INTERVAL = int(os.environ["BENCH_AUTOSAVE"])

# A folder, the bucket of a local S3 that AWS_ENDPOINT_URL names ("bucket"), or no saved pages.
saved = os.environ.get("BENCH_SAVED", "")
if not saved:
    del STORAGES["saved"]
elif saved != "bucket":
    STORAGES["saved"] = {"BACKEND": "sleeping.saved.folder.Folder", "OPTIONS": {"location": saved}}
