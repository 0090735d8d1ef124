"""Makes the demonstration's pictures and documents and puts them where the organisation's own files are."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.utils.text import slugify
from wagtail.models import Collection

from cms.licences import Licence
from cms.models import CustomDocument, CustomImage

from .drawings import draw, draw_mark
from .placeholder import pdf
from .shapes import Drawing, Paper

CREDIT = "Drawn by a program for this demonstration"


def make_picture(drawing: Drawing, collection: Collection | None) -> CustomImage:
    return _image(drawing.title, drawing.alt, draw(drawing.motif), collection)


def make_mark(name: str, collection: Collection | None) -> CustomImage:
    """A pattern in the place of a logo. Nobody's real sign is shown."""
    alt = f"A pattern of circles and squares that stands for {name} in this demonstration."
    return _image(f"Placeholder for {name}", alt, draw_mark(name), collection)


def make_document(paper: Paper, collection: Collection | None) -> CustomDocument:
    document = CustomDocument(
        title=paper.title,
        kind=paper.kind,
        language="en",
        licence=Licence.CC_BY,
        description=paper.description,
        collection=collection or Collection.get_first_root_node(),
        file=ContentFile(pdf(paper.title, paper.pages), paper.filename),
    )
    document.save()
    return document


def _image(title: str, alt: str, content: bytes, collection: Collection | None) -> CustomImage:
    image = CustomImage(
        title=title,
        description=alt,
        credit=CREDIT,
        licence=Licence.CC0,
        collection=collection or Collection.get_first_root_node(),
        file=ContentFile(content, f"{slugify(title) or 'drawing'}.png"),
    )
    image.save()
    return image
