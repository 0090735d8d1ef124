"""Turns images of the library into what the contract calls a picture: an absolute address of a rendition, with all that
must travel with it (alternative text, credit, licence, focus)."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from wagtail.images.models import SourceImageIOError

from cms.addresses import absolute
from cms.collections import public_image, public_images
from cms.media import image_type
from cms.models import CustomImage
from federation.contract import Picture

logger = logging.getLogger(__name__)

LARGE = "max-1600x1600"
AVATAR = "fill-400x400"
HEADER = "fill-1500x500"


def pictures(images: Iterable[CustomImage]) -> tuple[Picture, ...]:
    """Those that anybody may see, each once, in order."""
    found = (_picture(image, LARGE) for image in public_images(dict.fromkeys(images)))
    return tuple(picture for picture in found if picture)


def find_picture(image: CustomImage | None, spec: str) -> Picture | None:
    """One picture, if there is one and anybody may see it."""
    shown = public_image(image)
    return _picture(shown, spec) if shown else None


def _picture(image: CustomImage, spec: str) -> Picture | None:
    """None, and a line for the operator, where the file is lost: one missing picture must not hide a profile."""
    try:
        rendition = image.get_rendition(spec)
    except SourceImageIOError:
        logger.warning("the file of image %s is missing", image.pk)
        return None
    return Picture(
        url=absolute(rendition.url),
        alt=image.description,
        media_type=image_type(rendition.file.name) or "image/jpeg",
        width=rendition.width,
        height=rendition.height,
        credit=image.credit,
        licence=image.licence,
        # A picture that was cut around its focus has it in the middle.
        focus=_focus(image) if spec == LARGE else None,
        original=image.file.name,
    )


def _focus(image: CustomImage) -> tuple[float, float] | None:
    """From pixels, y downwards, to the contract's -1 … 1, y upwards."""
    if image.focal_point_x is None or image.focal_point_y is None or not image.width or not image.height:
        return None
    x = 2 * image.focal_point_x / image.width - 1
    y = 1 - 2 * image.focal_point_y / image.height
    return round(max(-1.0, min(1.0, x)), 2), round(max(-1.0, min(1.0, y)), 2)
