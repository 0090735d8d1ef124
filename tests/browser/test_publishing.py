"""An editor publishes with the mouse: is warned once, sees what will happen, watches the seconds, and takes back what
was a mistake. On an instance that waits as long as the product does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.factories.instances import Authority, RunningInstance, eventually, running_instance

PASSWORD = "a long and quiet river"
DELAY = 30
PATIENCE = 120_000  # of a browser on a machine that has other things to do, in milliseconds


@pytest.fixture(scope="module")
def calm(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, tables: str | None
) -> Iterator[RunningInstance]:
    folder: Path = tmp_path_factory.mktemp("calm")
    with running_instance(folder, authority, "calm", tables, SENDING_DELAY=str(DELAY)) as instance:
        yield instance


@pytest.fixture(scope="module")
def partner_page(calm: RunningInstance) -> dict[str, Any]:
    """A partner with a follower, and its report that others have."""
    made = calm.do("partner", title="Aspen Watch", handle="aspen", editor="aspen-editor", password=PASSWORD)
    report = "/aspen-watch/aspen-watch-report/"
    eventually(lambda: b"activity+json" in calm.get(report, accept="text/html").body, what="the report is out")
    calm.do("follower_of", handle="aspen")
    result: dict[str, Any] = made
    return result


@pytest.fixture
def context(browser: Browser, calm: RunningInstance, partner_page: dict[str, Any]) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=calm.origin, ignore_https_errors=True, viewport={"width": 1440, "height": 900}
    )
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def admin(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto("/admin/login/")
    page.fill("input[name=username]", "aspen-editor")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/admin/")
    return page


def _write(admin: Page, partner_page: dict[str, Any], title: str, summary: str) -> None:
    admin.goto(f"/admin/pages/add/cms/newspage/{partner_page['page']}/")
    admin.wait_for_timeout(3_000)  # Wagtail looks at the form two seconds after it was loaded, and then for changes
    admin.fill("[name=title]", title)
    admin.fill("[name=summary]", summary)
    # Autosave has made the page, as it has long done when a person looks for the button.
    expect(admin).to_have_url(re.compile("/edit/"))


def _publish(admin: Page) -> None:
    admin.locator("footer [data-w-dropdown-target=toggle]").first.click()
    admin.click("button[name=action-publish]")


def _seconds(admin: Page) -> int:
    text = admin.locator("[data-cw-sending-count]").inner_text()
    return int("".join(letter for letter in text if letter.isdigit()) or -1)


def test_a_warning_then_the_seconds_then_it_is_sent(
    calm: RunningInstance, admin: Page, partner_page: dict[str, Any]
) -> None:
    """Fails if what waits can be read, if the seconds stand still, or if nobody says that it is out."""
    _write(admin, partner_page, "Wells are dug", "They began yesterday.")
    _publish(admin)
    expect(admin.locator(".messages")).to_contain_text("“yesterday” means something else tomorrow")
    admin.click("text=Publish anyway")
    line = admin.locator("[data-cw-sending]")
    expect(line).to_contain_text("Wells are dug")
    first = _seconds(admin)
    assert 0 < first <= DELAY
    assert calm.get("/aspen-watch/wells-are-dug/", accept="text/html").status == 404
    expect(admin.locator("main")).to_contain_text("sending", ignore_case=True)
    admin.wait_for_function(
        "first => parseInt(document.querySelector('[data-cw-sending-count]').textContent.match(/\\d+/)) < first",
        arg=first,
    )
    expect(line).to_contain_text("Sent.", timeout=2 * PATIENCE)
    expect(line.locator("button")).to_have_count(0)
    assert calm.get("/aspen-watch/wells-are-dug/", accept="text/html").status == 200


def test_undo_keeps_the_draft(calm: RunningInstance, admin: Page, partner_page: dict[str, Any]) -> None:
    _write(admin, partner_page, "A mistake", "Not what we meant.")
    _publish(admin)
    admin.click("text=Undo")
    expect(admin.locator(".messages")).to_contain_text("Taken back")
    expect(admin.locator("[name=summary]")).to_have_value("Not what we meant.")
    assert calm.get("/aspen-watch/a-mistake/", accept="text/html").status == 404
    admin.reload()
    expect(admin.locator("[data-cw-sending]")).to_have_count(0)


def test_undo_works_without_javascript(
    browser: Browser, calm: RunningInstance, admin: Page, context: BrowserContext, partner_page: dict[str, Any]
) -> None:
    """Fails if a script has to send it."""
    _write(admin, partner_page, "Another mistake", "Not what we meant either.")
    _publish(admin)
    expect(admin.locator("[data-cw-sending]")).to_be_visible()
    plain = browser.new_context(
        base_url=calm.origin, ignore_https_errors=True, java_script_enabled=False, storage_state=context.storage_state()
    )
    plain.set_default_timeout(PATIENCE)
    page = plain.new_page()
    edit = admin.locator("main a", has_text="Another mistake").first.get_attribute("href")
    page.goto(str(edit))
    expect(page.locator("[data-cw-sending]")).to_contain_text("Sending in")
    page.locator(".messages button", has_text="Undo").click()
    expect(page.locator(".messages")).to_contain_text("Taken back")
    plain.close()


def test_the_line_beside_the_button_follows_what_is_ticked(admin: Page, partner_page: dict[str, Any]) -> None:
    admin.goto(f"/admin/pages/{partner_page['report']}/edit/")
    line = admin.locator("footer .cw-outlook")
    expect(line).to_contain_text("Nothing will be sent.")
    admin.fill("[name=summary]", "Something else happened.")
    expect(line).to_contain_text("1 follower on 1 server gets an update.")
    admin.uncheck("[name=share]")
    expect(line).to_contain_text("removes the post from Mastodon and others")
