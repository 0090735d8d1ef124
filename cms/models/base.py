"""What every page of content has: an owner, a date, a summary, a picture, and (``sharing``) the editor's intent about
sharing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.validators import MaxLengthValidator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from cms.blocks import BodyBlock
from cms.collections import public_documents, public_image
from cms.dates import day_text
from cms.desk import is_connected
from cms.forms import ShareableForm
from cms.translated_fields import ROWS, SHARING
from cms.visibility import readable_pages

from .sharing import Shared
from .waiting import Waiting

if TYPE_CHECKING:
    from .media import CustomDocument, CustomImage
    from .rows import Credit

SUMMARY_LENGTH = 500


class Shareable(Waiting, Shared):
    """A page of content that can be shared with Mastodon and others."""

    summary = models.TextField(
        _("summary"),
        blank=True,
        max_length=SUMMARY_LENGTH,
        validators=[MaxLengthValidator(SUMMARY_LENGTH)],
        help_text=_("What happened and why it matters, in at most 500 characters. Followers see this first."),
    )
    published_on = models.DateField(
        _("date"), default=timezone.localdate, help_text=_("The date that readers see. Every list shows it.")
    )
    place = models.CharField(
        _("place"), max_length=120, blank=True, help_text=_("For the dateline, for example Belgrade.")
    )
    lead_image = models.ForeignKey(
        "cms.CustomImage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lead picture"),
    )
    lead_caption = models.CharField(_("caption"), max_length=500, blank=True)
    body = StreamField(BodyBlock(), blank=True, verbose_name=_("text"))

    base_form_class = ShareableForm
    override_translatable_fields = [*ROWS, *SHARING]
    # A copy is a new piece: its editor decides again whether to share it.
    exclude_fields_in_copy = ["share", "website_only"]
    parent_page_types = ["cms.OrganisationPage", "cms.SectionPage"]
    subpage_types: list[str] = []

    kind: ClassVar[str]
    kind_label: ClassVar[Any]

    head_panels = [
        FieldPanel("published_on"),
        FieldPanel("place"),
        MultiFieldPanel([FieldPanel("lead_image"), FieldPanel("lead_caption")], heading=_("Lead picture")),
    ]
    row_panels = [
        InlinePanel("attachments", heading=_("Documents"), label=_("Document")),
        InlinePanel("credits", heading=_("Authors"), label=_("Author")),
        InlinePanel("related_pages", heading=_("Related pages"), label=_("Page")),
        InlinePanel("corrections", heading=_("Corrections"), label=_("Correction")),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("summary", boost=2),
        index.SearchField("body"),
        index.FilterField("published_on"),
        index.FilterField("share"),
    ]

    class Meta:
        abstract = True

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        """The page itself, and what others make of it."""
        return [("", _("On our site")), *(_previews("modes")() if is_connected() else [])]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        if mode_name and mode_name in dict(self.preview_modes):
            return _previews("serve")(self, request, mode_name)
        return super().serve_preview(request, mode_name)

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """A summary may be too long in a draft, and the editor's form refuses to publish it. Whoever publishes a draft
        by other ways is not met by an error that says nothing: elsewhere the summary then ends with an ellipsis."""
        super().clean_fields(exclude={*(exclude or ()), "summary"})

    @property
    def dated(self) -> datetime:
        """The editorial date as a moment: midnight in the site's time zone."""
        return datetime.combine(self.published_on, time.min, timezone.get_default_timezone())

    @property
    def teaser_date(self) -> date:
        """The date that stands in every list (D3)."""
        return self.published_on

    @property
    def dateline_date(self) -> str:
        """The date as words, always with its year (D8)."""
        return day_text(self.published_on)

    @property
    def dateline(self) -> str:
        """“Belgrade · 30 May 2022”."""
        return " · ".join(part for part in (self.place, self.dateline_date) if part)

    @cached_property
    def byline_entries(self) -> list[Credit]:
        """Authors with ``name``, and ``role`` and ``affiliation`` as they were then."""
        return list(self.credits.all())

    @property
    def byline(self) -> str:
        return "; ".join(str(entry) for entry in self.byline_entries)

    @property
    def documents(self) -> list[CustomDocument]:
        """All documents of the page, each once: those attached, then those in the text. Some may be private."""
        attached = [row.document for row in self.attachments.select_related("document")]
        blocks = (block.value["documents"] for block in self.body if block.block_type == "documents")
        return list(dict.fromkeys(document for document in chain(attached, *blocks) if document))

    @property
    def images(self) -> list[CustomImage]:
        """All images of the page, each once: the lead picture, then those in the text. Some may be private."""
        figures = (block.value["image"] for block in self.body if block.block_type == "figure")
        return list(dict.fromkeys(image for image in (self.lead_image, *figures) if image))

    @cached_property
    def files(self) -> list[CustomDocument]:
        """The documents attached to the page that anybody may load, in order."""
        return public_documents(row.document for row in self.attachments.select_related("document"))

    @cached_property
    def related(self) -> list[Page]:
        """Pages chosen as related that the public may see now, as specific pages, in the editor's order."""
        rows = {row.target_id: position for position, row in enumerate(self.related_pages.all())}
        pages = readable_pages().filter(pk__in=rows).specific()
        return sorted(pages, key=lambda page: rows[page.pk])

    @cached_property
    def picture(self) -> CustomImage | None:
        """The lead picture, if the public may see it."""
        return public_image(self.lead_image)


def _previews(name: str) -> Any:
    """Found by its path: the room above draws what the models hold, so it imports them."""
    return import_string(f"cms.previews.{name}")
