"""The addresses of two_instances.py, with the language in each page's."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from wagtail import urls as wagtail_urls

from .two_instances import sign_in, sign_out

urlpatterns = [
    path("in/<str:name>/", sign_in),
    path("out/", sign_out),
    *i18n_patterns(path("", include(wagtail_urls))),
]
