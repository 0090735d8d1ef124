"""Serves renditions of images, which are public by nature, and nothing else that lies in ``MEDIA_ROOT``: originals may
carry the place where a picture was taken, and half-finished uploads lie there too. A web server in front may serve
``/media/images/`` itself; it must not serve the rest of ``/media/``."""

from __future__ import annotations

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

IMAGE_TYPES: dict[str, str] = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
}
_A_MONTH = 30 * 24 * 3600


def image_type(name: str) -> str | None:
    """The media type of an image file, by its name; None if it is not a type that we serve."""
    return IMAGE_TYPES.get(name.rpartition(".")[2].lower())


@require_safe
def serve_image(request: HttpRequest, name: str) -> FileResponse:
    media_type = image_type(name)
    if media_type is None or ".." in name.split("/"):  # the storage would let ".." out of the folder of renditions
        raise Http404
    try:
        file = default_storage.open(f"images/{name}", "rb")
    except (OSError, SuspiciousFileOperation, ValueError) as error:  # also for a name too long for the disk
        raise Http404 from error
    response = FileResponse(file, content_type=media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'"
    # Replacing an image makes files with new names.
    response["Cache-Control"] = f"public, max-age={_A_MONTH}"
    return response
