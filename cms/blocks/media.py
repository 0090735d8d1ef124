"""Pictures, documents and videos in a body. Credit, licence and alternative text come from the image itself, so they
cannot be forgotten in the text (D13)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock

from cms.embeds import Embed, read_embed


class FigureBlock(blocks.StructBlock):
    image = ImageChooserBlock(label=_("Image"))
    caption = blocks.CharBlock(label=_("Caption"), max_length=500, required=False)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "cms/blocks/figure.html"


class DocumentListBlock(blocks.StructBlock):
    """Documents to download. The reader sees title, kind, size, pages and language of each, never “here” (D7)."""

    heading = blocks.CharBlock(label=_("Heading"), max_length=255, required=False)
    documents = blocks.ListBlock(DocumentChooserBlock(label=_("Document")), label=_("Documents"), min_num=1)

    class Meta:
        icon = "doc-full"
        label = _("Documents")
        template = "cms/blocks/documents.html"


class EmbedValue(blocks.StructValue):
    @property
    def embed(self) -> Embed:
        return read_embed(self.get("url", ""))


class EmbedBlock(blocks.StructBlock):
    """A video or post that lives elsewhere. Nothing is loaded from there before the reader clicks; without JavaScript
    it stays a link (D12)."""

    url = blocks.URLBlock(label=_("Address"), help_text=_("The page of the video or post."))
    title = blocks.CharBlock(label=_("Title"), max_length=255)
    poster = ImageChooserBlock(label=_("Still picture"), required=False, help_text=_("Shown until the reader clicks."))
    transcript = DocumentChooserBlock(label=_("Transcript"), required=False)

    class Meta:
        icon = "media"
        label = _("Video or post from elsewhere")
        template = "cms/blocks/embed.html"
        value_class = EmbedValue

    def clean(self, value: EmbedValue) -> EmbedValue:
        cleaned: EmbedValue = super().clean(value)
        if not cleaned["url"].startswith("https://"):
            wrong = ValidationError(_("The address must begin with https://."))
            raise blocks.StructBlockValidationError(block_errors={"url": wrong})
        return cleaned
