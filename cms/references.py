"""Which images, documents and pages a piece of content uses, and how to take out those that it may not use. Whether it
may is the caller's to answer: a function of model and primary key (a string)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bs4 import BeautifulSoup
from django.db import models
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel, get_all_child_relations
from wagtail.blocks import ListBlock, RichTextBlock, StreamBlock, StructBlock
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage
from wagtail.models import Page
from wagtail.rich_text import RichText, extract_references_from_rich_text

Reference = tuple[type[models.Model], str]
May = Callable[[Reference], bool]

_GUARDED = (Page, AbstractImage, AbstractDocument)


def is_guarded(model: type[Any]) -> bool:
    return issubclass(model, _GUARDED)


def normal(model: type[Any], number: Any) -> Reference:
    """The same for each type of page, since their numbers are of one series."""
    return (Page if issubclass(model, Page) else model, str(number))


def references_of(content: models.Model) -> Iterator[Reference]:
    """Everything guarded that the object uses, its rows included."""
    for field in content._meta.get_fields():
        if is_chooser(field):
            value = field.value_from_object(content)  # type: ignore[union-attr]
            if value is not None:
                yield normal(field.related_model, value)  # type: ignore[arg-type]
        elif hasattr(field, "extract_references"):
            yield from _guarded(field.extract_references(field.value_from_object(content)))  # type: ignore[union-attr]
    if isinstance(content, ClusterableModel):
        for relation in get_all_child_relations(content):
            for row in getattr(content, relation.get_accessor_name()).all():
                yield from references_of(row)


def is_chooser(field: Any) -> bool:
    """Whether the model field points to an image, a document or a page, and is not merely how a row belongs to one."""
    is_link = isinstance(field, models.ForeignKey) and not isinstance(field, ParentalKey)
    return is_link and not field.remote_field.parent_link and is_guarded(field.remote_field.model)


def allowed_text(source: str, may: May) -> str:
    """Rich text as Wagtail stores it. A link keeps its words and loses its target; an embed goes."""
    if all(map(may, _guarded(extract_references_from_rich_text(source)))):
        return source
    soup = BeautifulSoup(source, "html.parser")
    for tag in soup.find_all(["a", "embed"]):
        if not all(map(may, _guarded(extract_references_from_rich_text(str(tag))))):
            tag.unwrap()
    return str(soup)


def allowed_value(block: Any, value: Any, may: May) -> Any:
    """The value of a block of a StreamField, changed in place where it holds others."""
    if isinstance(block, StreamBlock):
        for child in value:
            child.value = allowed_value(child.block, child.value, may)
    elif isinstance(block, ListBlock):
        for child in value.bound_blocks:
            child.value = allowed_value(child.block, child.value, may)
    elif isinstance(block, StructBlock):
        for name, child_block in block.child_blocks.items():
            value[name] = allowed_value(child_block, value.get(name), may)
    elif value is not None and not all(map(may, _guarded(block.extract_references(value)))):
        return RichText(allowed_text(value.source, may)) if isinstance(block, RichTextBlock) else block.get_default()
    return value


def _guarded(found: Any) -> Iterator[Reference]:
    return (normal(model, number) for model, number, *_paths in found if is_guarded(model))
