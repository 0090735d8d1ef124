"""Which blocks a body may hold. A new block needs a template, and a rendering for readers elsewhere in
``cms.rendering``; a test fails without it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from .agenda import AgendaItemBlock
from .data import DataTableBlock, KeyFigureBlock
from .media import DocumentListBlock, EmbedBlock, FigureBlock
from .text import PARAGRAPH_FEATURES, CalloutBlock, HeadingBlock, QuoteBlock


class BodyBlock(blocks.StreamBlock):
    heading = HeadingBlock()
    paragraph = blocks.RichTextBlock(
        features=PARAGRAPH_FEATURES, icon="pilcrow", label=_("Text"), template="cms/blocks/paragraph.html"
    )
    quote = QuoteBlock()
    figure = FigureBlock()
    documents = DocumentListBlock()
    callout = CalloutBlock()
    table = DataTableBlock()
    key_figures = blocks.ListBlock(
        KeyFigureBlock(),
        min_num=1,
        max_num=6,
        icon="list-ol",
        label=_("Key figures"),
        template="cms/blocks/key_figures.html",
    )
    embed = EmbedBlock()


class AgendaBlock(blocks.StreamBlock):
    item = AgendaItemBlock()
