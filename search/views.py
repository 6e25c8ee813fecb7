"""Finding a page by what it says."""

import unicodedata

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe
from wagtail.models import Page, PageQuerySet, Site
from wagtail.search.query import And, PlainText

MOST_LETTERS = 100
MOST_WORDS = 10
RESULTS_PER_PAGE = 10


def words_of(query: str) -> list[str]:
    """The plain words of a query: letters, marks and digits, nothing that a search engine takes as syntax.

    A quotation mark is an error in SQLite's full text search (wagtail#13227), a null byte in PostgreSQL.
    """
    text = unicodedata.normalize("NFC", query[:MOST_LETTERS])  # an accent may come as a letter of its own
    letters = (letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in text)
    return "".join(letters).split()[:MOST_WORDS]


def pages_with(words: list[str], site: Site | None) -> PageQuerySet:
    """The site's public pages that hold all these words, or words that begin so, best first."""
    if not words or site is None:
        return Page.objects.none()
    pages = Page.objects.live().public().descendant_of(site.root_page, inclusive=True).specific()
    # `autocomplete` takes the last word of each query as the beginning of a word: so one query for each.
    return pages.autocomplete(And([PlainText(word) for word in words]))


@require_safe
def search(request: HttpRequest) -> TemplateResponse:
    query = request.GET.get("query", "")
    words = words_of(query)
    results = Paginator(pages_with(words, Site.find_for_request(request)), RESULTS_PER_PAGE)
    context = {
        "query": query.replace("\0", "")[:MOST_LETTERS].strip(),
        "words": words,
        "results": results.get_page(request.GET.get("page")),
    }
    return TemplateResponse(request, "search/search.html", context)
