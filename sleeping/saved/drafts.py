"""A page that visitors do not see, being saved: an editor types, and nothing is different for anybody else.

The statements alone cannot tell, for they are those of publishing.
"""

import threading
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from wagtail.models import Page

from .counting import note
from .site import is_on

_saving = threading.local()


def before_save(sender: type, instance: Any, raw: bool = False, **_: Any) -> None:
    """A receiver of pre_save."""
    if not isinstance(instance, Page) or instance.live or raw or not is_on():
        return
    if instance.pk and Page.objects.filter(pk=instance.pk, live=True).exists():
        note(hard=True)  # it is being taken off, by whatever way
        return
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.in_atomic_block:
        # It goes with the transaction, or the part of it, in which the page is saved: so it cannot outlast an error.
        _saving.mark = mark = lambda: None
        connection.on_commit(mark)


def after_save(sender: type, instance: Any, **_: Any) -> None:
    """A receiver of post_save."""
    if isinstance(instance, Page):
        _saving.mark = None


def being_saved(connection: Any) -> bool:
    mark = getattr(_saving, "mark", None)
    return mark is not None and any(done is mark for _, done, _ in connection.run_on_commit)
