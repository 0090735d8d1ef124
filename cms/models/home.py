"""The front page of one language."""

from __future__ import annotations

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.query import PageQuerySet
from wagtail.search import index

from cms.blocks import BodyBlock
from cms.forms import PageForm
from cms.listings import latest
from cms.visibility import readable_pages

from .organisation import OrganisationPage


class HomePage(Page):
    tagline = models.CharField(_("tagline"), max_length=255, blank=True)
    introduction = models.TextField(_("introduction"), blank=True)
    body = StreamField(BodyBlock(), blank=True, verbose_name=_("text"))

    base_form_class = PageForm
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["cms.OrganisationPage"]
    template = "cms/home_page.html"

    content_panels = [
        *Page.content_panels,
        FieldPanel("tagline"),
        FieldPanel("introduction"),
        FieldPanel("body"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = _("front page")
        verbose_name_plural = _("front pages")

    def organisations(self) -> PageQuerySet:
        """Every organisation that readers may see, by name."""
        return readable_pages(OrganisationPage).child_of(self).order_by("title")

    @cached_property
    def latest(self) -> list[Page]:
        """The newest content of all organisations."""
        return latest(self, 12)
