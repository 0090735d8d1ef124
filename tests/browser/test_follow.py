"""A reader follows an organisation, and answers a piece, from their own server: with a script in a dialog, without one
on a page of its own. Their server runs on this machine and answers as Mastodon does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.factories.instances import Authority, RunningInstance, eventually
from tests.factories.reader_server import ReaderServer, reader_server

QUESTION = "Is this what you want?"
STORED = "localStorage.getItem('commonwire-server')"


@pytest.fixture(scope="module")
def cedar(hub: RunningInstance) -> dict[str, Any]:
    """An organisation that can be followed, with a report that is out. ``actor`` and ``object`` are their ids."""
    organisation = hub.do("organisation", title="Cedar House", handle="cedar")
    report = hub.do("draft", parent=organisation["id"], title="Cedar report")
    hub.do("publish", page=report["id"])
    webfinger = f"/.well-known/webfinger?resource=acct:cedar@{hub.host}"
    found = eventually(lambda: _links(hub, webfinger), what="Cedar House has a profile")
    path = urlsplit(report["url"]).path
    known = eventually(lambda: hub.get(path, "text/html").headers.get("link"), what="the report is out")
    actor = next(link["href"] for link in found if link["rel"] == "self")
    return {
        "page": urlsplit(organisation["url"]).path,
        "report": path,
        "actor": actor,
        "object": known.partition(">")[0].lstrip("<"),
    }


def _links(hub: RunningInstance, path: str) -> Any:
    answer = hub.get(path)
    return answer.json()["links"] if answer.status == 200 else None


@pytest.fixture(scope="module")
def server(authority: Authority) -> Iterator[ReaderServer]:
    with reader_server(authority) as running:
        yield running


def lead_to(page: Page, server: ReaderServer, wanted: str) -> None:
    """The reader stands before the question whether they want this."""
    expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()
    found = urlsplit(page.url)
    assert f"{found.scheme}://{found.netloc}" == server.origin
    assert parse_qs(found.query) == {"uri": [wanted]}


def open_dialog(page: Page, path: str, name: str) -> Any:
    page.goto(path)
    page.get_by_role("link", name=name, exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def test_without_a_script_following_is_a_page_of_its_own(
    hub: RunningInstance, plain_visitor: BrowserContext, cedar: dict[str, Any], server: ReaderServer
) -> None:
    page = plain_visitor.new_page()
    page.goto(cedar["page"])
    page.get_by_role("link", name="Follow", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Follow Cedar House")
    page.get_by_label("Your server").fill(f"@me@{server.host}")
    page.get_by_role("button", name="Go to my server").click()
    lead_to(page, server, cedar["actor"])


def test_without_a_script_a_slip_is_explained_on_the_page(
    hub: RunningInstance, plain_visitor: BrowserContext, cedar: dict[str, Any]
) -> None:
    page = plain_visitor.new_page()
    page.goto("/@cedar/follow")
    page.get_by_label("Your server").fill("not a server")
    page.get_by_role("button", name="Go to my server").click()
    expect(page.get_by_role("alert")).to_contain_text("not the address of a server")
    expect(page.get_by_label("Your server")).to_have_value("not a server")
    expect(page.get_by_label("Remember")).to_be_hidden()


def test_without_a_script_a_piece_can_be_answered(
    hub: RunningInstance, plain_visitor: BrowserContext, cedar: dict[str, Any], server: ReaderServer
) -> None:
    page = plain_visitor.new_page()
    page.goto(cedar["report"])
    page.get_by_role("link", name="Reply", exact=True).click()
    page.get_by_label("Your server").fill(f"@me@{server.host}")
    page.get_by_role("button", name="Go to my server").click()
    lead_to(page, server, cedar["object"])


def test_with_a_script_following_is_a_dialog(
    hub: RunningInstance, visitor: BrowserContext, cedar: dict[str, Any], server: ReaderServer
) -> None:
    page = visitor.new_page()
    dialog = open_dialog(page, cedar["page"], "Follow")
    expect(dialog).to_have_accessible_name("Follow Cedar House")
    expect(dialog.get_by_label("Your server")).to_be_focused()
    assert urlsplit(page.url).path == cedar["page"]
    page.keyboard.type(f"@me@{server.host}")
    page.keyboard.press("Enter")
    lead_to(page, server, cedar["actor"])


def test_the_dialog_keeps_the_focus_and_gives_it_back(
    hub: RunningInstance, visitor: BrowserContext, cedar: dict[str, Any]
) -> None:
    """Fails if the dialog is not a modal one, or if what opened it is forgotten."""
    page = visitor.new_page()
    dialog = open_dialog(page, cedar["report"], "Boost")
    inside = "['BODY', 'HTML'].includes(document.activeElement.tagName) || !!document.activeElement.closest('dialog')"
    for key in ["Tab"] * 12 + ["Shift+Tab"] * 12:
        page.keyboard.press(key)
        assert page.evaluate(inside)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("link", name="Boost", exact=True)).to_be_focused()


def test_in_the_dialog_a_slip_is_explained_where_it_was_made(
    hub: RunningInstance, visitor: BrowserContext, cedar: dict[str, Any], server: ReaderServer
) -> None:
    """And it can be mended, with the form's second token."""
    page = visitor.new_page()
    dialog = open_dialog(page, cedar["report"], "Like")
    field = dialog.get_by_label("Your server")
    field.fill("not a server")
    dialog.get_by_role("button", name="Go to my server").click()
    expect(dialog.get_by_role("alert")).to_contain_text("not the address of a server")
    expect(field).to_have_value("not a server")
    assert urlsplit(page.url).path == cedar["report"]
    field.fill(f"@me@{server.host}")
    page.keyboard.press("Enter")
    lead_to(page, server, cedar["object"])


def test_what_was_typed_is_remembered_only_by_those_who_want_it(
    hub: RunningInstance, visitor: BrowserContext, cedar: dict[str, Any], server: ReaderServer
) -> None:
    """In their browser, and nowhere else. Fails if it is stored without the tick, or kept after it was taken away."""
    page = visitor.new_page()

    def send(tick: bool) -> str | None:
        """What the browser remembers afterwards."""
        page.goto("/@cedar/follow")
        page.get_by_label("Your server").fill(f"@me@{server.host}")
        page.get_by_label("Remember").set_checked(tick)
        page.get_by_role("button", name="Go to my server").click()
        lead_to(page, server, cedar["actor"])
        page.goto("/@cedar/follow")
        stored: str | None = page.evaluate(STORED)
        return stored

    assert send(tick=False) is None
    assert send(tick=True) == f"@me@{server.host}"
    expect(page.get_by_label("Your server")).to_have_value(f"@me@{server.host}")
    expect(page.get_by_label("Remember")).to_be_checked()
    assert send(tick=False) is None
    assert visitor.cookies() == []
