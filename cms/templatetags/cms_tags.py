"""What templates need to show images and documents safely. A template never names an image but through these."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.defaultfilters import filesizeformat
from wagtail.rich_text import RichText

from cms.collections import public_documents
from cms.collections import public_image as find_public_image
from cms.links import without_hidden_targets
from cms.models import CustomDocument, CustomImage

register = template.Library()


@register.simple_tag
def public_image(image: CustomImage | None, spec: str) -> Any:
    """A rendition (``url``, ``width``, ``height``, ``image`` …) if anybody may see the image; else None.

    ``{% public_image page.lead_image "fill-800x450" as picture %}``
    """
    shown = find_public_image(image)
    return shown.get_rendition(spec) if shown else None


@register.simple_tag
def public_renditions(image: CustomImage | None, *specs: str) -> list[Any]:
    """Several renditions of one image, for ``srcset``; an empty list if not everybody may see it."""
    shown = find_public_image(image)
    return list(shown.get_renditions(*specs).values()) if shown else []


@register.filter
def only_public(documents: Any) -> list[CustomDocument]:
    """Those documents that anybody may load."""
    return public_documents(document for document in documents if document)


@register.filter
def with_public_links(text: RichText | None) -> RichText | str:
    """An editor's text without addresses of what not everybody may see."""
    return RichText(without_hidden_targets(text.source)) if text else ""


@register.filter
def file_size(document: CustomDocument) -> str:
    return filesizeformat(document.file_size or 0)
