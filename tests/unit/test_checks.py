"""Each check says what is wrong, and nothing about what is right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cms.checks import errors, warnings
from cms.checks.links import is_address
from cms.checks.phrases import is_vague, relative_dates
from cms.checks.piece import Finding, Kind, LeadsTo, Link, Paper, Picture, Piece, Place, Text
from cms.checks.rich_text import Anchor, read
from cms.checks.verdict import judge

HERE = Place("body", (2,), words="block 3")
SUMMARY = Text(Place("summary", words="Summary"), "What happened.")
PIECE = Piece("en", summary=SUMMARY, is_shared=True)
EMPTY = replace(SUMMARY, words="")
PICTURE = Picture(HERE, "Meeting", alt="People at a table", credit="Ana Kovač", licence="own-work")
PAPER = Paper(HERE, "Minutes", licence="CC-BY-4.0", is_private=False)


def _link(leads_to: LeadsTo, words: str = "the report of the meeting") -> Piece:
    return replace(PIECE, links=(Link(HERE, words, leads_to),))


def _names(findings: list[Finding]) -> list[tuple[str, Place]]:
    return [(finding.check, finding.place) for finding in findings]


@pytest.mark.parametrize("summary", ["", "  \n"])
def test_a_shared_page_needs_a_summary(summary: str) -> None:
    assert _names(errors.summary_is_missing(replace(PIECE, summary=replace(SUMMARY, words=summary)))) == [
        ("summary", SUMMARY.place)
    ]


@pytest.mark.parametrize(
    "piece", [PIECE, replace(PIECE, summary=EMPTY, is_shared=False), replace(PIECE, summary=None, is_shared=True)]
)
def test_no_summary_is_asked_for_where_there_is_one_or_nobody_gets_it(piece: Piece) -> None:
    assert errors.summary_is_missing(piece) == []


@pytest.mark.parametrize(
    ("check", "change", "name"),
    [
        (errors.alternative_text_is_missing, {"alt": " "}, "alternative-text"),
        (errors.credit_is_missing, {"credit": ""}, "credit"),
        (errors.licence_is_missing, {"licence": ""}, "licence"),
    ],
)
def test_what_a_picture_lacks_is_said_where_it_stands(check, change, name) -> None:
    lacking = replace(PIECE, pictures=(PICTURE, replace(PICTURE, title="Second", **change)))
    (finding,) = check(lacking)
    assert (finding.check, finding.place, "“Second”" in finding.sentence) == (name, HERE, True)
    assert check(replace(PIECE, pictures=(PICTURE,))) == []


def test_a_document_needs_a_licence() -> None:
    assert _names(errors.licence_is_missing(replace(PIECE, papers=(PAPER,)))) == []
    lacking = replace(PIECE, papers=(replace(PAPER, licence=""),))
    assert _names(errors.licence_is_missing(lacking)) == [("licence", HERE)]


@pytest.mark.parametrize("leads_to", [LeadsTo.NO_PAGE, LeadsTo.NO_DOCUMENT, LeadsTo.NO_ADDRESS])
def test_a_link_that_leads_nowhere_is_an_error(leads_to: LeadsTo) -> None:
    assert _names(errors.link_leads_nowhere(_link(leads_to))) == [("link", HERE)]


@pytest.mark.parametrize("leads_to", [LeadsTo.SOMEWHERE, LeadsTo.PRIVATE_DOCUMENT])
def test_other_links_are_no_such_error(leads_to: LeadsTo) -> None:
    assert errors.link_leads_nowhere(_link(leads_to)) == []


def test_a_private_document_on_an_open_page_is_an_error() -> None:
    attached = replace(PIECE, papers=(PAPER, replace(PAPER, title="Budget", is_private=True)))
    linked = _link(LeadsTo.PRIVATE_DOCUMENT)
    assert [finding.sentence[:8] for finding in errors.document_is_private(attached)] == ["“Budget”"]
    assert _names(errors.document_is_private(linked)) == [("private-document", HERE)]


def test_a_private_document_on_a_private_page_is_none() -> None:
    piece = replace(PIECE, is_open=False, papers=(replace(PAPER, is_private=True),))
    assert errors.document_is_private(piece) == []


@pytest.mark.parametrize(
    "href",
    [
        "https://example.org",
        "http://example.org/a?b#c",
        "https://münchen.example/",
        "//example.org/a",
        "/news/",
        "#agenda",
        "mailto:office@example.org",
        "tel:+381 11 555",
    ],
)
def test_addresses_that_lead_somewhere(href: str) -> None:
    assert is_address(href)


@pytest.mark.parametrize(
    "href",
    [
        "",
        " ",
        "#",
        "http://",
        "https:///a",
        "http://?q=1",
        "www.example.org",
        "news",
        "file:///C:/Users/ana/report.docx",
        "javascript:void(0)",
        "mailto:",
        "mailto:@",
        "tel:",
        "http://[broken",
    ],
)
def test_addresses_that_lead_nowhere(href: str) -> None:
    assert not is_address(href)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "click here"),
        ("en", "Here."),
        ("en", "Read more »"),
        ("en", "→ more"),
        ("en", "Click here to see the report"),
        ("de", "Hier"),
        ("de", "mehr …"),
        ("de", "Klicken Sie hier"),
        ("es", "aquí"),
        ("es", "Leer más"),
    ],
)
def test_words_of_a_link_that_say_nothing(language: str, words: str) -> None:
    assert is_vague(words, language)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Here be dragons: a report"),
        ("en", "More money for libraries"),
        ("en", "hier"),
        ("de", "more"),
        ("de", "Mehr Geld für Büchereien"),
        ("es", "Más bibliotecas"),
        ("sr", "here"),
        ("en", ""),
    ],
)
def test_words_of_a_link_that_say_something(language: str, words: str) -> None:
    assert not is_vague(words, language)


def test_a_vague_link_is_a_warning_only_where_it_leads_somewhere() -> None:
    assert _names(warnings.link_says_nothing(_link(LeadsTo.SOMEWHERE, "here"))) == [("vague-link", HERE)]
    assert warnings.link_says_nothing(_link(LeadsTo.NO_PAGE, "here")) == []


@pytest.mark.parametrize(("length", "count"), [(300, 0), (301, 1)])
def test_a_long_summary_is_a_warning(length: int, count: int) -> None:
    piece = replace(PIECE, summary=replace(SUMMARY, words="x" * length))
    assert len(warnings.summary_is_long(piece)) == count
    assert warnings.summary_is_long(replace(piece, is_shared=False)) == []


@pytest.mark.parametrize(
    ("language", "words", "found"),
    [
        ("en", "They met yesterday and again last week.", ["yesterday", "last week"]),
        ("en", "This year's meeting", ["This year"]),
        ("en", "three weeks ago, next month, on Monday", ["three weeks ago", "next month"]),
        ("en", "Last Tuesday; last tuesday", ["Last Tuesday"]),
        (
            "de",
            "Das diesjährige Treffen begann gestern, letzte Woche war es ruhig.",
            ["diesjährige", "gestern", "letzte Woche"],
        ),
        ("de", "Im nächsten Jahr, morgen, vor zwei Wochen", ["nächsten Jahr", "morgen", "vor zwei Wochen"]),
        ("es", "Ayer, la semana pasada y este año", ["Ayer", "la semana pasada", "este año"]),
        ("es", "Será mañana, o el próximo mes; hace dos semanas", ["mañana", "el próximo mes", "hace dos semanas"]),
    ],
)
def test_words_that_depend_on_the_day_are_found(language: str, words: str, found: list[str]) -> None:
    assert relative_dates(words, language) == found


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "On 5 March 2026 they met; “we began yesterday”, she said."),
        ("en", 'He wrote "see you tomorrow".'),
        ("en", "the last year of the programme, the next week after that"),
        ("en", "yesteryear, weekly, the month of May"),
        ("de", "„Wir haben gestern begonnen“, sagte sie am Morgen des 5. März 2026."),
        ("de", "Sie sagte: »Heute beginnt es.«"),
        ("es", "El 5 de marzo por la mañana; «empezamos ayer», dijo."),
        ("sr", "yesterday"),
    ],
)
def test_dates_and_what_somebody_said_are_left_alone(language: str, words: str) -> None:
    assert relative_dates(words, language) == []


def test_a_mark_without_its_partner_hides_nothing() -> None:
    """Fails if a quotation may go on over paragraphs."""
    assert relative_dates("5” of rain. “It\nrained yesterday", "en") == ["yesterday"]


def test_all_relative_dates_of_a_place_are_one_warning() -> None:
    piece = replace(PIECE, texts=(Text(HERE, "yesterday or last week"), Text(Place("title"), "A title")))
    (finding,) = warnings.date_is_relative(piece)
    assert (finding.place, "“yesterday”, “last week”" in finding.sentence) == (HERE, True)


def test_rich_text_gives_its_links_and_no_quoted_words() -> None:
    source = (
        '<p>One <a linktype="page" id="7">our <b>page</b></a> two</p><blockquote>said <a href="https://a.example">x</a>'
        '</blockquote><ul><li>three</li></ul><a linktype="document" id="9">paper</a><a>bare</a>'
    )
    words, anchors = read(source)
    assert words.split() == ["One", "our", "page", "two", "three", "paperbare"]
    assert anchors == [
        Anchor("our page", "page", "7"),
        Anchor("x", "", "https://a.example"),
        Anchor("paper", "document", "9"),
        Anchor("bare", "", ""),
    ]


def test_a_verdict_has_both_kinds_and_names_its_content() -> None:
    piece = replace(PIECE, summary=EMPTY, links=(Link(HERE, "here", LeadsTo.SOMEWHERE),))
    verdict = judge(piece)
    assert [finding.kind for finding in verdict.errors + verdict.warnings] == [Kind.ERROR, Kind.WARNING]
    assert judge(replace(piece)).content == verdict.content
    assert judge(replace(piece, summary=SUMMARY)).content != verdict.content
    assert not judge(PIECE)
