"""Links by which a profile and a page say that they belong together."""

from __future__ import annotations

import re
import time
from html import unescape

import pytest
from bs4 import BeautifulSoup

from federation.vocab.html import clean_outbound
from federation.vocab.rel_me import links_back, named_links, spelled_out
from tests.factories.documents import make_actor
from tests.factories.publications import HUB

PROFILE = f"{HUB}/partner/"


def _field(address: str, words: str = "words", rel: str = "me nofollow noopener") -> str:
    return clean_outbound(f'<a href="{address}" rel="{rel}">{words}</a>', HUB)


@pytest.mark.parametrize(
    "address",
    [
        "https://ngo.example/",
        "https://ngo.example",
        "https://ngo.example/about/us/",
        "https://ngo.example/?a=1&amp;b=2",
        "http://ngo.example/ü",
        "https://social.example/@solidar",
    ],
)
def test_mastodon_takes_a_field_for_a_link_that_it_can_check(address: str) -> None:
    """It takes a field that is one link and nothing else, and whose words are exactly its address (Account::Field).
    Fails if the scheme or the last slash is left out, as people like to read it."""
    field = spelled_out(_field(address))
    (link,) = BeautifulSoup(field, "html.parser").children
    assert (link.name, link["href"], link.get_text()) == ("a", unescape(address), unescape(address))  # type: ignore[union-attr,index]
    assert "me" in link["rel"]  # type: ignore[index]


def test_people_do_not_see_scheme_and_slash() -> None:
    field = spelled_out(_field("https://ngo.example/about/"))
    assert re.sub(r'<span class="invisible">[^<]*</span>', "", field).endswith("<span>ngo.example/about</span></a>")


@pytest.mark.parametrize("field", ["2019", '<a href="https://a.example/">a</a>', _field("https://a.example/") + " and"])
def test_other_fields_stay_as_they_are(field: str) -> None:
    assert spelled_out(field) == field


def test_what_is_spelled_out_is_clean() -> None:
    field = spelled_out(_field("https://ngo.example/?a=1&amp;b=2"))
    assert clean_outbound(field, HUB) == field


def test_a_document_says_which_pages_it_names() -> None:
    fields = (
        ("Website", _field("https://ngo.example/?a=1&amp;b=2")),
        ("Since", "2019"),
        ("Elsewhere", _field("https://social.example/@solidar")),
        ("Again", _field("https://social.example/@solidar")),
        ("Friends", '<a href="https://friends.example/">https://friends.example/</a>'),
    )
    document = make_actor(fields=fields)
    assert named_links(document) == ["https://ngo.example/?a=1&b=2", "https://social.example/@solidar"]


@pytest.mark.parametrize(
    "page",
    [
        f'<a rel="me" href="{PROFILE}">us</a>',
        f'<p><A HREF="{PROFILE.upper()}" REL="noopener me">us</A>',
        f'<head><link rel="me" href="{PROFILE}"></head>',
        f"<!doctype html><!-- x --><a href='{PROFILE}' rel=me>us</a>",
        f'<a href="{PROFILE.replace("/", "&#x2F;")}" rel="me">us</a>',
        f'<a rel="me" href="https://other.example/">x</a><a rel="me" href="{PROFILE}">us</a>',
    ],
)
def test_a_page_that_links_back_is_found(page: str) -> None:
    assert links_back(page, PROFILE)


@pytest.mark.parametrize(
    "page",
    [
        "",
        f'<a href="{PROFILE}">us</a>',
        f'<a rel="met" href="{PROFILE}">us</a>',
        f'<a rel="me" href="{PROFILE.rstrip("/")}">us</a>',
        f'<a rel="me" href="{PROFILE}x">us</a>',
        f'<!-- <a rel="me" href="{PROFILE}">us</a> -->',
        f'<script>"<a rel=me href={PROFILE}>"</script>',
        f'<img rel="me" href="{PROFILE}">',
        f'<a rel="nofollow" rel="me" href="{PROFILE}">us</a>',
        f'<a rel="me" href="https://other.example/">{PROFILE}</a>',
    ],
)
def test_a_page_that_does_not_link_back_is_none(page: str) -> None:
    """Fails if ``rel`` is not read as a list of words, or the address only searched for in the text."""
    assert not links_back(page, PROFILE)


@pytest.mark.parametrize("part", ["<a ", "<!--", '<a b="', "<![", "</", "<a href=x rel=me>", "<title>", "&", "<a b=c "])
def test_the_worst_page_of_full_length_is_read_in_seconds(part: str) -> None:
    """Fails if the parser is closed, which searches the rest anew for each unfinished construct."""
    started = time.process_time()
    links_back(part * (1024 * 1024 // len(part)), PROFILE)
    assert time.process_time() - started < 20
