"""An editor writes for followers: pastes from a word processor, writes a summary by the meter or has one suggested,
looks at what others will show while typing, chooses under “More”, and publishes. In the admin as it stands."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Locator, Page, expect

from config.env import BASE_DIR
from tests.factories.instances import RunningInstance, eventually

PASSWORD = "a long and quiet river"
PASTED = sorted((BASE_DIR / "tests" / "vectors" / "paste").glob("*.html"))
CLEAN = [
    ("header-two", "Why now"),
    ("unstyled", "The wells of six villages ran dry. See the report."),
    ("unordered-list-item", "Wells"),
    ("unordered-list-item", "Pipes"),
    ("ordered-list-item", "Ask"),
    ("ordered-list-item", "Dig"),
    ("unordered-list-item", "Village: Kuldīga, Wells: 6"),
    ("unstyled", "Nobody asked."),
]
# The id and the times come with the first telling, and the proof is over them.
GIVEN = {"id", "published", "proof", "preview"}
# As a browser does when somebody pastes; scripts may not fill a real clipboard.
PASTE = """(element, [type, data]) => {
  const transfer = new DataTransfer();
  if (type === "Files") transfer.items.add(new File(["x"], "screenshot.png", { type: "image/png" }));
  else transfer.setData(type, data);
  element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
}"""


# The editor writes into the form a moment after the last change.
TYPED = """wanted => {
  const blocks = JSON.parse(document.querySelector("[name=body-0-value]").value)?.blocks ?? [];
  return JSON.stringify(blocks.map(({ type, text }) => [type, text])) === JSON.stringify(wanted);
}"""


@pytest.fixture(scope="module")
def dogwood(hub: RunningInstance) -> dict[str, Any]:
    made = hub.do("partner", title="Dogwood Forum", handle="dogwood", editor="dogwood-editor", password=PASSWORD)
    webfinger = f"/.well-known/webfinger?resource=acct:dogwood@{hub.host}"
    eventually(lambda: hub.get(webfinger).status == 200, what="Dogwood Forum has a profile")
    return made


@pytest.fixture
def asked() -> list[str]:
    """Every address that the browser asks for."""
    return []


@pytest.fixture
def form(visitor: BrowserContext, dogwood: dict[str, Any], asked: list[str]) -> Page:
    """The form of a page that was never saved."""
    page = visitor.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 1440, "height": 1200})
    page.goto(f"/admin/login/?next=/admin/pages/add/cms/newspage/{dogwood['page']}/")
    page.fill("input[name=username]", "dogwood-editor")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    expect(page.locator("[name=title]")).to_be_visible()
    return page


def _text(form: Page) -> Locator:
    """A new block of text, and the place in it to type."""
    form.locator("#panel-child-content-body-content").get_by_title("Insert a block").first.click()
    form.get_by_role("option", name="Text", exact=True).click()
    place = form.locator("#panel-child-content-body-content [contenteditable=true]").first
    place.click()
    return place


def _preview(form: Page, mode: str) -> FrameLocator:
    form.select_option("#id_preview_mode", mode)
    return form.frame_locator("#w-preview-iframe")


def _public(hub: RunningInstance, title: str) -> Any:
    """The object that servers get of the page, once it is out."""
    for uri, withdrawn in hub.do("state")["objects"].items():
        found = None if withdrawn else hub.get(uri).json()
        if found and found.get("name") == title:
            return found
    return None


def _writes_a_summary(form: Page) -> None:
    summary, meter = form.locator("[name=summary]"), form.locator("[data-cw-summary-target=meter]")
    expect(meter).to_have_text("Characters left: 500")
    form.get_by_role("button", name="Suggest").click()
    expect(summary).to_have_value(re.compile(r"^Six wells ran dry\. Nobody asked why\. (?:It was long ago\. ?){15}$"))
    expect(meter).to_have_text("Characters left: 209")

    summary.fill("Wells, and why.")
    expect(meter).to_have_text("Characters left: 485")
    form.get_by_role("button", name="Suggest").click()
    form.get_by_role("button", name="Keep mine").click()
    expect(summary).to_have_value("Wells, and why.")
    summary.fill("x" * 512)
    expect(meter).to_have_text("Characters too many: 12")
    expect(form.locator("[data-cw-summary-target=spoken]")).to_have_text("Characters too many: 12")
    summary.fill("Wells, and why.")


def _looks_while_typing(form: Page, hub: RunningInstance) -> None:
    # With the first automatic save Wagtail makes the panel anew, which then shows the page as on the website.
    expect(form.locator("[data-w-preview-url-value*='/edit/']")).to_be_attached()
    form.locator("[data-side-panel-toggle=preview]").click()
    expect(form.frame_locator("#w-preview-iframe").locator("h1")).to_be_visible()
    timeline = _preview(form, "mastodon")
    expect(timeline.locator(".post .text")).to_contain_text("Wells, and why.")
    expect(timeline.locator(".handle")).to_have_text(f"@dogwood@{hub.host}")
    form.fill("[name=summary]", "Wells, and who knew.")
    expect(timeline.locator(".post .text")).to_contain_text("Wells, and who knew.")
    expect(_preview(form, "reader").locator(".long .text")).to_contain_text("Six wells ran dry.")


def _chooses_under_more(form: Page) -> dict[str, Any]:
    """What the technical details then say would go out."""
    quotes = form.locator("[name=quotes]")
    expect(quotes).to_be_hidden()
    form.locator(".cw-more [data-panel-toggle]").click()
    quotes.select_option("nobody")
    form.fill("[name=content_note]", "Drought")
    warned = _preview(form, "gotosocial")
    expect(warned.locator(".warning summary")).to_contain_text("Drought")
    expect(warned.locator(".post .text")).to_be_hidden()
    expect(warned.locator(".post .text")).to_contain_text("Six wells ran dry.")
    return json.loads(warned.locator("pre").text_content() or "")


def test_an_editor_writes_for_followers(form: Page, hub: RunningInstance, asked: list[str]) -> None:
    """Nothing is asked of anybody else meanwhile. Fails if the preview shows what was saved last."""
    form.fill("[name=title]", "Wells of ours")
    _text(form).type("Six wells ran dry. Nobody asked why. " + "It was long ago. " * 20)

    _writes_a_summary(form)
    _looks_while_typing(form, hub)
    promised = _chooses_under_more(form)

    form.locator("footer [data-w-dropdown-target=toggle]").first.click()
    form.click("button[name=action-publish]")
    expect(form.locator(".messages")).to_contain_text("published")
    out = eventually(lambda: _public(hub, "Wells of ours"), what="the page is out")
    told = {name: value for name, value in out.items() if name in promised and name not in GIVEN}
    assert told == {name: promised[name] for name in told}
    assert out["summary"] == "<p>⚠️ Drought</p><p>Wells, and who knew.</p>"
    others = [url for url in asked if not url.startswith((hub.origin, "data:", "blob:"))]
    assert others == []


def test_a_text_pasted_from_a_word_processor_is_clean_and_says_what_is_missing(form: Page) -> None:
    """From three of them, one after the other. Wagtail's own editor makes a line of each cell, and drops pictures in
    silence. Fails without our plugin."""
    form.fill("[name=title]", "Pasted wells")
    place = _text(form)
    place.type("Replaced by each")
    for path in PASTED:
        place.press("Control+a")
        place.evaluate(PASTE, ["text/html", path.read_text()])
        expect(form.locator(".cw-pasted")).to_contain_text("Pictures were left out. Add each with a “Picture” block")
        expect(form.locator(".cw-pasted")).to_contain_text("Tables became lists.")
        expect(place).to_contain_text("Nobody asked.")
        form.get_by_role("button", name="Close", exact=True).click()
        expect(form.locator(".cw-pasted")).to_have_count(0)
        form.wait_for_function(TYPED, arg=CLEAN)
        typed = json.loads(form.locator("[name=body-0-value]").input_value())
        assert [entity["data"]["url"] for entity in typed["entityMap"].values()] == ["https://other.example/report"]

    place.evaluate(PASTE, ["Files", ""])
    expect(form.locator(".cw-pasted")).to_contain_text("Pictures were left out.")
    place.evaluate(PASTE, ["text/plain", "Only words"])
    expect(place).to_contain_text("Only words")
