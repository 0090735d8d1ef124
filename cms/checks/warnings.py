"""What is seldom meant, and sometimes is. The editor is asked once."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .phrases import is_vague, relative_dates
from .piece import Finding, Kind, LeadsTo, Piece, Place

LONG_SUMMARY = 300


def link_says_nothing(piece: Piece) -> list[Finding]:
    """Whoever cannot see the page hears the links one after the other, without the sentence around them."""
    text = _("The link “%(words)s” does not say where it leads. Name what readers find there.")
    return [
        _warning("vague-link", link.place, text % {"words": link.words})
        for link in piece.links
        if link.leads_to is LeadsTo.SOMEWHERE and is_vague(link.words, piece.language)
    ]


def summary_is_long(piece: Piece) -> list[Finding]:
    if piece.summary is None or not piece.is_shared:
        return []
    length = len(piece.summary.words)
    if length <= LONG_SUMMARY:
        return []
    text = ngettext(
        "The summary has %(length)d character; a timeline reads well up to %(most)d. Shorten it if you can.",
        "The summary has %(length)d characters; a timeline reads well up to %(most)d. Shorten it if you can.",
        length,
    )
    return [_warning("long-summary", piece.summary.place, text % {"length": length, "most": LONG_SUMMARY})]


def date_is_relative(piece: Piece) -> list[Finding]:
    """A page is read for years, and its words arrive elsewhere when they arrive."""
    found = ((text.place, relative_dates(text.words, piece.language)) for text in piece.texts)
    return [
        _warning(
            "relative-date",
            place,
            ngettext(
                "%(words)s means something else tomorrow. Write the date.",
                "%(words)s mean something else tomorrow. Write the dates.",
                len(phrases),
            )
            % {"words": ", ".join(_("“%(phrase)s”") % {"phrase": phrase} for phrase in phrases)},
        )
        for place, phrases in found
        if phrases
    ]


def _warning(check: str, place: Place, sentence: str) -> Finding:
    return Finding(Kind.WARNING, check, place, sentence)
