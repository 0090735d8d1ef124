"""Where translating hooks into Wagtail."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.models import Page
from wagtail_localize.models import StringTranslation

from cms.scope import sees_every_page

from .scope import REPORT, SUBMIT, UPDATE
from .views import OurSubmitView, OurUpdateView, publish_translation

hooks.register("before_edit_page", publish_translation, order=-10)  # Wagtail Localize would publish by itself


@hooks.register("register_admin_urls", order=-10)  # the same address as its own, and found first
def addresses_of_translating() -> list[URLPattern]:
    return [
        path("localize/submit/page/<int:page_id>/", OurSubmitView.as_view(), name=SUBMIT),
        path("localize/update/<int:translation_source_id>/", OurUpdateView.as_view(), name=UPDATE),
    ]


@hooks.register("construct_reports_menu")
def hide_report_on_all_translations(request: HttpRequest, items: list[MenuItem]) -> None:
    """``cms.admin_scope`` closes its address to those who may not see everything."""
    if not sees_every_page(request.user):
        items[:] = [item for item in items if item.url != reverse(REPORT)]


@receiver([post_save, post_delete], sender=StringTranslation, dispatch_uid="cms.translating.title")
def keep_title_of_live_page(instance: StringTranslation, **_kwargs: Any) -> None:
    """Wagtail Localize calls a page by the title that is just being translated. Lists that others see go on calling a
    live page by its public title (``cms.models.organisation.Owned``)."""
    if instance.context.path == "title":
        pages = Page.objects.filter(translation_key=instance.context.object_id, locale=instance.locale_id, live=True)
        pages.update(draft_title=F("title"))
