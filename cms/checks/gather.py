"""Reads a page, as it stands in a form or in a version, into the plain values that the checks look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import singledispatchmethod
from typing import Any

from django.db.models import ForeignKey
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from modelcluster.models import get_all_child_relations
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.documents import get_document_model
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.documents.models import AbstractDocument
from wagtail.fields import RichTextField, StreamField
from wagtail.images.blocks import ImageChooserBlock
from wagtail.images.models import AbstractImage
from wagtail.models import Page

from cms.blocks.text import QuoteBlock
from cms.collections import private_collection_ids
from cms.keys import find_number
from cms.links import documents_that_load, pages_that_open
from cms.visibility import unrestricted

from .links import is_address
from .piece import LeadsTo, Link, Paper, Picture, Piece, Place, Step, Text
from .rich_text import Anchor, read

# Fields of pages and their rows that hold sentences for readers.
_SENTENCES = {"title", "summary", "tagline", "introduction", "lead_caption", "content_note", "text"}
_UNSEEN = {"comments"}  # what editors tell each other
Rows = Callable[[str], Iterable[tuple[int, Any]]]


def gather(page: Any, parent: Page | None = None, rows: Rows | None = None) -> Piece:
    """``parent`` is where a page that was never saved will be. ``rows`` gives the rows of a relation with their numbers
    in the form; without it they are the page's own."""
    found = _Found(page)
    found.add_fields(page)
    for relation in get_all_child_relations(page):
        name = relation.get_accessor_name()
        if name not in _UNSEEN:
            for number, row in rows(name) if rows else enumerate(getattr(page, name).all()):
                found.add_fields(row, name, number)
    is_shareable = hasattr(page, "share")
    return Piece(
        language=page.locale.language_code.split("-")[0],
        summary=next((text for text in found.texts if text.place.field == "summary"), None) if is_shareable else None,
        is_shared=is_shareable and bool(page.share),
        is_open=unrestricted(page, parent),
        texts=tuple(found.texts),
        links=tuple(found.links()),
        pictures=tuple(found.pictures),
        papers=tuple(found.papers()),
    )


