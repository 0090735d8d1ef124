"""Documents are safe to host: what may be uploaded, where it lies, and under which address and type it is served.

An uploaded file on our own origin that a peer takes for one of our objects is a forged actor (GHSA-jhrq-qvrm-qr36), and
one that a browser runs is a stolen session. So types are a closed list, content must be what the name says, and files
lie outside of everything that a web server might serve by path. Wagtail's hooks are asked before each answer, in
``cms.document_views``.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import unicodedata
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage
from django.urls import reverse
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _
from pypdf import PdfReader

MAX_BYTES = 100 * 1024 * 1024

MEDIA_TYPES: dict[str, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "epub": "application/epub+zip",
    "rtf": "application/rtf",
    "csv": "text/csv; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}

# A document of one of these kinds is a ZIP file that contains this.
_MEMBERS = {
    "docx": "word/document.xml",
    "xlsx": "xl/workbook.xml",
    "pptx": "ppt/presentation.xml",
    "odt": "content.xml",
    "ods": "content.xml",
    "odp": "content.xml",
    "epub": "META-INF/container.xml",
}
_HAS_MIMETYPE = {"odt", "ods", "odp", "epub"}
_INLINE = {"application/pdf"}
# How markup and objects begin. Plain text that starts like this pretends to be plain text.
_ACTIVE_STARTS = (b"<", b"{", b"[{", b'["')


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What an upload turned out to be. ``size`` is bytes; ``pages`` is None where it cannot be counted."""

    media_type: str
    size: int
    sha1: str
    sha256: str
    pages: int | None = None


@deconstructible
class DocumentStorage(FileSystemStorage):
    """Keeps documents outside of ``MEDIA_ROOT``, so that no path leads to them; their address is the stable one."""

    def __init__(self) -> None:
        super().__init__(location=documents_root(), file_permissions_mode=0o600, directory_permissions_mode=0o700)

    def url(self, name: str | None) -> str:
        return document_url(uuid.UUID(Path(name or "").parts[0]))


def documents_root() -> Path:
    """Where documents lie: ``CMS["DOCUMENTS_ROOT"]``, or beside the folder of images."""
    configured = getattr(settings, "CMS", {}).get("DOCUMENTS_ROOT")
    return Path(configured or Path(settings.MEDIA_ROOT).resolve().parent / "documents")


def document_storage() -> DocumentStorage:
    return DocumentStorage()


def document_path(document: Any, filename: str) -> str:
    """``<uuid>/<random>/<name>``: a folder per upload keeps the editor's name for it, also after a replacement."""
    name = unicodedata.normalize("NFC", os.path.basename(filename))[-120:]
    return f"{document.uuid}/{secrets.token_hex(4)}/{name}"


def document_url(number: uuid.UUID) -> str:
    return reverse("cms_document", args=[number])


def may_show_inline(media_type: str) -> bool:
    """Whether a browser may open the type in its own viewer. Everything else is saved to disk."""
    return media_type in _INLINE


def inspect_upload(file: Any, filename: str) -> FileFacts:
    """Looks into the file, wherever it comes from; raises ValidationError, with ``file`` as the field, if it is not
    what its name says or not of a listed type."""
    extension = Path(filename).suffix.lower().removeprefix(".")
    if extension not in MEDIA_TYPES:
        raise _refuse(_("Files of this type cannot be offered. Allowed are: %s.") % ", ".join(MEDIA_TYPES))
    if file.size > MAX_BYTES:
        raise _refuse(_("The file is larger than %d MB.") % (MAX_BYTES // 1024 // 1024))
    stream: IO[bytes] = file.open("rb")
    stream.seek(0)
    if not _CHECKS[extension](stream, extension):
        raise _refuse(_("This is not a %s file, although its name says so.") % extension.upper())
    sha1, sha256 = _digests(stream)
    pages = _count_pages(stream) if extension == "pdf" else None
    stream.seek(0)
    return FileFacts(MEDIA_TYPES[extension].partition(";")[0], file.size, sha1, sha256, pages)


def _refuse(message: str) -> ValidationError:
    return ValidationError({"file": message})


def _is_pdf(stream: IO[bytes], extension: str) -> bool:
    # At the very start: readers accept the mark later in the file too, which lets a file be two things at once.
    return _head(stream).startswith(b"%PDF-")


def _is_rtf(stream: IO[bytes], extension: str) -> bool:
    return _head(stream).startswith(b"{\\rtf1")


def _is_office(stream: IO[bytes], extension: str) -> bool:
    if not _head(stream).startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
            right_kind = extension not in _HAS_MIMETYPE or (
                "mimetype" in names and archive.read("mimetype")[:100].strip().decode() == MEDIA_TYPES[extension]
            )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, UnicodeDecodeError, OSError, EOFError):
        return False
    has_macros = any(name.lower().endswith("vbaproject.bin") or name.startswith("Basic/") for name in names)
    return right_kind and _MEMBERS[extension] in names and not has_macros


def _is_text(stream: IO[bytes], extension: str) -> bool:
    head = _head(stream, 64 * 1024)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return b"\x00" not in head and not start.startswith(_ACTIVE_STARTS)


_CHECKS = {
    **dict.fromkeys(MEDIA_TYPES, _is_office),
    "pdf": _is_pdf,
    "rtf": _is_rtf,
    "csv": _is_text,
    "txt": _is_text,
}


def _head(stream: IO[bytes], length: int = 16) -> bytes:
    stream.seek(0)
    return stream.read(length)


def _digests(stream: IO[bytes]) -> tuple[str, str]:
    stream.seek(0)
    sha1, sha256 = hashlib.sha1(usedforsecurity=False), hashlib.sha256()
    while chunk := stream.read(1024 * 1024):
        sha1.update(chunk)
        sha256.update(chunk)
    return sha1.hexdigest(), sha256.hexdigest()


def _count_pages(stream: IO[bytes]) -> int | None:
    """None where the file is encrypted or too broken to count."""
    stream.seek(0)
    try:
        return len(PdfReader(stream).pages)
    except Exception:  # noqa: BLE001 – pypdf meets hostile and broken files here and raises whatever its parts raise
        return None
