"""What every environment of the site has in common."""

import os
from pathlib import Path

import dj_database_url

from . import policy

PROJECT_DIR = Path(__file__).resolve().parent.parent
BASE_DIR = PROJECT_DIR.parent

INSTALLED_APPS = [
    "home",
    "search",
    "scale0site.login",
    "sleeping",
    "provisioning",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.sitemaps",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
]

# What stands before Waking answers without the database: a health check, a style sheet or a picture must not keep
# awake, or wake, one that sleeps. Waking sees to it that all behind it has a connection.
MIDDLEWARE = [
    "sleeping.middleware.RequestLogMiddleware",
    "sleeping.middleware.HeadMiddleware",
    "sleeping.middleware.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "scale0site.policy.PolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sleeping.middleware.MissingFileMiddleware",
    "sleeping.middleware.MediaMiddleware",
    "django.middleware.common.CommonMiddleware",
    "sleeping.middleware.SavedPagesMiddleware",
    "sleeping.middleware.WakingMiddleware",
    "sleeping.middleware.SavingMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "scale0site.login.middleware.LoginMiddleware",
]

ROOT_URLCONF = "scale0site.urls"
WSGI_APPLICATION = "scale0site.wsgi.application"
HEALTH_PATH = os.environ.get("HEALTH_PATH", "/healthz")

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PROJECT_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sleeping.saved.rendering.csrf",
            ],
        },
    },
]

DATABASES = {"default": dj_database_url.config(default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The first lets nobody in: it refuses whoever has failed too often. See docs/security.md.
AUTHENTICATION_BACKENDS = ["scale0site.login.backend.ThrottleBackend", "django.contrib.auth.backends.ModelBackend"]
# How many proxies of ours a request passes, each of which writes X-Forwarded-For.
TRUSTED_HOPS = 0

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Two policies, and scale0site.policy says which answer has which. docs/security.md has the reasons.
CONTENT_SECURITY_POLICY = {"DIRECTIVES": policy.public()}
ADMIN_CONTENT_SECURITY_POLICY = policy.admin()
PERMISSIONS_POLICY = ", ".join(f"{name}=()" for name in policy.UNUSED)

# No script of the site's or the admin's reads a cookie, and none is for a request that another site has begun.
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
# Other sites are not told which page sent somebody to them.
SECURE_REFERRER_POLICY = SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATICFILES_DIRS = [PROJECT_DIR / "static"]
STATIC_ROOT = BASE_DIR / "static"
STATIC_URL = "/static/"
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # nobody asks for the others: they would be looked at in each cold start
WHITENOISE_ROOT = PROJECT_DIR / "public"  # robots.txt and the icons that browsers ask for unasked

MEDIA_ROOT = BASE_DIR / "media"
MEDIA_URL = "/media/"

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# A page with many blocks has more fields than the 1,000 that Django allows by default.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

WAGTAIL_SITE_NAME = "scale0"
WAGTAILADMIN_BASE_URL = "http://localhost:8000"
WAGTAIL_GRAVATAR_PROVIDER_URL = None  # an editor is nobody else's business
WAGTAIL_ENABLE_UPDATE_CHECK = "lts"
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
# Pictures that come in a new format, and are shown without one being named, as in the admin: Wagtail would make them
# PNG, which is many times as large. To encode AVIF takes many times as long as WebP.
WAGTAILIMAGES_FORMAT_CONVERSIONS = {"avif": "webp", "webp": "webp"}
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024  # bytes
# A telephone's 48 million take 370 MB of memory for a moment (measured); the 128 million that Wagtail allows, 1 GB.
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "key", "odt", "pdf", "pptx", "rtf", "txt", "xlsx", "zip"]
WAGTAILDOCS_MAX_UPLOAD_SIZE = 10 * 1024 * 1024  # bytes

# The choices about sleep: docs/sleeping.md has all of them.
SLEEPING = {"SAVED_VIEWS": ["sitemap"], "IGNORED_MODELS": ["login.Attempt"]}

# The choices about AWS: see Config in provisioning/config.py for all of them and their defaults.
PROVISIONING = {
    "PROJECT": "scale0",
    "TARGET": "apprunner",
    "MAX_CAPACITY": 4,  # Aurora capacity units of 2 GB; at rest it has none
    "PAUSE_SECONDS": 300,  # without a connection, until the database pauses
}
