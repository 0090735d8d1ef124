"""Images and documents with what readers need to trust and reuse them: who made it, what it shows, what one may do.

Nothing here decides who may see a file; that is ``cms.visibility`` for images and the document view for documents.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.fields.files import FieldFile
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage, AbstractRendition
from wagtail.search import index

from cms.documents import (
    MEDIA_TYPES,
    document_path,
    document_storage,
    document_url,
    inspect_upload,
    may_show_inline,
)
from cms.languages import language_choices, language_name
from cms.licences import Licence, licence_url

_NEEDS_SOURCE = {
    Licence.CC_BY,
    Licence.CC_BY_SA,
    Licence.CC_BY_NC,
    Licence.CC_BY_ND,
    Licence.CC_BY_NC_SA,
    Licence.CC_BY_NC_ND,
    Licence.UNSPLASH,
}


class CustomImage(AbstractImage):
    description = models.CharField(
        _("alternative text"),
        max_length=1000,
        help_text=_("What the picture shows, for people who cannot see it. Not a caption."),
    )
    credit = models.CharField(
        _("credit"), max_length=255, help_text=_("Who made it, for example “Ana Kovač” or “NIOK Foundation”.")
    )
    credit_url = models.URLField(_("source address"), blank=True, help_text=_("Where the picture was published."))
    licence = models.CharField(_("licence"), max_length=24, choices=Licence.choices)

    admin_form_fields = (
        "title",
        "file",
        "description",
        "credit",
        "credit_url",
        "licence",
        "collection",
        "tags",
        "focal_point_x",
        "focal_point_y",
        "focal_point_width",
        "focal_point_height",
    )
    search_fields = [*AbstractImage.search_fields, index.SearchField("credit"), index.FilterField("licence")]

    class Meta(AbstractImage.Meta):
        verbose_name = _("image")
        verbose_name_plural = _("images")

    @property
    def alt(self) -> str:
        return self.description

    @property
    def licence_url(self) -> str:
        return licence_url(self.licence)

    def clean(self) -> None:
        super().clean()
        if self.licence in _NEEDS_SOURCE and not self.credit_url:
            # Attribution under these licences includes a link to the source (CC BY 4.0, section 3(a)(1)(A)(v)).
            raise ValidationError({"credit_url": _("This licence asks for a link to the source.")})


class CustomRendition(AbstractRendition):
    image = models.ForeignKey(CustomImage, on_delete=models.CASCADE, related_name="renditions")

    def get_upload_to(self, filename: str) -> str:
        """In a folder that nobody can guess: image files are served to whoever knows their address, and those of a
        private collection exist too, for its editors (PR-02: addresses of renditions are not guessable)."""
        folder, _slash, name = str(super().get_upload_to(filename)).rpartition("/")
        secret = salted_hmac("cms.rendition", f"{self.image_id}:{self.image.file.name}").hexdigest()[:20]
        return f"{folder}/{secret}/{name}"

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)


class DocumentKind(models.TextChoices):
    REPORT = "report", _("Report")
    SUMMARY = "summary", _("Summary")
    MINUTES = "minutes", _("Minutes")
    AGENDA = "agenda", _("Agenda")
    POLICY = "policy", _("Policy brief")
    STATEMENT = "statement", _("Statement")
    GUIDE = "guide", _("Guide")
    PRESENTATION = "presentation", _("Presentation")
    DATA = "data", _("Data")
    FORM = "form", _("Form")
    OTHER = "other", _("Other document")


class CustomDocument(AbstractDocument):
    """A file to download. ``uuid`` is its address for ever; the file behind it may be replaced."""

    uuid = models.UUIDField(_("permanent number"), default=uuid.uuid4, unique=True, editable=False)
    file = models.FileField(_("file"), upload_to=document_path, storage=document_storage, max_length=255)
    kind = models.CharField(_("kind"), max_length=24, choices=DocumentKind.choices, default=DocumentKind.OTHER)
    language = models.CharField(_("language"), max_length=16, blank=True, choices=language_choices)
    licence = models.CharField(_("licence"), max_length=24, choices=Licence.choices)
    description = models.TextField(_("description"), blank=True)
    pages = models.PositiveIntegerField(_("pages"), null=True, blank=True, editable=False)
    media_type = models.CharField(_("file type"), max_length=127, blank=True, editable=False)
    sha256 = models.CharField(_("checksum (SHA-256)"), max_length=64, blank=True, editable=False)

    # The name of the file that the facts above are about.
    _inspected: Any = None

    admin_form_fields = ("title", "file", "kind", "language", "licence", "description", "collection", "tags")
    search_fields = [
        *AbstractDocument.search_fields,
        index.SearchField("description"),
        index.FilterField("kind"),
        index.FilterField("language"),
    ]

    class Meta(AbstractDocument.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    @property
    def url(self) -> str:
        """The address that never changes, without the host."""
        return document_url(self.uuid)

    @property
    def format_label(self) -> str:
        """“PDF”, “DOCX” …"""
        return str(self.file_extension).upper()

    @property
    def pages_text(self) -> str:
        """“3 pages”; empty if nobody counted."""
        return ngettext("%(count)d page", "%(count)d pages", self.pages) % {"count": self.pages} if self.pages else ""

    @property
    def language_name(self) -> str:
        return language_name(self.language)

    @property
    def licence_url(self) -> str:
        return licence_url(self.licence)

    @property
    def content_type(self) -> str:
        """Never guessed from the name alone: only listed types, all others are bytes."""
        return MEDIA_TYPES.get(str(self.file_extension).lower(), "application/octet-stream")

    @property
    def content_disposition(self) -> str:
        return "inline" if may_show_inline(self.content_type) else "attachment"

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any]) -> CustomDocument:
        document = super().from_db(db, field_names, values)
        document._inspected = document.__dict__.get("file")
        return document

    def clean(self) -> None:
        super().clean()
        self._inspect()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Looks into a new file here too, since imports and commands never call ``clean``."""
        try:
            self._inspect()
        except ValidationError:
            if self.file.name and _is_stored(
                self.file
            ):  # one of Wagtail's upload views stores the file before it saves the row
                self.file.storage.delete(self.file.name)
            raise
        super().save(*args, **kwargs)
        self._inspected = self.file.name

    def _inspect(self) -> None:
        """Learns what the file is, if it is new; raises ValidationError if it may not be offered."""
        if not self.file or (_is_stored(self.file) and self.file.name == str(self._inspected)):
            return
        facts = inspect_upload(self.file, str(self.filename))
        self.media_type, self.pages, self.sha256 = facts.media_type, facts.pages, facts.sha256
        self.file_size, self.file_hash = facts.size, facts.sha1


def _is_stored(file: FieldFile) -> bool:
    """Whether the file lies in the storage already; Django has no public name for that."""
    return bool(getattr(file, "_committed", True))
