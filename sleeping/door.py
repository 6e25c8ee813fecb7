"""The admin's door: who has no session is sent to the login, as the admin itself would do, but without a connection.

Robots try it all day. The login's own form does connect: whoever opens it is about to need the database.
"""

from django.apps import apps
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse

# Of Wagtail's admin and Django's: the home, the login, and what else is for everybody.
ADMINS = {
    "wagtail.admin": ("wagtailadmin_home", "wagtailadmin_login"),
    "django.contrib.admin": ("admin:index", "admin:login"),
}
OPEN = ("wagtailadmin_login", "wagtailadmin_sprite", "wagtailadmin_javascript_catalog", "admin:login", "admin:jsi18n")
OPEN_TOO = "wagtailadmin_password_reset"


def turned_back(request: HttpRequest, view: str) -> HttpResponse | None:
    """A redirect to the login for whoever can't be signed in; `view` is the name of the view that is asked for.

    Only where nothing but a session's cookie can say who somebody is.
    """
    if request.method not in ("GET", "HEAD") or settings.SESSION_COOKIE_NAME in request.COOKIES:
        return None
    if {"HTTP_AUTHORIZATION", "REMOTE_USER", "HTTP_X_REQUESTED_WITH"} & request.META.keys():
        return None
    if view in OPEN or view.startswith(OPEN_TOO):
        return None
    for app, (home, login) in ADMINS.items():
        if apps.is_installed(app) and (root := _address(home)) and request.path.startswith(root):
            asked = getattr(settings, "WAGTAILADMIN_LOGIN_URL", None) if app == "wagtail.admin" else None
            return redirect_to_login(request.get_full_path(), login_url=asked or _address(login))
    return None


def _address(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""
