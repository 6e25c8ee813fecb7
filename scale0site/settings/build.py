"""The image build: enough for collectstatic, without a secret and without a database."""

from .base import *

SECRET_KEY = "for-collectstatic-only"  # noqa: S105
DATABASES = {}
STORAGES["staticfiles"]["BACKEND"] = "whitenoise.storage.CompressedManifestStaticFilesStorage"
