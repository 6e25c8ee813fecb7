"""The bakery's pages, and what they show that is no page."""

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, get_language_from_request
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.models import DraftStateMixin, Orderable, Page, PageQuerySet, RevisionMixin
from wagtail.snippets.models import register_snippet


@register_setting
class Footer(BaseSiteSetting):
    text = models.CharField(max_length=100, default="Baked daily")


@register_snippet
class Baker(DraftStateMixin, RevisionMixin, ClusterableModel):
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class BakedPage(Page):
    """What all pages have: a baker, a picture and a leaflet."""

    baker = models.ForeignKey(Baker, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    picture = models.ForeignKey(
        "wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    leaflet = models.ForeignKey(
        "wagtaildocs.Document", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    content_panels = [*Page.content_panels, FieldPanel("baker"), FieldPanel("picture"), FieldPanel("leaflet")]

    class Meta:
        abstract = True

    def get_template(self, request: HttpRequest, *args, **kwargs) -> str:
        return "bakery/page.html"

    def below(self) -> PageQuerySet:
        return self.get_children().live().public()


class BreadPage(BakedPage):
    pass


class BlogTag(TaggedItemBase):
    content_object = ParentalKey("BlogPage", on_delete=models.CASCADE, related_name="tagged")


class BlogPage(BakedPage):
    tags = ClusterTaggableManager(through=BlogTag, blank=True)
    content_panels = [*BakedPage.content_panels, FieldPanel("tags"), InlinePanel("steps")]


class Step(Orderable):
    page = ParentalKey(BlogPage, on_delete=models.CASCADE, related_name="steps")
    text = models.CharField(max_length=100)


class BlogIndexPage(BakedPage):
    """Five at a time."""

    saved_parameters = ("page",)

    def posts(self) -> Paginator:
        return Paginator(self.get_children().live().order_by("path"), 5)

    def get_context(self, request: HttpRequest, *args, **kwargs) -> dict:
        posts = self.posts().get_page(request.GET.get("page"))
        return {**super().get_context(request, *args, **kwargs), "posts": posts}

    def get_cached_paths(self) -> list[str]:
        return ["/", *(f"/?page={number}" for number in self.posts().page_range)]


class ArchivePage(RoutablePageMixin, BakedPage):
    """The blog by tag, by year and as a feed."""

    @path("tag/<slug:tag>/")
    def by_tag(self, request: HttpRequest, tag: str) -> HttpResponse:
        posts = BlogPage.objects.live().filter(tags__slug=tag).order_by("path")
        return self.render(request, context_overrides={"posts": posts})

    @path("<int:year>/")
    def by_year(self, request: HttpRequest, year: int) -> HttpResponse:
        posts = BlogPage.objects.live().filter(first_published_at__year=year).order_by("path")
        return self.render(request, context_overrides={"posts": posts})

    @path("bread/<int:pk>/")
    def bread(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.render(request, context_overrides={"posts": [get_object_or_404(BreadPage, pk=pk)]})

    @path("feed/")
    def feed(self, request: HttpRequest) -> HttpResponse:
        from .feeds import Posts

        return Posts()(request)


class UnsavedPage(BakedPage):
    saved = False


class OddPage(BakedPage):
    """Answers in a manner that must not be saved, or only so and so."""

    manner = models.CharField(max_length=20)
    saved_parameters = ("page",)

    def serve(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = super().serve(request, *args, **kwargs)
        return getattr(self, f"_{self.manner}")(request, response) or response

    def _cookie(self, request: HttpRequest, response: HttpResponse) -> None:
        response.set_cookie("flour", "rye")

    def _session(self, request: HttpRequest, response: HttpResponse) -> None:
        request.session["basket"] = [self.pk]

    def _token(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        return HttpResponse(f"<form>{get_token(request)}</form>")

    def _form(self, request: HttpRequest, response: HttpResponse) -> HttpResponse | None:
        if request.method == "POST":
            return HttpResponse(f"Thank you for {request.POST['order']}")
        response.template_name = "bakery/form.html"
        return None

    def _private(self, request: HttpRequest, response: HttpResponse) -> None:
        response["Cache-Control"] = "private"

    def _seconds(self, request: HttpRequest, response: HttpResponse) -> None:
        response["Cache-Control"] = "max-age=60"

    def _second(self, request: HttpRequest, response: HttpResponse) -> None:
        response["Cache-Control"] = "max-age=2"

    def _expired(self, request: HttpRequest, response: HttpResponse) -> None:
        response["Expires"] = "Thu, 01 Jan 1970 00:00:00 GMT"

    def _shared(self, request: HttpRequest, response: HttpResponse) -> None:
        response["Cache-Control"] = "max-age=600, s-maxage=0"

    def _stream(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        return StreamingHttpResponse(iter([b"a loaf", b" and another"]))

    def _language(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = HttpResponse(f"Brot oder bread: {get_language_from_request(request)}")
        patch_vary_headers(response, ["Accept-Language"])
        return response

    def _speech(self, request: HttpRequest, response: HttpResponse) -> None:
        self.title = get_language_from_request(request)
        patch_vary_headers(response, ["Accept-Language"])

    def _active(self, request: HttpRequest, response: HttpResponse) -> None:
        self.title = get_language()

    def _browser(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """A person's own, as the page says."""
        response = HttpResponse(f"You come by {request.headers.get('User-Agent', '')}")
        response["Cache-Control"] = "private"
        return response

    def _zipped(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        return HttpResponse(b"as if compressed", headers={"Content-Encoding": "br"})

    def _error(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        return HttpResponse("The oven is cold", status=500)

    def _gone(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        return HttpResponse("Sold out", status=410)

    def _elsewhere(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        return HttpResponse(status=302, headers={"Location": "/bread/"})


class Enquiry(models.Model):
    """What visitors leave: no page shows it. SLEEPING["IGNORED_MODELS"] names it."""

    text = models.CharField(max_length=100)


class Price(models.Model):
    """What the bread pages could show: a model that Wagtail knows nothing of."""

    cents = models.IntegerField()
