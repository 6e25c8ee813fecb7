"""Where visitors come: every value is from the environment, and nothing starts with one missing."""

from scale0site.origin import origin

from . import policy
from .base import *
from .environment import check_connections, database, hosts, required, scheme, whole_number, without_port

SECRET_KEY = required(
    "SECRET_KEY", "what sessions and forms are signed with", "Set it to a long random text that nobody knows."
)
DATABASES = {"default": database()}
check_connections()
if pause_seconds := whole_number("DATABASE_PAUSE_SECONDS"):
    SLEEPING = {**SLEEPING, "PAUSE_SECONDS": pause_seconds}

SITE_SCHEME = scheme()
SITE_HOSTS = hosts()
ALLOWED_HOSTS = [without_port(host) for host in SITE_HOSTS]

# Never a pattern: `.awsapprunner.com` would trust everyone's services. Where a pattern is all we have, a form
# of the site itself still passes, for its origin is the host that it was sent to.
EXACT_HOSTS = [host for host in SITE_HOSTS if not host.startswith(".")]
CSRF_TRUSTED_ORIGINS = [f"{SITE_SCHEME}://{host}" for host in EXACT_HOSTS]
# The admin's e-mails need an address. Without one, a link without a host is better than a wrong one.
WAGTAILADMIN_BASE_URL = f"{SITE_SCHEME}://{EXACT_HOSTS[0]}" if EXACT_HOSTS else ""

# https ends at a router in front of the site, which appends the visitor's address to X-Forwarded-For. A proxy before
# that one makes two.
TRUSTED_HOPS = whole_number("TRUSTED_HOPS") or (1 if SITE_SCHEME == "https" else 0)

if SITE_SCHEME == "https":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    # Whoever comes once a month is never asked over http again; and a name that moves to a host without https, or
    # whose certificate is lost, is free of it a month later.
    SECURE_HSTS_SECONDS = 30 * 24 * 60 * 60
    SILENCED_SYSTEM_CHECKS = [
        "security.W005",  # HSTS for subdomains: other names below the domain are not this site's to decide on
        "security.W021",  # HSTS preloaded: nor is a list in all browsers, from which a name takes months to vanish
    ]
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    # A browser takes a cookie of such a name from this very host only, never from a neighbour below the same domain.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"

MEDIA_BUCKET = required("MEDIA_BUCKET", "the S3 bucket for uploads", "Set it to the bucket's name.")
AWS_REGION = required("AWS_REGION", "where the bucket is", "Set it to a region, such as eu-west-1.")

# A picture's address redirects to the bucket, and a browser asks the policy about that one, too.
PICTURES = origin(MEDIA_BUCKET, AWS_REGION)
CONTENT_SECURITY_POLICY = {"DIRECTIVES": policy.public(PICTURES)}
ADMIN_CONTENT_SECURITY_POLICY = policy.admin(PICTURES)

# A private bucket: addresses are signed, with the regional host, as buckets younger than a day need.
# boto3 reads AWS_ENDPOINT_URL by itself.
STORAGES = {
    "default": {
        "BACKEND": "scale0site.media.Media",
        "OPTIONS": {
            "bucket_name": MEDIA_BUCKET,
            "region_name": AWS_REGION,
            "location": "media",
            "signature_version": "s3v4",
            "addressing_style": "virtual",
            "querystring_auth": True,
            "querystring_expire": 60 * 60,  # seconds
            "default_acl": None,
            "file_overwrite": False,
        },
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    "saved": {
        "BACKEND": "scale0site.bucket.Bucket",
        "OPTIONS": {"bucket_name": MEDIA_BUCKET, "region_name": AWS_REGION, "location": "saved"},
    },
    "releases": {
        "BACKEND": "scale0site.bucket.Bucket",
        "OPTIONS": {"bucket_name": MEDIA_BUCKET, "region_name": AWS_REGION, "location": "static"},
    },
}

EMAIL_TIMEOUT = 5  # seconds: a thread that waits for a mail server serves nobody

# One JSON object a line, and one line for each request.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "sleeping.logs.JsonFormatter"}},
    "filters": {"requests": {"()": "sleeping.logs.AboutRequests"}},
    "handlers": {"stderr": {"class": "sleeping.logs.Lines", "formatter": "json", "filters": ["requests"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # By default Django also mails its errors to ADMINS, and prints nothing here.
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "sleeping": {"level": "INFO"},
    },
}
