"""Counting the generations. The database does; the shared storage passes it on.

A change and the note of it are committed together. Whoever comes next to a connection counts what was noted: as a
rule the very process that committed it, at once; after a kill in between, the next one that makes a page. The count
is told to the shared storage while its row is locked, so that two who count at once cannot tell it in the wrong order.

A number is the time in milliseconds, and greater than the one before: a database that was restored from last week
does not come to a number for the second time.
"""

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Exists

from ..models import Change
from ..models import Generation as Row
from .generation import Generation
from .site import Site, here

# Whatever a project's router says: a replica does not have the last change yet.
ROWS, CHANGES = (model.objects.using(DEFAULT_DB_ALIAS) for model in (Row, Change))


def note(hard: bool) -> None:
    """Something that visitors see is being changed in this transaction. `hard`: something may no longer be seen.

    It is counted after the commit.
    """
    CHANGES.create(hard=hard)
    connection = connections[DEFAULT_DB_ALIAS]
    if not connection.in_atomic_block and not connection.get_autocommit():
        here().doubt()  # somebody commits by hand, and Django is not told: it is counted by whoever comes next
        return
    inside = set(connection.savepoint_ids)
    if not any(done is _count and points <= inside for points, done, _ in connection.run_on_commit):
        transaction.on_commit(_count, robust=True)  # what cannot be counted now is by whoever comes next


def _count() -> None:
    count(here())


def present(site: Site) -> Generation:
    """As the database says it, with all that was committed so far; and `site` is told."""
    site.looked = site.clock()
    row = ROWS.annotate(noted=Exists(CHANGES)).first()
    if row is None or row.noted:
        return count(site)
    generation = Generation(row.number, row.barrier)
    # It may have been committed by one that was killed, or found the storage away, before it could tell it.
    return generation if site.has_told(generation) else count(site)


def look(site: Site) -> None:
    """Whoever has a connection anyway sees, now and then, to what was left uncounted or untold."""
    if site.is_to_look():
        present(site)


def count(site: Site) -> Generation:
    """Makes one new generation of all that was noted, if anything was, and tells the present one."""
    with transaction.atomic(using=DEFAULT_DB_ALIAS):
        # Whatever copies there are before the first count are those of another database.
        first = dict.fromkeys(("number", "barrier"), _now(site))
        row, _ = ROWS.select_for_update().get_or_create(pk=1, defaults=first)
        noted = list(CHANGES.values_list("pk", "hard"))
        if noted:
            CHANGES.filter(pk__in=[pk for pk, _ in noted]).delete()
            row.number = max(row.number + 1, _now(site))
            if any(hard for _, hard in noted):
                row.barrier = row.number
            row.save()
        generation = Generation(row.number, row.barrier)
        site.tell(generation)
    return generation


def _now(site: Site) -> int:
    return int(site.clock() * 1000)
