from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.documents import urls as wagtaildocs_urls

from .feeds import Posts
from .views import basket, search

outside = [
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("rss/", Posts(), name="rss"),
    path("rss/<slug:tag>/", Posts(), name="rss_by_tag"),
]
inside = [
    path("search/", search, name="search"),
    path("basket/", basket, name="basket"),
    path("", include(wagtail_urls)),
]
urlpatterns = [*outside, *inside]
