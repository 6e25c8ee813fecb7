"""Documents: signed after Wagtail has looked whether this visitor may have them."""

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from wagtail import hooks

from . import media
from .signing import Wanted, signs

LAST = 1000  # Wagtail's own check of restrictions has 0, as has what a project refuses by its own


@hooks.register("before_serve_document", order=LAST)
def lead_to_document(document, request: HttpRequest) -> HttpResponse | None:
    """A redirect in place of Wagtail's, whose address would hold for long, and would not know the document's name.

    None where Wagtail's own way stays: a folder, a storage of the document's own, or a project that serves by itself.
    """
    by_itself = getattr(settings, "WAGTAILDOCS_SERVE_METHOD", None) == "serve_view"
    if by_itself or document.file.storage is not default_storage or not signs():
        return None
    from wagtail.documents import get_document_model
    from wagtail.documents.models import document_served

    document_served.send(sender=get_document_model(), instance=document, request=request)
    wanted = Wanted(
        name=document.file.name,
        content_type=document.content_type,
        disposition=document.content_disposition,
        method="HEAD" if request.method == "HEAD" else "GET",
    )
    return media.document(wanted, public=not document.collection.get_view_restrictions())
