"""A partner comes and goes, as people see it: an administrator makes one, its first editor joins by the link in a mail
and sees only what is theirs, a group asks for two-factor login, and the partner leaves."""

from __future__ import annotations

import re
from base64 import b32decode
from typing import Any

import pytest
from django_otp.oath import totp
from playwright.sync_api import Browser, BrowserContext, Page, expect

from cms.two_factor.codes import tidy
from tests.factories.instances import RunningInstance, eventually

PASSWORD = "a long and quiet river"
EMAIL = "ana@cedar.example"


@pytest.fixture(scope="module")
def there(hub: RunningInstance) -> dict[str, Any]:
    """An administrator, and a partner with a page of whom nobody else shall hear."""
    hub.do("administrator", name="secretariat", password=PASSWORD)
    return hub.do("partner", title="Birch Lobby", handle="birch_lobby", editor="lobby-editor", password=PASSWORD)


def new_page(browser: Browser, hub: RunningInstance) -> Page:
    context: BrowserContext = browser.new_context(base_url=hub.origin, ignore_https_errors=True)
    context.set_default_timeout(30_000)
    return context.new_page()


@pytest.fixture(scope="module")
def administrator(browser: Browser, hub: RunningInstance, there: dict[str, Any]) -> Page:
    page = new_page(browser, hub)
    log_in(page, "secretariat")
    page.wait_for_url("**/admin/")
    return page


@pytest.fixture(scope="module")
def partner(administrator: Page, hub: RunningInstance) -> str:
    """The address of the new partner in the admin. Its name is typed, its handle is not."""
    page = administrator
    page.goto("/admin/")
    page.click("nav >> text=Partners")
    page.click("text=New partner")
    page.locator("[name=title]").press_sequentially("Cedar Network")
    expect(page.locator("[name=handle]")).to_have_value("cedar_network")
    page.fill("[name=summary]", "We look after cedars.")
    page.fill("[name=emails]", EMAIL)
    page.click("footer button[type=submit]")
    page.wait_for_url(re.compile(r"/admin/partners/\d+/$"))
    expect(page.locator(".messages")).to_contain_text("1 invitation was sent.")
    return page.url.removeprefix(hub.origin)


@pytest.fixture(scope="module")
def link(partner: str, hub: RunningInstance) -> str:
    """From the mail, which an instance for trying things out prints."""

    def find() -> str:
        found = re.findall(rf"{re.escape(hub.origin)}(/-/invitation/[\w-]+/)", hub.log.read_text(errors="replace"))
        return found[-1] if found else ""

    return str(eventually(find, what="the mail is there"))


@pytest.fixture(scope="module")
def editor(browser: Browser, hub: RunningInstance, link: str) -> Page:
    """Joined and logged in."""
    page = new_page(browser, hub)
    page.goto(link)
    expect(page.locator("h1")).to_have_text("Join Cedar Network")
    page.fill("[name=first_name]", "Ana")
    page.fill("[name=last_name]", "Kovač")
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/admin/login/")
    expect(page.locator(".messages")).to_contain_text(EMAIL)
    log_in(page, EMAIL)
    page.wait_for_url("**/admin/")
    return page


def log_in(page: Page, name: str) -> None:
    page.goto("/admin/login/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")


def test_a_handle_that_is_taken_is_said_while_it_is_typed(administrator: Page, partner: str) -> None:
    page = administrator
    page.goto("/admin/partners/new/")
    page.locator("[name=handle]").press_sequentially("birch_lobby")
    expect(page.locator("[data-handle-problem]")).to_contain_text("somebody else")


def test_the_invited_editor_sees_only_their_own(editor: Page, there: dict[str, Any]) -> None:
    editor.goto("/admin/pages/")
    expect(editor.locator("main")).to_contain_text("Cedar Network")
    expect(editor.locator("main")).not_to_contain_text("Birch Lobby")
    assert editor.goto("/admin/partners/new/").status == 404  # type: ignore[union-attr]
    assert editor.goto(f"/admin/partners/{there['page']}/").status == 404  # type: ignore[union-attr]
    editor.goto("/admin/")
    editor.click("nav >> text=Colleagues")
    expect(editor.locator("main")).to_contain_text("Ana Kovač")


def test_the_link_does_not_work_twice(browser: Browser, hub: RunningInstance, editor: Page, link: str) -> None:
    page = new_page(browser, hub)
    answer = page.goto(link)
    assert answer
    assert (answer.status, "used already" in page.content()) == (410, True)


def test_nothing_of_the_link_goes_to_others(browser: Browser, hub: RunningInstance, editor: Page, link: str) -> None:
    """Fails without the header: every picture and script of the page would be asked for with the secret."""
    page = new_page(browser, hub)
    told: list[str] = []
    page.on("request", lambda request: told.append(request.headers.get("referer", "")))
    page.goto(link)
    assert len(told) > 3
    assert [referer for referer in told if "invitation" in referer] == []


def test_a_group_asks_for_a_second_step_and_its_editor_is_led_there(
    administrator: Page, editor: Page, partner: str
) -> None:
    administrator.goto("/admin/groups/?q=Cedar")
    administrator.locator("a[href*='/groups/edit/']", has_text="Cedar Network").first.click()
    administrator.check("[name=rule-second_factor]")
    administrator.click("footer button[type=submit]")
    administrator.wait_for_url(re.compile("/admin/groups/$"))
    editor.goto("/admin/images/")
    expect(editor.locator("h1")).to_have_text("Set up two-factor login")
    picture = editor.locator("img[src*='picture.svg']")
    assert picture.evaluate("picture => picture.complete && picture.naturalWidth > 100")
    editor.click("summary")
    secret = tidy(editor.inner_text("details code")).upper()
    editor.fill("[name=code]", f"{totp(b32decode(secret)):06d}")
    editor.fill("[name=password]", PASSWORD)
    editor.click("button:has-text('Set up')")
    expect(editor.locator("ol code")).to_have_count(10)
    editor.click("text=I have kept them")
    editor.wait_for_url("**/admin/images/")


def test_a_partner_who_leaves_is_out_at_once(administrator: Page, editor: Page, partner: str) -> None:
    """Stands last: the others need its editor."""
    administrator.goto(partner)
    administrator.click("text=Partner leaves")
    administrator.check("[value=stay]")
    administrator.click("button.serious")
    administrator.wait_for_url(f"**{partner}")
    expect(administrator.locator("main")).to_contain_text("This partner left")
    editor.goto("/admin/pages/")
    editor.wait_for_url("**/admin/login/**")
    assert editor.goto("/cedar-network/").status == 200  # type: ignore[union-attr]
