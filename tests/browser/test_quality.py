"""What every page keeps to, looked at in a browser: no barrier that axe finds, no request to anybody else, no cookie,
no script needed, light enough for a slow line, whole on a small screen, in the dark, on paper, from right to left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response

from config.env import BASE_DIR
from tests.factories.instances import RunningInstance
from tests.factories.shown_places import ERRORS, KINDS, ODD, TYPES, make_places, show_errors

BUDGET = 60 * 1000  # bytes of HTML and CSS, unpacked
AXE = BASE_DIR / "tests" / "peers" / "node_modules" / "axe-core" / "axe.min.js"
# WCAG 2.2 asks for targets of 24 px (2.5.8); axe does only when told to. Every rule is asked at both widths, and that
# for contrast, to which colours matter, everywhere.
EVERYTHING = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
CONTRAST = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
LOOKS = {("light", 320): EVERYTHING, ("dark", 320): CONTRAST, ("dark", 1440): EVERYTHING, ("light", 1440): CONTRAST}
PIECES = ["news", "report", "document"]
# The others differ from their kind in nothing that axe looks for.
SEARCHED = [*KINDS, "right to left"]
WIDTHS = [320, 1440]
# How far anything sticks out at the side, in pixels; what scrolls in a frame of its own does not.
STICKS_OUT = "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Seen:
    """What one visit to a page showed."""

    status: int = 0
    barriers: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    sticks_out: dict[int, int] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    weight: int = 0
    stored: Any = None
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def places(hub: RunningInstance) -> dict[str, str]:
    """Paths by name."""
    return make_places(hub).paths


@pytest.fixture(scope="module")
def seen(hub: RunningInstance, browser: Browser, places: dict[str, str]) -> dict[str, Seen]:
    """Every page is opened once, in a browser that was never here, and looked at in both colours and two widths."""
    context = browser.new_context(base_url=hub.origin, ignore_https_errors=True, reduced_motion="reduce")
    context.set_default_timeout(60_000)
    # Whoever else is asked for something is not really asked.
    context.route(lambda url: not url.startswith(f"{hub.origin}/"), lambda route: route.abort())
    show_errors(context)
    found = {name: _visit(context, path, LOOKS if name in SEARCHED else {}) for name, path in places.items()}
    context.close()
    return found


def _visit(context: BrowserContext, path: str, looks: dict[tuple[str, int], Any]) -> Seen:
    page, seen = context.new_page(), Seen()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 -- it takes no method of a list
    page.on("request", lambda request: seen.asked.add(request.url))
    page.on("console", lambda message: seen.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    answer = page.goto(path, wait_until="load")
    assert answer is not None
    seen.status = answer.status
    texts = [one for one in answers if one.request.resource_type in ("document", "stylesheet")]
    seen.weight = sum(len(one.body()) for one in texts)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        seen.sticks_out[width] = page.evaluate(STICKS_OUT)
    page.evaluate(AXE.read_text())
    for (mode, width), options in looks.items():
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=mode)  # type: ignore[arg-type]
        seen.barriers[mode, width] = barriers(page, options)
    seen.stored = page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]")
    page.close()
    context.clear_cookies()
    return seen


def barriers(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe finds, a line each. The page must have it loaded."""
    violations = page.evaluate("options => axe.run(options).then(result => result.violations)", options)
    return [
        f"{found['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
        for found in violations
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("name", SEARCHED)
def test_a_page_has_no_barrier_that_axe_finds(seen: dict[str, Seen], name: str) -> None:
    """In both colours, at 320 and 1440 pixels. Fails for a link without words, or ink too pale."""
    assert {place: found for place, found in seen[name].barriers.items() if found} == {}


def test_a_barrier_that_is_there_would_be_found(visitor: BrowserContext, places: dict[str, str]) -> None:
    page = visitor.new_page()
    page.goto(places["news"])
    page.evaluate(AXE.read_text())
    page.evaluate("document.querySelector('.standfirst').style.color = '#bbb'")
    page.evaluate("document.querySelector('main img').removeAttribute('alt')")
    found = {line.partition(":")[0] for line in barriers(page, EVERYTHING)}
    assert {"color-contrast", "image-alt"} <= found
    assert {line.partition(":")[0] for line in barriers(page, CONTRAST)} == {"color-contrast"}


@pytest.mark.parametrize("name", [*KINDS, *ODD])
def test_nothing_sticks_out_at_the_side(seen: dict[str, Seen], name: str) -> None:
    """Fails for a word that cannot break, or a picture of a fixed width."""
    assert {width: pixels for width, pixels in seen[name].sticks_out.items() if pixels > 0} == {}


@pytest.mark.parametrize("name", KINDS)
def test_a_page_asks_nobody_else_for_anything(hub: RunningInstance, seen: dict[str, Seen], name: str) -> None:
    asked = {url for url in seen[name].asked if not url.startswith(("data:", "blob:"))}
    assert asked
    assert {url for url in asked if not url.startswith(f"{hub.origin}/")} == set()


@pytest.mark.parametrize("name", [name for name in KINDS if name != "password"])
def test_reading_leaves_nothing_in_the_browser(seen: dict[str, Seen], name: str) -> None:
    """The form for a password is a login: it has the cookie that Django's protection of forms needs."""
    assert seen[name].stored == ["", 0, 0]


@pytest.mark.parametrize("name", KINDS)
def test_the_browser_complains_of_nothing(seen: dict[str, Seen], name: str) -> None:
    """Neither of a script nor of a file that is not there; that a page itself is missing, it says."""
    status = ERRORS.get(name, 200)
    assert seen[name].status == status
    assert [text for text in seen[name].complaints if f"status of {status}" not in text] == []


@pytest.mark.parametrize("name", PIECES)
def test_an_article_is_light(seen: dict[str, Seen], name: str) -> None:
    """HTML and CSS together, unpacked, of a page with everything on it. Fails if either is not counted."""
    assert 20_000 < seen[name].weight <= BUDGET


@pytest.fixture(scope="module")
def plain(hub: RunningInstance, browser: Browser) -> Iterator[BrowserContext]:
    """A browser that runs no script."""
    context = browser.new_context(base_url=hub.origin, ignore_https_errors=True, java_script_enabled=False)
    yield context
    context.close()


@pytest.mark.parametrize("name", [*TYPES, "profile", "follow", "reply"])
def test_no_script_is_needed(plain: BrowserContext, places: dict[str, str], name: str) -> None:
    """Everything that is shown can be read or used. Fails for a button that only a script brings to life."""
    page = plain.new_page()
    page.goto(places[name])
    assert page.locator("main h1").is_visible()
    assert page.locator("button:visible:not([type=submit])").count() == 0
    for disclosure in page.locator("summary").all():
        disclosure.click()
        assert disclosure.locator("xpath=following-sibling::*").first.is_visible()
    page.close()


def focused(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(
        """() => {
            const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
            return {tag: one.tagName, text: one.textContent.trim().slice(0, 40),
                    outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
                    inside: box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight
                            && box.right > 0 && box.left < innerWidth};
        }"""
    )
    return found


@pytest.mark.parametrize("name", ["home", "organisation", "report", "follow"])
def test_every_control_can_be_reached_with_the_keyboard_and_is_seen(
    visitor: BrowserContext, places: dict[str, str], name: str
) -> None:
    """In a small window, where most of them have to be scrolled to. Fails if a control is left out, or the outline."""
    page = visitor.new_page()
    page.set_viewport_size({"width": 375, "height": 600})
    page.goto(places[name])
    controls = page.locator("a[href], button, input:not([type=hidden]), summary, [tabindex='0']")
    expected = sum(control.is_visible() for control in controls.all())
    reached = []
    for _ in range(expected + 5):
        page.keyboard.press("Tab")
        now = focused(page)
        if now["tag"] == "BODY":
            break
        reached.append(now)
    assert len(reached) == expected
    assert [one for one in reached if one["outline"] < 2 or not one["inside"]] == []


def test_the_first_thing_that_is_reached_leads_past_the_navigation(
    visitor: BrowserContext, places: dict[str, str]
) -> None:
    """Fails if the link is not first, stays invisible, or moves only the view and not the focus."""
    page = visitor.new_page()
    page.goto(places["report"])
    page.keyboard.press("Tab")
    assert focused(page)["text"] == "Skip to the content"
    assert focused(page)["inside"]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main')")


def test_a_page_from_right_to_left_is_the_other_way_round(visitor: BrowserContext, places: dict[str, str]) -> None:
    """Fails if a side is called left or right."""
    page = visitor.new_page()
    page.set_viewport_size({"width": 1440, "height": 900})
    edges = {}
    for name in ("report", "right to left"):
        page.goto(places[name])
        edges[name] = page.evaluate(
            """() => ['.brand', 'h1', '.slug'].map(name => {
                const box = document.querySelector(name).getBoundingClientRect();
                return Math.round(document.dir === 'rtl' ? innerWidth - box.right : box.left);
            })"""
        )
    assert page.evaluate("[document.documentElement.lang, document.dir]") == ["ar", "rtl"]
    assert [abs(a - b) <= 16 for a, b in zip(edges["report"], edges["right to left"], strict=True)] == [True] * 3


def test_on_paper_there_is_the_report_and_its_source_and_nothing_to_press(
    visitor: BrowserContext, places: dict[str, str]
) -> None:
    """In the dark as well: paper is white. Fails without the layer for print."""
    page = visitor.new_page()
    page.goto(places["report"])
    page.emulate_media(media="print", color_scheme="dark")
    for gone in (".mast nav", ".crumbs", ".foot", ".follow", ".respond", ".skip", "main button"):
        assert page.locator(f"{gone}:visible").count() == 0, gone
    for there in ("h1", ".standfirst", ".agenda", ".participants", ".corrections", ".document", ".source-address"):
        assert page.locator(there).first.is_visible(), there
    colours = page.evaluate("[document.documentElement, document.body].map(e => getComputedStyle(e).backgroundColor)")
    assert colours[0] == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"


def test_the_description_for_machines_passes_a_strict_policy(
    hub: RunningInstance, visitor: BrowserContext, places: dict[str, str]
) -> None:
    """JSON-LD is no script, so a policy that allows none inline does not stop it, nor anything else on the page."""
    page = visitor.new_page()
    policy = (
        "default-src 'none'; img-src 'self'; style-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self'"
    )
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))

    def with_policy(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers=answer.headers | {"content-security-policy": policy})

    page.route(f"**{places['report']}", with_policy)
    page.goto(places["report"], wait_until="load")
    data = page.locator("script[type='application/ld+json']").text_content()
    assert '"@type": "Report"' in str(data)
    assert [text for text in complaints if "Content Security Policy" in text] == []
    page.get_by_role("link", name="Follow", exact=True).click()
    page.get_by_role("dialog").wait_for()
