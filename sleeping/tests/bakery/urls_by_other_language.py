"""A language before each path but those of the first language."""

from django.conf.urls.i18n import i18n_patterns

from .urls import inside, outside

urlpatterns = [*outside, *i18n_patterns(*inside, prefix_default_language=False)]
