"""Which pages an address of Wagtail Localize is about. Its own views ask whether the user may translate at all, and
mostly whether they may edit the translation, but not whose the source is."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail_localize.models import Translation, TranslationSource

from cms.scope import all_among

_NAMESPACE = "wagtail_localize:"
# Ours in the place of theirs.
SUBMIT, UPDATE = "cms_submit_translation", "cms_update_translations"
REPORT = "wagtail_localize:translations_report"


def may_translate(name: str, kwargs: dict[str, Any], user: Any) -> bool:
    """Whether the user may edit every page that the address names; True for addresses of others. ``name`` is the
    view's."""
    if not name.startswith((_NAMESPACE, SUBMIT, UPDATE)):
        return True
    return all_among(_pages(kwargs), PagePermissionPolicy().instances_user_has_permission_for(user, "change"))


def _pages(kwargs: dict[str, Any]) -> set[Any]:
    """Primary keys; 0, which nobody has, for what does not exist."""
    if "page_id" in kwargs:
        return {kwargs["page_id"]}
    if "translation_source_id" in kwargs:
        sources = TranslationSource.objects.filter(pk=kwargs["translation_source_id"])
        return _of(sources) | _of(sources, "translations__target_locale") or {0}
    if "translation_id" in kwargs:
        translations = Translation.objects.filter(pk=kwargs["translation_id"])
        return _of(translations, "target_locale", "source__object") or {0}
    return set()


def _of(rows: Any, locale: str = "locale", item: str = "object") -> set[int]:
    pairs = rows.filter(**{f"{locale}__isnull": False}).values_list(f"{item}_id", locale)
    wanted = Q(pk__in=[])
    for key, language in pairs:
        wanted |= Q(translation_key=key, locale=language)
    return set(Page.objects.filter(wanted).values_list("pk", flat=True))
