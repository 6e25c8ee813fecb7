"""What counts as a change: each statement that writes to a table which visitors may see.

Signals alone would miss much: Wagtail moves documents into a private collection by QuerySet.update(), and its page
tree by plain SQL. What a statement does not tell, drafts.py does.
"""

import re
import threading
from collections.abc import Callable
from contextlib import nullcontext
from functools import cache
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Model
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractRendition
from wagtail.models import BaseLogEntry, Page

from ..conf import conf
from . import drafts
from .counting import note
from .site import is_on

# What editors and Django keep for themselves, and what comes about while a page is made. Of other packages' models
# a project names its own: SLEEPING["IGNORED_MODELS"].
UNSEEN = (
    *("admin.LogEntry", "sessions.Session", "contenttypes.ContentType", "sleeping.Generation", "sleeping.Change"),
    *("auth.Permission", "auth.Group", "auth.Group_permissions", "auth.User_groups", "auth.User_user_permissions"),
    *("wagtailadmin.Admin", "wagtailadmin.EditingSession", "wagtailadmin.FormState", "wagtailusers.UserProfile"),
    *("wagtailcore.GroupSitePermission", "wagtailcore.GroupCollectionPermission", "wagtailcore.GroupPagePermission"),
    *("wagtailcore.Revision", "wagtailcore.UploadedFile", "wagtailcore.ReferenceIndex"),
    *("wagtailcore.Comment", "wagtailcore.CommentReply", "wagtailcore.PageSubscription"),
    *("wagtailcore.Task", "wagtailcore.TaskState", "wagtailcore.GroupApprovalTask"),
    *("wagtailcore.GroupApprovalTask_groups", "wagtailcore.Workflow", "wagtailcore.WorkflowState"),
    *("wagtailcore.WorkflowTask", "wagtailcore.WorkflowPage", "wagtailcore.WorkflowContentType"),
    *("wagtailembeds.Embed", "wagtailsearch.IndexEntry", "wagtailsearch.SQLiteFTSIndexEntry"),
    *("wagtailforms.FormSubmission", "wagtailsearchpromotions.Query", "wagtailsearchpromotions.QueryDailyHits"),
)

# Whatever is done to these may take something away from visitors.
HARD = (
    *("wagtailcore.Site", "wagtailcore.Locale", "wagtailcore.Collection", "wagtailredirects.Redirect"),
    *("wagtailcore.PageViewRestriction", "wagtailcore.PageViewRestriction_groups"),
    *("wagtailcore.CollectionViewRestriction", "wagtailcore.CollectionViewRestriction_groups"),
)

# Saving a draft of a page that is live, a page made below one, and signing in write these and nothing else.
UNSEEN_COLUMNS = frozenset(
    [
        *("latest_revision_id", "latest_revision_created_at", "draft_title", "has_unpublished_changes", "numchild"),
        *("locked", "locked_at", "locked_by_id", "last_login", "password"),
    ]
)
WHERE_IT_IS = frozenset(["live", "path", "depth", "url_path", "slug"])
WHOLE = frozenset(["title", "draft_title", "seo_title", "depth"])  # a page that is saved names all its columns

WRITE = re.compile(
    r"""\s*(?P<verb>INSERT|REPLACE|UPDATE|DELETE|TRUNCATE|MERGE)\b
        (?:\s+(?:INTO|FROM|TABLE|ONLY|OR\s+\w+)\b)*\s+(?:["`]?\w+["`]?\.)?["`]?(?P<table>\w+)""",
    re.IGNORECASE | re.VERBOSE,
)
UPDATES = re.compile(r"\s*(UPDATE|DELETE)\b", re.IGNORECASE)
COMMENT = re.compile(r"\s*(?:/\*.*?\*/|--[^\n]*\n)\s*", re.DOTALL)
WITHIN = re.compile(r"\s*(WITH\b.*\b(INSERT|UPDATE|DELETE|MERGE)|CALL|DO)\b", re.IGNORECASE | re.DOTALL)
SET = re.compile(r"\bSET\b(.*?)(?:\bWHERE\b|$)", re.IGNORECASE | re.DOTALL)
COLUMN = re.compile(r"[\"`]?(\w+)[\"`]?\s*=")

_doing = threading.local()


def watch(connection: Any, **_: Any) -> None:
    """Of a connection that has just been made: a receiver of Django's connection_created."""
    if connection.alias == DEFAULT_DB_ALIAS and notice not in connection.execute_wrappers:
        # First: the log's wrapper is around whoever connects, and Django takes the last one away for it.
        connection.execute_wrappers.insert(0, notice)
        if connection.vendor == "sqlite":
            # It commits nothing while a row that it returns has not been fetched. Django does without, too.
            connection.features.can_return_columns_from_insert = False


