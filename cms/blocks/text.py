"""Blocks of words. The features of rich text are those whose HTML survives a trip to other servers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

PARAGRAPH_FEATURES = ["h2", "h3", "h4", "bold", "italic", "ol", "ul", "link", "document-link", "blockquote", "code"]
PLAIN_FEATURES = ["bold", "italic", "ol", "ul", "link", "document-link"]


class HeadingBlock(blocks.StructBlock):
    text = blocks.CharBlock(label=_("Text"), max_length=255)
    level = blocks.ChoiceBlock(
        label=_("Level"), choices=[("h2", _("Main")), ("h3", _("Sub")), ("h4", _("Small"))], default="h2"
    )

    class Meta:
        icon = "title"
        label = _("Heading")
        template = "cms/blocks/heading.html"


class QuoteBlock(blocks.StructBlock):
    """Somebody's words. ``role`` is the role at the time of speaking (D5)."""

    text = blocks.TextBlock(label=_("Quotation"))
    name = blocks.CharBlock(label=_("Who said it"), max_length=255, required=False)
    role = blocks.CharBlock(label=_("Role at that time"), max_length=255, required=False)

    class Meta:
        icon = "openquote"
        label = _("Quotation")
        template = "cms/blocks/quote.html"


class CalloutBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("Title"), max_length=255, required=False)
    text = blocks.RichTextBlock(label=_("Text"), features=PLAIN_FEATURES)

    class Meta:
        icon = "info-circle"
        label = _("Call-out")
        template = "cms/blocks/callout.html"
