"""Putting the starter pages where they are missing, and nowhere else."""

from collections.abc import Iterator

from django.core.files.base import ContentFile
from wagtail.images import get_image_model
from wagtail.models import Page
from wagtail.utils.file import hash_filelike

from home.models import ContactField, ContactPage, ContentPage, HomePage, StandardPage

from .content import HOME, PAGES, Illustration, Picture, Question, Quote, StarterPage


def load(home: HomePage) -> Iterator[str]:
    """Fills the home page and the pages below it, and says of each page what became of it."""
    if _untouched(home):
        _write(home, HOME)
        home.save_revision().publish()
        yield f"{home.title}: filled, at {home.url}"
    else:
        yield f"{home.title}: left alone, it is yours"
    for starter in PAGES:
        # Wherever it was moved to, and whatever is at its address now: it is there.
        there = Page.objects.descendant_of(home).filter(slug=starter.slug).first()
        if there:
            yield f"{there.title}: left alone, it exists"
            continue
        page = (ContactPage if starter.form else StandardPage)(slug=starter.slug, show_in_menus=True)
        _write(page, starter)
        if starter.form:
            page.form_fields = [_field(question) for question in starter.form]
        home.add_child(instance=page)
        page.save_revision().publish()
        yield f"{page.title}: created, at {page.url}"


def _untouched(home: HomePage) -> bool:
    """Whether it is as the migration made it: a person's edit always leaves a revision."""
    return home.latest_revision_id is None and not home.body and not home.lead


def _write(page: ContentPage, starter: StarterPage) -> None:
    page.title = page.draft_title = starter.title
    page.lead = starter.lead
    page.picture = _stored(starter.picture)
    page.body = [_block(part) for part in starter.body]


def _block(part: str | Illustration | Quote) -> tuple[str, object]:
    match part:
        case str():
            return "text", part
        case Quote(text, attribution):
            return "quote", {"text": text, "attribution": attribution}
        case Illustration(picture, caption):
            image = _stored(picture)
            image.contextual_alt_text = picture.description
            return "picture", {"image": image, "caption": caption}


def _field(question: Question) -> ContactField:
    return ContactField(
        label=question.label, field_type=question.type, help_text=question.help, autofill=question.autofill
    )


def _stored(picture: Picture):
    """The picture in the site's library: the one already there, or a new one."""
    data = ContentFile(picture.path.read_bytes(), name=picture.file)
    file_hash = hash_filelike(data)
    images = get_image_model().objects
    return images.filter(file_hash=file_hash).first() or images.create(
        title=picture.title,
        description=picture.description,
        file=data,
        file_hash=file_hash,
        file_size=data.size,
    )