@dataclass
class _Found:
    """Collects; what a link or document leads to is asked once for all, at the end."""

    page: Any
    texts: list[Text] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    anchors: list[tuple[Place, Anchor]] = field(default_factory=list)
    documents: list[tuple[Place, Any]] = field(default_factory=list)

    def add_fields(self, content: Any, rows: str = "", row: int = 0) -> None:
        """A page, or one of its rows."""
        for model_field in content._meta.get_fields():
            name = model_field.name
            place = Place(name, rows=rows, row=row, words=_row_words(content, row) if rows else _label(model_field))
            if isinstance(model_field, StreamField):
                self._stream(place, getattr(content, name))
            elif isinstance(model_field, RichTextField):
                self._rich_text(place, getattr(content, name))
            elif name in _SENTENCES and not model_field.is_relation:
                self.texts.append(Text(place, getattr(content, name) or ""))
            elif isinstance(model_field, ForeignKey) and issubclass(
                model_field.related_model, (AbstractImage, AbstractDocument)
            ):
                self._file(place, getattr(content, name))

    def links(self) -> Iterator[Link]:
        numbers = {
            kind: {_number(a.target) for _, a in self.anchors if a.kind == kind} for kind in ("page", "document")
        }
        readable = pages_that_open(numbers["page"]) | {self.page.pk}  # it may link to a place in itself
        existing = set(get_document_model().objects.filter(pk__in=numbers["document"]).values_list("pk", flat=True))
        loadable = documents_that_load(numbers["document"])
        for place, anchor in self.anchors:
            number = _number(anchor.target)
            if anchor.kind == "page":
                leads_to = LeadsTo.SOMEWHERE if number in readable else LeadsTo.NO_PAGE
            elif anchor.kind == "document":
                hidden = LeadsTo.PRIVATE_DOCUMENT if number in existing else LeadsTo.NO_DOCUMENT
                leads_to = LeadsTo.SOMEWHERE if number in loadable else hidden
            else:
                leads_to = LeadsTo.SOMEWHERE if is_address(anchor.target) else LeadsTo.NO_ADDRESS
            yield Link(place, anchor.words, leads_to)

    def _numbers(self, kind: str) -> set[int]:
        return {_number(anchor.target) for _place, anchor in self.anchors if anchor.kind == kind}

    def papers(self) -> Iterator[Paper]:
        hidden = private_collection_ids() if self.documents else set()
        for place, document in self.documents:
            licence = getattr(document, "licence", "")
            yield Paper(place, document.title, licence, is_private=document.collection_id in hidden)

    def _file(self, place: Place, file: Any) -> None:
        if isinstance(file, AbstractDocument):
            self.documents.append((place, file))
        elif file is not None:
            credit, licence = getattr(file, "credit", ""), getattr(file, "licence", "")
            self.pictures.append(Picture(place, file.title, file.description, credit, licence))

    def _rich_text(self, place: Place, source: str) -> None:
        words, anchors = read(source or "")
        self.texts.append(Text(place, words))
        self.anchors += [(place, anchor) for anchor in anchors]

    def _stream(self, place: Place, value: Any) -> None:
        for number, child in enumerate(value or ()):
            label = _("block %(number)d, %(kind)s") % {"number": number + 1, "kind": child.block.label}
            words = ", ".join(part for part in (place.words, label) if part)
            start = Place(place.field, (number,), place.rows, place.row, words)
            self._block(child.block, child.value, start)

    @singledispatchmethod
    def _block(self, block: Any, value: Any, place: Place) -> None:
        """All other blocks hold nothing that is checked: numbers, times, choices."""

    @_block.register
    def _(self, block: blocks.StructBlock, value: Any, place: Place) -> None:
        for name, child in block.child_blocks.items():
            if not (isinstance(block, QuoteBlock) and name == "text"):  # somebody else's words
                self._block(child, value.get(name), _inside(place, name))

    @_block.register
    def _(self, block: blocks.ListBlock, value: Any, place: Place) -> None:
        for number, child in enumerate(value.bound_blocks):
            self._block(child.block, child.value, _inside(place, number))

    @_block.register
    def _(self, block: blocks.StreamBlock, value: Any, place: Place) -> None:
        for number, child in enumerate(value):
            self._block(child.block, child.value, _inside(place, number))

    @_block.register
    def _(self, block: TypedTableBlock, value: Any, place: Place) -> None:
        for row in value.rows if value else ():
            for cell in row:
                self._block(cell.block, cell.value, place)

    @_block.register(blocks.CharBlock)
    @_block.register(blocks.TextBlock)
    def _(self, block: Any, value: Any, place: Place) -> None:
        self.texts.append(Text(place, value or ""))

    @_block.register
    def _(self, block: blocks.RichTextBlock, value: Any, place: Place) -> None:
        if value is not None:
            self._rich_text(place, value.source)

    @_block.register
    def _(self, block: blocks.URLBlock, value: Any, place: Place) -> None:
        self.anchors.append((place, Anchor("", "", value or "")))

    @_block.register(ImageChooserBlock)
    @_block.register(DocumentChooserBlock)
    def _(self, block: Any, value: Any, place: Place) -> None:
        self._file(place, value)


def _inside(place: Place, step: Step) -> Place:
    return Place(place.field, (*place.path, step), place.rows, place.row, place.words)


def _label(model_field: Any) -> str:
    return capfirst(str(getattr(model_field, "verbose_name", "")))


def _row_words(row: Any, number: int) -> str:
    return f"{capfirst(row._meta.verbose_name)} {number + 1}"


def _number(text: str) -> int:
    """0, which nothing has, for what is no number."""
    return find_number(text) or 0
