"""A shelf of an organisation: its news, its reports or its documents."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from cms.forms import PageForm
from cms.listings import content_pages

from .organisation import Owned

ITEMS_ON_A_PAGE = 20


class SectionKind(models.TextChoices):
    NEWS = "news", _("News")
    REPORTS = "reports", _("Reports")
    DOCUMENTS = "documents", _("Documents")


class SectionPage(Owned):
    kind = models.CharField(_("holds"), max_length=16, choices=SectionKind.choices, default=SectionKind.NEWS)
    introduction = models.TextField(_("introduction"), blank=True)

    base_form_class = PageForm
    parent_page_types = ["cms.OrganisationPage"]
    subpage_types = ["cms.NewsPage", "cms.ReportPage", "cms.DocumentPage"]
    template = "cms/section_page.html"

    content_panels = [*Page.content_panels, FieldPanel("kind"), FieldPanel("introduction")]

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Adds ``items``: a page of a paginator over what the section holds, newest first, chosen by ``?page=``."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        paginator = Paginator(content_pages(self).specific(), ITEMS_ON_A_PAGE)
        return context | {"items": paginator.get_page(request.GET.get("page"))}
