"""News of an organisation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from .base import Shareable


class NewsPage(Shareable):
    kind = "news"
    kind_label = _("News")
    template = "cms/news_page.html"

    content_panels = [
        *Page.content_panels,
        *Shareable.head_panels,
        FieldPanel("body"),
        *Shareable.sharing_panels,
        *Shareable.row_panels,
    ]

    class Meta:
        verbose_name = _("news")
        verbose_name_plural = _("news")