def notice(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """A wrapper of Django's around all that is executed."""
    connection, text = context["connection"], _text(sql, context["connection"])
    is_a_look = text.startswith("SELECT") and ";" not in text
    if is_a_look or not is_on() or migrating.going_on or getattr(_doing, "it", False):
        return execute(sql, params, many, context)
    hard = is_hard(text)
    if hard is None or drafts.being_saved(connection, table_of(text)):
        return execute(sql, params, many, context)
    # The change and the note of it are committed together, or neither.
    alone = connection.get_autocommit() and not connection.in_atomic_block
    with transaction.atomic() if alone else nullcontext():
        result = execute(sql, params, many, context)
        if not (UPDATES.match(text) and context["cursor"].rowcount == 0):
            _note(hard)
    return result


def _note(hard: bool) -> None:
    _doing.it = True  # what note() writes is none
    try:
        note(hard)
    finally:
        _doing.it = False


def _text(sql: Any, connection: Any) -> str:
    """psycopg's own kind of statement is put together with the connection's help."""
    return sql.as_string(connection.connection) if hasattr(sql, "as_string") else str(sql)


def is_hard(sql: str) -> bool | None:
    """Of what changes that visitors see: whether something may be taken away from them. Else None."""
    found = [hard for each in sql.split(";") if (hard := _is_hard(each)) is not None]
    return any(found) if found else None


def _is_hard(statement: str) -> bool | None:
    match = _write(statement)
    if not match:
        return True if WITHIN.match(statement) else None
    verb, table, known = match["verb"].upper(), match["table"], tables()
    if verb == "TRUNCATE" and "," in statement:
        return True  # `flush` names all tables there are
    if table not in known.seen:
        return False if table in known.made and verb == "DELETE" else None
    if verb != "UPDATE":
        return table in known.hard or (table in known.pages and verb in ("DELETE", "TRUNCATE"))
    named = "".join(SET.findall(statement))
    columns = set(COLUMN.findall(statement if "SELECT" in named.upper() else named))
    if columns and columns <= UNSEEN_COLUMNS:
        return None
    moved = table in known.pages and bool(columns & WHERE_IT_IS) and not columns >= WHOLE
    return moved or table in known.hard


def table_of(sql: str) -> str:
    """Into which it writes; empty where that is not known."""
    match = _write(sql)
    return match["table"] if match and ";" not in sql else ""


def _write(statement: str) -> re.Match[str] | None:
    while comment := COMMENT.match(statement):
        statement = statement[comment.end() :]
    return WRITE.match(statement)


class Tables(NamedTuple):
    seen: frozenset[str]
    hard: frozenset[str]
    pages: frozenset[str]
    made: frozenset[str]
    """What comes about while a page is made, and which it then shows."""


@cache
def tables() -> Tables:
    """Raises ImproperlyConfigured for a model that is not there."""
    models = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}
    for label in conf().ignored_models:
        if label.lower() not in map(str.lower, models):
            raise ImproperlyConfigured(
                f'SLEEPING["IGNORED_MODELS"] holds {label!r}: there is no such model. It takes names like "app.Model".'
            )
    unseen = {label.lower() for label in (*UNSEEN, *conf().ignored_models)}
    kinds = (AbstractRendition, BaseLogEntry, *_form_submissions())
    seen = {model for label, model in models.items() if label.lower() not in unseen and not issubclass(model, kinds)}
    hard = {model for model in seen if model._meta.label in HARD or issubclass(model, AbstractDocument)}
    pages = {model for model in seen if issubclass(model, Page)}
    made = {model for model in models.values() if issubclass(model, AbstractRendition)}
    return Tables(_tables(seen), _tables(hard), _tables(pages), _tables(made))


def _tables(models: set[type[Model]]) -> frozenset[str]:
    return frozenset(model._meta.db_table for model in models)


def _form_submissions() -> tuple[type, ...]:
    if not apps.is_installed("wagtail.contrib.forms"):
        return ()
    from wagtail.contrib.forms.models import AbstractFormSubmission

    return (AbstractFormSubmission,)


class Migrating:
    """While tables are being made, there may be none to note a change in. Afterwards, all of it is one."""

    going_on = False

    def begin(self, **_: Any) -> None:
        self.going_on = True

    def end(self, plan: Any = (), **_: Any) -> None:
        self.going_on = False
        if plan and is_on():
            note(hard=True)


migrating = Migrating()


@setting_changed.connect
def _forget(*, setting: str, **_: Any) -> None:
    if setting in ("SLEEPING", "INSTALLED_APPS"):
        tables.cache_clear()
