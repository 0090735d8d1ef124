"""Whether files may be shown to everybody. Wagtail protects documents of a private collection when they are fetched,
but never image files: so nothing public may name an image of such a collection. Every template and every publication
asks here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Left, Length
from wagtail.models import Collection, CollectionViewRestriction

if TYPE_CHECKING:
    from cms.models import CustomDocument, CustomImage


def private_collection_ids() -> set[int]:
    """Collections that are private themselves or lie in a private one. One query."""
    restricted_above = (
        CollectionViewRestriction.objects.order_by()
        .annotate(above=F("collection__path"))
        .filter(above=Left(OuterRef("path"), Length("above")))
    )
    return set(Collection.objects.order_by().filter(Exists(restricted_above)).values_list("pk", flat=True))


def public_image(image: CustomImage | None) -> CustomImage | None:
    """The image, if anybody may see it."""
    return next(iter(public_images([image])), None) if image is not None else None


def public_images(images: Iterable[CustomImage]) -> list[CustomImage]:
    """Those that anybody may see, in the same order."""
    wanted = list(images)
    hidden = private_collection_ids() if wanted else set()
    return [image for image in wanted if image.collection_id not in hidden]


def public_documents(documents: Iterable[CustomDocument]) -> list[CustomDocument]:
    """Those that anybody may load, in the same order."""
    wanted = list(documents)
    hidden = private_collection_ids() if wanted else set()
    return [document for document in wanted if document.collection_id not in hidden]
