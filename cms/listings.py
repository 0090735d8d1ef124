"""Lists of content across page types, newest first. Every row has a date (D3) and may be read by anybody."""

from __future__ import annotations

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from wagtail.models import Page
from wagtail.query import PageQuerySet

from cms.visibility import readable, shareable_models


def content_pages(above: Page | None = None) -> PageQuerySet:
    """Readable news, reports and documents, below ``above`` if it is given. Slice it; call ``.specific()`` for the
    rows' own types. ``published_on`` is the date that readers see."""
    models = shareable_models()
    dates = [F(f"{model._meta.model_name}__published_on") for model in models]
    pages = Page.objects.type(*models).filter(readable(), alias_of__isnull=True)
    if above is not None:
        pages = pages.descendant_of(above)
    return pages.annotate(published_on=Coalesce(*dates)).order_by("-published_on", "-pk")


def own_content(organisation: Page) -> PageQuerySet:
    """News, reports and documents of the organisation in all its languages, also what nobody may read yet. None while
    its page is not saved."""
    versions = type(organisation)._default_manager.filter(translation_key=organisation.translation_key)
    below = Q(pk__in=[])
    for path in versions.filter(alias_of__isnull=True).values_list("path", flat=True):
        below |= Q(path__startswith=path)
    return Page.objects.type(*shareable_models()).filter(below, alias_of__isnull=True)


def latest(above: Page | None = None, count: int = 10) -> list[Page]:
    """The newest ``count``, as specific pages."""
    return list(content_pages(above).specific()[:count])
