"""Which of two forms somebody wants: the machine-readable document, or the page for people. Pure; decides by the
``Accept`` header alone (RFC 9110 §12.5.1). Peers write that header in many ways, and a wrong guess breaks either their
timeline or somebody's browser (OB-10)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from federation.vocab.terms import ACTIVITY_JSON, LD_JSON_PROFILE

_LD_JSON = "application/ld+json"
_DOCUMENT = (ACTIVITY_JSON, _LD_JSON)
_HTML = "text/html"
_PAGE = (_HTML, "application/xhtml+xml")
# Commas and semicolons within quotes belong to the profile of a media type.
_RANGES = re.compile(r'(?:[^,"]|"[^"]*"?)+')
_PARAMETERS = re.compile(r'(?:[^;"]|"[^"]*"?)+')
_QUALITY = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")


class Choice(Enum):
    DOCUMENT = "document"
    PAGE = "page"
    NEITHER = "neither"


class Wish(NamedTuple):
    """``media_type`` is what a document is to be called; it is empty for the other forms."""

    choice: Choice
    media_type: str = ""


def choose(accept: str | None) -> Wish:
    """For an address that is a document's own. Without a preference it is the document; a browser, which names HTML and
    takes everything else as second best, gets the page. Any profile of ``application/ld+json`` counts."""
    weights = _read(accept)
    document = max(_weight(weights, name) for name in _DOCUMENT)
    page = _page_weight(weights)
    if document <= 0 and page <= 0:
        return Wish(Choice.NEITHER)
    named, page_named = (any(name in weights for name in names) for names in (_DOCUMENT, _PAGE))
    if page > document or (page == document and page_named and not named):
        return Wish(Choice.PAGE)
    wants_ld = _weight(weights, _LD_JSON) > _weight(weights, ACTIVITY_JSON)
    # GoToSocial takes no parameter but this charset; Mastodon takes ld+json only with the profile.
    return Wish(Choice.DOCUMENT, LD_JSON_PROFILE if wants_ld else f"{ACTIVITY_JSON}; charset=utf-8")


def wants_document_only(accept: str | None) -> bool:
    """For a page's address: whether ``accept`` names the document's types and leaves no room for HTML."""
    weights = _read(accept)
    named = any(weights.get(name, 0) > 0 for name in _DOCUMENT)
    return named and _page_weight(weights) <= 0


def _page_weight(weights: dict[str, float]) -> float:
    """Our pages are text/html; XHTML counts where a browser of long ago names it."""
    return max(_weight(weights, _HTML), *(weights.get(name, 0) for name in _PAGE))


def _weight(weights: dict[str, float], name: str) -> float:
    """The most specific range that matches decides, also when it says "not this"."""
    for candidate in (name, f"{name.partition('/')[0]}/*", "*/*"):
        if candidate in weights:
            return weights[candidate]
    return 0


def _read(accept: str | None) -> dict[str, float]:
    """Weight by range. An absent or empty header accepts everything."""
    if accept is None or not accept.strip():
        return {"*/*": 1}
    weights: dict[str, float] = {}
    for name, weight in _ranges(accept):
        weights[name] = max(weight, weights.get(name, 0))
    return weights


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for found in _RANGES.findall(accept):
        name, *parameters = [part.strip() for part in _PARAMETERS.findall(found)] or [""]
        yield ("*/*" if name == "*" else name.lower()), _quality(parameters)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        label, _, value = parameter.partition("=")
        if label.strip().lower() == "q":
            # Malformed weights are ignored rather than taken for a refusal.
            return float(value.strip()) if _QUALITY.fullmatch(value.strip()) else 1
    return 1
