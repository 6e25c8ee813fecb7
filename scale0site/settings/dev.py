"""A laptop: SQLite unless DATABASE_URL says otherwise, and errors shown in full."""

from importlib.util import find_spec

from .base import *

DEBUG = True
SECRET_KEY = "for-development-only-never-used-where-anyone-can-reach-it"  # noqa: S105
ALLOWED_HOSTS = ["*"]
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

# WhiteNoise serves here too, so that what a person sees is what production does.
INSTALLED_APPS = ["whitenoise.runserver_nostatic", *INSTALLED_APPS]
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True

# The local AWS is a development dependency: the image does not hold it.
if find_spec("provisioning") and find_spec("provisioning.localcloud"):
    INSTALLED_APPS += ["provisioning.localcloud"]
