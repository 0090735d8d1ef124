"""The one definition of what the public may see, as conditions that the database decides.

``readable`` is about reading a page on the site; ``public`` adds what it takes to be shared with others. Both look at
the row and all its ancestors at this moment: neither a cache nor a signal nor the clock job has to run first. Python
code asks the same conditions (``is_public``), so that there is no second opinion. Default is refusal: a page deeper
than ``MAX_DEPTH`` is never public.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import BigIntegerField, Case, Exists, F, Model, OuterRef, Q, TextField, When
from django.db.models.functions import Cast, Left, Now, Substr
from django.db.models.lookups import Regex
from wagtail.models import Page, PageViewRestriction
from wagtail.query import PageQuerySet

from cms.keys import PAGE

MAX_DEPTH = 12


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


def readable_pages(model: type[Any] = Page) -> PageQuerySet:
    """Pages of this type that anybody may read now."""
    return model.objects.filter(readable())


def public_pages() -> PageQuerySet:
    """Everything public and shared now."""
    return Page.objects.filter(public())


def public_condition(key_reference: Any) -> Exists:
    """True where the key in the column ``key_reference`` (a name or an ``F``) is a page that is public and shared."""
    # An OuterRef is an F too, and stays what it is: the column of a query further out.
    name: Any = vars(key_reference)["name"] if type(key_reference) is F else key_reference
    outer = OuterRef(name)
    # The CASE keeps the cast away from keys that are not a page's, which the database would refuse to cast; the
    # comparison is with the bare column, so that its index is used.
    number = Case(
        When(_is_page_key(outer), then=Cast(Substr(outer, len(PAGE) + 1), BigIntegerField())),
        output_field=BigIntegerField(),
    )
    return Exists(Page.objects.order_by().filter(public(), pk=number))


def shareable_models() -> list[type[Model]]:
    """Page types whose editor decides about sharing."""
    return [
        model
        for model in apps.get_models()
        if issubclass(model, Page) and any(field.name == "share" for field in model._meta.local_fields)
    ]


def _is_page_key(outer: OuterRef) -> Any:
    return Regex(Cast(outer, TextField()), f"^{PAGE}[0-9]{{1,18}}$")


def _out(now: datetime | None) -> Q:
    return Q(live=True) & (Q(expire_at__isnull=True) | Q(expire_at__gt=now or Now()))


def _paths_up() -> list[Left]:
    """The paths of the page in question and of all pages above it. Equality with a short list uses the index of the
    ``path`` column; comparing prefixes would read every row."""
    return [Left(OuterRef("path"), Page.steplen * depth) for depth in range(1, MAX_DEPTH + 1)]


def _organisations() -> PageQuerySet:
    return apps.get_model("cms", "OrganisationPage").objects.order_by()


def _owners() -> PageQuerySet:
    return _organisations().filter(alias_of__isnull=True, path__in=_paths_up())


def _shared() -> Q:
    condition = Q(pk__in=[])
    for model in shareable_models():
        condition |= Q(Exists(model._default_manager.order_by().filter(pk=OuterRef("pk"), share=True)))
    return condition
