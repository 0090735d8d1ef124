"""What happened on a day of a meeting, one item after the other."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import blocks

from .text import PLAIN_FEATURES


class AgendaItemBlock(blocks.StructBlock):
    start = blocks.TimeBlock(label=pgettext_lazy("a time", "From"), required=False)
    end = blocks.TimeBlock(label=pgettext_lazy("a time", "To"), required=False)
    title = blocks.CharBlock(label=_("Title"), max_length=255)
    speakers = blocks.CharBlock(label=_("Speakers"), max_length=500, required=False)
    text = blocks.RichTextBlock(label=_("Text"), features=PLAIN_FEATURES, required=False)

    class Meta:
        icon = "time"
        label = _("Agenda item")
        template = "cms/blocks/agenda_item.html"
