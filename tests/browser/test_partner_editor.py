"""A partner's editor sees and edits only what belongs to their own organisation: pages, images, documents, followers
and deliveries. Everything is looked at in the admin as it stands, with a neighbour who has the same things."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.factories.instances import RunningInstance, eventually

PASSWORD = "a long and quiet river"


@pytest.fixture(scope="module")
def neighbours(hub: RunningInstance) -> dict[str, Any]:
    """Two partners with a report, a picture, a document, a follower and a delivery each."""
    mine = hub.do("partner", title="Aspen Watch", handle="aspen", editor="aspen-editor", password=PASSWORD)
    theirs = hub.do("partner", title="Birch Forum", handle="birch", editor="birch-editor", password=PASSWORD)

    def have_profiles() -> bool:
        paths = (f"/.well-known/webfinger?resource=acct:{name}@{hub.host}" for name in ("aspen", "birch"))
        return all(hub.get(path).status == 200 for path in paths)

    eventually(have_profiles, what="both profiles exist")
    for partner in (mine, theirs):
        hub.do("follower_of", handle=partner["handle"])
    return {"mine": mine, "theirs": theirs}


@pytest.fixture(scope="module")
def logged_in(browser: Browser, hub: RunningInstance, neighbours: dict[str, Any]) -> Iterator[BrowserContext]:
    """The browser of one partner's editor, who logs in once."""
    context = browser.new_context(base_url=hub.origin, ignore_https_errors=True)
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto("/admin/login/")
    page.fill("input[name=username]", "aspen-editor")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/admin/")
    page.close()
    yield context
    context.close()


@pytest.fixture
def admin(logged_in: BrowserContext) -> Iterator[Page]:
    page = logged_in.new_page()
    yield page
    page.close()


def test_the_explorer_opens_at_their_own_organisation(admin: Page, neighbours: dict[str, Any]) -> None:
    admin.goto("/admin/pages/")
    expect(admin.locator("main")).to_contain_text("Aspen Watch")
    expect(admin.locator("main")).not_to_contain_text("Birch Forum")


@pytest.mark.parametrize("place", ["page", "report"])
def test_they_edit_their_own_pages_and_not_the_neighbours(admin: Page, neighbours: dict[str, Any], place: str) -> None:
    assert admin.goto(f"/admin/pages/{neighbours['mine'][place]}/edit/").status == 200  # type: ignore[union-attr]
    expect(admin.locator("[name=title]")).to_be_visible()
    answer = admin.goto(f"/admin/pages/{neighbours['theirs'][place]}/edit/")
    assert answer is not None
    assert "/edit/" not in admin.url or answer.status in (403, 404)
    expect(admin.locator("[name=title]")).to_have_count(0)


def test_they_write_and_publish_under_their_own_organisation(
    hub: RunningInstance, admin: Page, neighbours: dict[str, Any]
) -> None:
    admin.goto(f"/admin/pages/add/cms/newspage/{neighbours['mine']['page']}/")
    admin.fill("[name=title]", "Written by a partner")
    admin.fill("[name=summary]", "A short summary.")
    # Publishing stands in the menu beside “Save draft”.
    admin.locator("[data-w-dropdown-target=toggle]", has=admin.locator("xpath=ancestor::footer")).first.click()
    admin.click("button[name=action-publish]")
    expect(admin.locator(".messages")).to_contain_text("published")


@pytest.mark.parametrize(
    ("address", "own", "other"),
    [
        ("/admin/images/", "Aspen Watch picture", "Birch Forum picture"),
        ("/admin/documents/", "Aspen Watch paper", "Birch Forum paper"),
        ("/admin/images/chooser/", "Aspen Watch picture", "Birch Forum picture"),
        ("/admin/documents/chooser/", "Aspen Watch paper", "Birch Forum paper"),
        ("/admin/profiles/", "aspen", "birch"),
        ("/admin/followers/", "reader-of-aspen", "reader-of-birch"),
        ("/admin/deliveries/", "Aspen Watch report", "Birch Forum report"),
    ],
)
def test_every_list_shows_their_own_and_nothing_of_the_neighbour(
    admin: Page, neighbours: dict[str, Any], address: str, own: str, other: str
) -> None:
    admin.goto(address)
    text = admin.content()
    assert own in text
    assert other not in text


def test_servers_are_for_those_who_run_the_site(admin: Page) -> None:
    admin.goto("/admin/servers/")
    assert "peer.example" not in admin.content()


@pytest.mark.parametrize(
    "address",
    [
        "/admin/choose-page/{draft}/",
        "/admin/choose-page/chosen-multiple/?id={draft}",
        "/admin/pages/{draft}/usage/",
        "/admin/bulk/wagtailcore/page/publish/?id={draft}",
        "/admin/reports/page-types-usage/",
    ],
)
def test_the_number_of_a_neighbours_draft_tells_nothing(
    hub: RunningInstance, admin: Page, neighbours: dict[str, Any], address: str
) -> None:
    """Fails without the middleware or the narrowed actions."""
    draft = hub.do("draft", parent=neighbours["theirs"]["page"], kind="news", title="Birch secret")
    answer = admin.goto(address.format(draft=draft["id"]))
    assert answer is not None
    assert (answer.status, "Birch" in admin.content()) == (404, False)
