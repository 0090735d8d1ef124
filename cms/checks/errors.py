"""What keeps a page from being published: readers would miss something, or others could not use it rightly."""

from __future__ import annotations

from django.utils.translation import gettext as _

from .piece import Finding, Kind, LeadsTo, Paper, Picture, Piece, Place


def summary_is_missing(piece: Piece) -> list[Finding]:
    """Most servers show headline, summary and link, and nothing else."""
    if not piece.is_shared or piece.summary is None or piece.summary.words.strip():
        return []
    return [_error("summary", piece.summary.place, _("Write a summary: Mastodon and others show little else."))]


def alternative_text_is_missing(piece: Piece) -> list[Finding]:
    text = _("“%(title)s” has no alternative text. Write in the library what the picture shows.")
    return [
        _error("alternative-text", picture.place, text % {"title": picture.title})
        for picture in piece.pictures
        if not picture.alt.strip()
    ]


def credit_is_missing(piece: Piece) -> list[Finding]:
    text = _("“%(title)s” has no credit. Write in the library who made the picture.")
    return [
        _error("credit", picture.place, text % {"title": picture.title})
        for picture in piece.pictures
        if not picture.credit.strip()
    ]


def licence_is_missing(piece: Piece) -> list[Finding]:
    text = _("“%(title)s” has no licence. Say in the library what others may do with it.")
    files: tuple[Picture | Paper, ...] = (*piece.pictures, *piece.papers)
    return [_error("licence", file.place, text % {"title": file.title}) for file in files if not file.licence]


def link_leads_nowhere(piece: Piece) -> list[Finding]:
    sentences = {
        LeadsTo.NO_PAGE: _("The link “%(words)s” leads to a page that readers cannot open. Choose another, or none."),
        LeadsTo.NO_DOCUMENT: _("The link “%(words)s” leads to a document that is gone. Choose another, or none."),
        LeadsTo.NO_ADDRESS: _("The link “%(words)s” leads nowhere. Give it a whole address, or take it away."),
    }
    return [
        _error("link", link.place, sentences[link.leads_to] % {"words": link.words})
        for link in piece.links
        if link.leads_to in sentences
    ]


def document_is_private(piece: Piece) -> list[Finding]:
    """Readers would not see that there is one: what is private is left out wherever they look."""
    if not piece.is_open:
        return []
    text = _("“%(title)s” is private, so readers would not get it. Move it to a public collection, or take it out.")
    linked = _("The link “%(words)s” leads to a private document. Move it to a public collection, or take it out.")
    papers = [
        _error("private-document", paper.place, text % {"title": paper.title})
        for paper in piece.papers
        if paper.is_private
    ]
    links = [
        _error("private-document", link.place, linked % {"words": link.words})
        for link in piece.links
        if link.leads_to is LeadsTo.PRIVATE_DOCUMENT
    ]
    return papers + links


def _error(check: str, place: Place, sentence: str) -> Finding:
    return Finding(Kind.ERROR, check, place, sentence)
