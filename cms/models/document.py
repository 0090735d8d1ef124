"""The landing page of one or more documents: several languages or formats of one work share a page."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Page
from wagtail.search import index

from cms.languages import language_name
from cms.licences import Licence, licence_url

from .base import Shareable
from .media import DocumentKind


class DocumentPage(Shareable):
    kind = "document"
    document_kind = models.CharField(
        _("kind"), max_length=24, choices=DocumentKind.choices, default=DocumentKind.REPORT
    )
    licence = models.CharField(_("licence"), max_length=24, choices=Licence.choices, default=Licence.OWN)
    edition = models.CharField(
        _("edition"), max_length=120, blank=True, help_text=_("For example “2nd edition” or “draft”.")
    )

    template = "cms/document_page.html"

    content_panels = [
        *Page.content_panels,
        *Shareable.head_panels,
        MultiFieldPanel(
            [FieldPanel("document_kind"), FieldPanel("edition"), FieldPanel("licence")], heading=_("The document")
        ),
        InlinePanel("attachments", heading=_("Files"), label=_("File"), min_num=1),
        FieldPanel("body"),
        *Shareable.sharing_panels,
        *Shareable.row_panels[1:],
    ]
    search_fields = [*Shareable.search_fields, index.FilterField("document_kind")]

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    @property
    def kind_label(self) -> str:
        return str(self.get_document_kind_display())

    @property
    def licence_url(self) -> str:
        return licence_url(self.licence)

    @property
    def file_languages(self) -> list[str]:
        """Names of the languages that the files are in, each once, in the files' order."""
        return list(dict.fromkeys(language_name(file.language) for file in self.files if file.language))
