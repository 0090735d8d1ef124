"""Files, images and documents to test with. Everything lies in the test run's own media folder."""

from __future__ import annotations

import io
import itertools
import zipfile
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image as PillowImage
from pypdf import PdfWriter
from wagtail.models import Collection, CollectionViewRestriction

from cms.documents import MEDIA_TYPES
from cms.licences import Licence
from cms.models import CustomDocument, CustomImage

_numbers = itertools.count(1)


def pdf_bytes(pages: int = 3) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def png_bytes(width: int = 64, height: int = 48, colour: str = "teal") -> bytes:
    stream = io.BytesIO()
    PillowImage.new("RGB", (width, height), colour).save(stream, "PNG")
    return stream.getvalue()


def office_bytes(extension: str = "docx", *more: str) -> bytes:
    """A file with just the parts by which its kind is known, and ``more`` members."""
    members = {
        "docx": ["[Content_Types].xml", "word/document.xml"],
        "xlsx": ["[Content_Types].xml", "xl/workbook.xml"],
        "odt": ["mimetype", "content.xml"],
    }[extension]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in [*members, *more]:
            archive.writestr(name, MEDIA_TYPES[extension] if name == "mimetype" else "<x/>")
    return stream.getvalue()


def make_image(**fields: Any) -> CustomImage:
    number = next(_numbers)
    size = fields.pop("size", (64, 48))
    values = {
        "title": f"Picture {number}",
        "description": f"People at table {number}",
        "credit": "Ana Kovač",
        "licence": Licence.OWN,
        "file": ContentFile(png_bytes(*size), f"picture-{number}.png"),
    }
    return CustomImage.objects.create(**values | fields)


def make_document(**fields: Any) -> CustomDocument:
    number = next(_numbers)
    name = fields.pop("filename", f"document-{number}.pdf")
    values = {
        "title": f"Document {number}",
        "licence": Licence.CC_BY,
        "language": "en",
        "file": ContentFile(fields.pop("content", None) or pdf_bytes(), name),
    }
    return CustomDocument.objects.create(**values | fields)


def make_private_collection(name: str = "Private", password: str = "secret") -> Collection:
    collection = Collection.get_first_root_node().add_child(name=name)
    CollectionViewRestriction.objects.create(
        collection=collection, restriction_type=CollectionViewRestriction.PASSWORD, password=password
    )
    return collection
