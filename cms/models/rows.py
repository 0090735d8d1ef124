"""Ordered rows that belong to a page: who wrote it, what was corrected, which files and pages belong to it.

They hang on Wagtail's ``Page`` itself, so that one table serves every type and one query finds every page that uses a
document. Only the content types show them in their forms.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, PageChooserPanel
from wagtail.models import Orderable


class Credit(Orderable):
    """Somebody who made the piece, with the role that they had then: people change posts, bylines must not (D5)."""

    page = ParentalKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="credits")
    name = models.CharField(_("name"), max_length=255)
    role = models.CharField(_("role at that time"), max_length=255, blank=True)
    affiliation = models.CharField(_("organisation at that time"), max_length=255, blank=True)

    panels = [FieldPanel("name"), FieldPanel("role"), FieldPanel("affiliation")]

    class Meta(Orderable.Meta):
        verbose_name = _("author")

    def __str__(self) -> str:
        return ", ".join(part for part in (self.name, self.role, self.affiliation) if part)


class Correction(Orderable):
    """What was wrong, and since when it is right. Public: a silent change costs trust (D9)."""

    page = ParentalKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="corrections")
    date = models.DateField(_("date"), default=timezone.localdate)
    text = models.TextField(_("what was corrected"))

    panels = [FieldPanel("date"), FieldPanel("text")]

    class Meta(Orderable.Meta):
        verbose_name = _("correction")

    def __str__(self) -> str:
        return f"{self.date}: {self.text}"


class Attachment(Orderable):
    """A document of the page. It is chosen, never typed as a link, so it cannot get lost (D1)."""

    page = ParentalKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="attachments")
    document = models.ForeignKey(
        "cms.CustomDocument", on_delete=models.CASCADE, related_name="+", verbose_name=_("document")
    )

    panels = [FieldPanel("document")]

    class Meta(Orderable.Meta):
        verbose_name = _("document")

    def __str__(self) -> str:
        return str(self.document)


class Relation(models.TextChoices):
    FURTHER = "further", _("Further reading")
    REPORT_OF = "report-of", _("Report of")
    DOCUMENT_OF = "document-of", _("Document of")
    FOLLOWS = "follows", _("Follows on from")
    CORRECTS = "corrects", _("Corrects")


class RelatedPage(Orderable):
    """A page of ours that belongs with this one; a choice, not an address in text (D1)."""

    page = ParentalKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="related_pages")
    target = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+", verbose_name=_("page"))
    relation = models.CharField(_("relation"), max_length=16, choices=Relation.choices, default=Relation.FURTHER)

    panels = [
        PageChooserPanel("target", ["cms.NewsPage", "cms.ReportPage", "cms.DocumentPage", "cms.OrganisationPage"]),
        FieldPanel("relation"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("related page")

    def __str__(self) -> str:
        return f"{self.get_relation_display()}: {self.target}"

    def clean(self) -> None:
        super().clean()
        if self.page_id and self.target_id == self.page_id:
            raise ValidationError({"target": _("A page is not related to itself.")})
