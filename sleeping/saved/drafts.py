"""A page that visitors do not see, being saved: an editor types, and nothing is different for anybody else.

The statements alone cannot tell, for they are those of publishing.
"""

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model
from modelcluster.fields import ParentalKey
from wagtail.models import Page

from .counting import note
from .site import is_on


class Saving(NamedTuple):
    mark: Callable[[], None]
    """It goes with the transaction, or the part of it, in which the page is saved: so it cannot outlast an error."""
    tables: frozenset[str]


_now = threading.local()


def before(sender: type[Model], instance: Any, raw: bool = False, **_: Any) -> None:
    """A receiver of pre_save and pre_delete."""
    page = _page_of(instance)
    if page is None or not is_on():
        return
    _now.saving = None
    if page is not instance and page.live:
        return
    if raw:
        note(hard=True)  # a fixture: nobody looks at what it takes away
        return
    was = Page.objects.filter(pk=page.pk).values_list("live", "slug").first() if page.pk else None
    if was and was[0]:
        if page is instance and was != (page.live, page.slug):
            note(hard=True)  # it is being taken off, or put elsewhere, by whatever way
        return
    connection = connections[DEFAULT_DB_ALIAS]
    if not page.live and connection.in_atomic_block:
        tables = frozenset(model._meta.db_table for model in (sender, *sender._meta.get_parent_list()))
        _now.saving = Saving(lambda: None, tables)
        connection.on_commit(_now.saving.mark)


def after(instance: Any, **_: Any) -> None:
    """A receiver of post_save and post_delete."""
    if _page_of(instance) is not None:
        _now.saving = None


def being_saved(connection: Any, table: str) -> bool:
    """Whether what is written into this table is a draft's."""
    saving = getattr(_now, "saving", None)
    return (
        saving is not None
        and table in saving.tables
        and any(done is saving.mark for _, done, _ in connection.run_on_commit)
    )


def _page_of(instance: Any) -> Page | None:
    """The page, or the one that holds it, as it holds its tags and the rows of its inline panels."""
    if isinstance(instance, Page):
        return instance
    for field in instance._meta.concrete_fields:
        if isinstance(field, ParentalKey) and issubclass(field.related_model, Page):
            return field.get_cached_value(instance, default=None)
    return None
