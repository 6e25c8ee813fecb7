"""A language before each path."""

from django.conf.urls.i18n import i18n_patterns

from .urls import inside, outside

urlpatterns = [*outside, *i18n_patterns(*inside)]
