"""The one definition of what the public may see, as conditions that the database decides.

``readable`` is about reading a page on the site; ``public`` adds what it takes to be shared with others. Both look at
the row and all its ancestors at this moment: neither a cache nor a signal nor the clock job has to run first. Python
code asks the same conditions (``is_public``), so that there is no second opinion. Default is refusal: a page deeper
than ``MAX_DEPTH`` is never public.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import BigIntegerField, BooleanField, Case, Exists, Func, Model, OuterRef, Q, TextField, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Left, Now, Substr
from django.db.models.lookups import Regex
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction
from wagtail.query import PageQuerySet

from cms.keys import PAGE

MAX_DEPTH = 12
PUBLIC_FUNCTION = "cms_page_is_public"
_COLUMN = "<the key's column>"


def readable(now: datetime | None = None) -> Q:
    """For a query of pages: standing, and without any restriction on itself or above."""
    return standing(now) & Q(~Exists(PageViewRestriction.objects.filter(page__path__in=_paths_up())))


def standing(now: datetime | None = None) -> Q:
    """For a query of pages: published, not past its expiry (even if nobody unpublished it yet), and its organisation
    published and not expired either. Some readers may see it, perhaps with a password."""
    hidden = _organisations().filter(~_out(now), path__in=_paths_up())
    return _out(now) & Q(depth__lte=MAX_DEPTH) & Q(~Exists(hidden))


def public(now: datetime | None = None) -> Q:
    """For a query of pages: readable, under an organisation, shared by its editor, and no alias of another page."""
    return readable(now) & Q(alias_of__isnull=True) & Exists(_owners()) & _shared()


def is_public(page: Page, now: datetime | None = None) -> bool:
    return bool(Page.objects.filter(public(now), pk=page.pk).exists())


def stands(page: Page, now: datetime | None = None) -> bool:
    return bool(Page.objects.filter(standing(now), pk=page.pk).exists())


def opens(page: Page, parent: Page | None = None) -> bool:
    """Whether anybody could read the page, and it could be shared, if it were published as it is now: nothing above
    hides it. ``parent`` is where a page that was never saved will be."""
    above = _above(page, parent)
    owned = _organisations().filter(alias_of__isnull=True, path__in=above)
    hidden = _organisations().filter(~_out(None), path__in=above).exclude(pk=page.pk)
    over = page.expire_at is not None and page.expire_at <= timezone.now()
    return not over and unrestricted(page, parent) and owned.exists() and not hidden.exists()


def unrestricted(page: Page, parent: Page | None = None) -> bool:
    """Whether neither the page nor one above it is for certain readers only."""
    return not PageViewRestriction.objects.filter(page__path__in=_above(page, parent)).exists()


def readable_pages(model: type[Any] = Page) -> PageQuerySet:
    """Pages of this type that anybody may read now."""
    return model.objects.filter(readable())


def public_pages() -> PageQuerySet:
    """Everything public and shared now."""
    return Page.objects.filter(public())


def public_condition(key_reference: Any, *, few: bool = False) -> Func:
    """True where the key in the column ``key_reference`` (a name or an ``F``) is a page that is public and shared. The
    column is not one of Wagtail's table of pages: the condition speaks of that table itself. With ``few`` the database
    asks for each row by a function, whose plan it keeps: planning costs it several times as much as one answer."""
    form = _PublicKeyKept if few else _PublicKey
    return form(key_reference, output_field=BooleanField())


def public_function_body() -> str:
    """The same condition as PL/pgSQL, about the function's argument ``key``."""
    pieces = [connection.ops.compose_sql(*piece) for piece in _compiled_condition()]  # type: ignore[attr-defined]
    return f" BEGIN RETURN {f'{PUBLIC_FUNCTION}.key'.join(pieces)}; END "


class _PublicKey(Func):
    """The condition as text, with the column put in. Django needs a hundred times as long to build and compile these
    expressions as the database to answer, and every request for a document asks; they never change."""

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override]
        column, given = compiler.compile(self.source_expressions[0])
        assert f'"{Page._meta.db_table}"' not in column, column
        (text, parameters), *others = _compiled_condition()
        found = list(parameters)
        for more, parameters in others:
            text += column + more
            found += [*given, *parameters]
        return text, tuple(found)


class _PublicKeyKept(Func):
    function = PUBLIC_FUNCTION


@lru_cache(maxsize=1)
def _compiled_condition() -> list[tuple[str, tuple[Any, ...]]]:
    """The pieces between which the column stands, each with its own parameters."""
    column = RawSQL(_COLUMN, (), output_field=TextField())  # noqa: S611 -- a constant
    # The CASE keeps the cast away from keys that are not a page's, which the database would refuse to cast; the
    # comparison is with the bare column, so that its index is used.
    number = Case(
        When(_is_page_key(column), then=Cast(Substr(column, len(PAGE) + 1), BigIntegerField())),
        output_field=BigIntegerField(),
    )
    query = Page.objects.order_by().filter(public(), pk=number).query.exists()
    text, parameters = query.get_compiler(connection=connection).as_sql()
    left = iter(parameters)
    return [(piece, tuple(islice(left, piece.count("%s")))) for piece in f"EXISTS({text})".split(_COLUMN)]


def shareable_models() -> list[type[Model]]:
    """Page types whose editor decides about sharing."""
    return [
        model
        for model in apps.get_models()
        if issubclass(model, Page) and any(field.name == "share" for field in model._meta.local_fields)
    ]


def _is_page_key(column: RawSQL) -> Any:
    return Regex(Cast(column, TextField()), f"^{PAGE}[0-9]{{1,18}}$")


def _out(now: datetime | None) -> Q:
    return Q(live=True) & (Q(expire_at__isnull=True) | Q(expire_at__gt=now or Now()))


def _paths_up() -> list[Left]:
    """The paths of the page in question and of all pages above it. Equality with a short list uses the index of the
    ``path`` column; comparing prefixes would read every row."""
    return [Left(OuterRef("path"), Page.steplen * depth) for depth in range(1, MAX_DEPTH + 1)]


def _above(page: Page, parent: Page | None) -> list[str]:
    """The paths of the page, if it has one, and of all pages above it."""
    lowest = page if page.pk is not None or parent is None else parent
    return [lowest.path[: Page.steplen * depth] for depth in range(1, lowest.depth + 1)]


def _organisations() -> PageQuerySet:
    return apps.get_model("cms", "OrganisationPage").objects.order_by()


def _owners() -> PageQuerySet:
    return _organisations().filter(alias_of__isnull=True, path__in=_paths_up())


def _shared() -> Q:
    condition = Q(pk__in=[])
    for model in shareable_models():
        condition |= Q(Exists(model._default_manager.order_by().filter(pk=OuterRef("pk"), share=True)))
    return condition
