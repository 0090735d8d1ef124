"""Takes the pictures: whole pages, in each width and colour, from a browser that waits until the fonts are there."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.factories.shown_places import Shown, show_errors

from .places import ADMIN, DIALOGS

HEIGHTS = {320: 640, 375: 812, 768: 1024, 1440: 900}


@dataclass(frozen=True)
class Wish:
    """``names`` of none are all."""

    folder: Path
    names: tuple[str, ...]
    widths: tuple[int, ...]
    modes: tuple[str, ...]

    def wants(self, name: str) -> bool:
        return not self.names or name in self.names


@contextmanager
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def take(browser: Browser, origin: str, shown: Shown, wish: Wish, password: str) -> Iterator[Path]:
    """Each picture as soon as it lies in the folder."""
    for width in wish.widths:
        for mode in wish.modes:
            context = browser.new_context(
                base_url=origin,
                ignore_https_errors=True,
                viewport={"width": width, "height": HEIGHTS.get(width, 900)},
                color_scheme=mode,  # type: ignore[arg-type]
                reduced_motion="reduce",
            )
            context.set_default_timeout(30_000)
            for name, page in _views(context, shown, wish, password):
                path = wish.folder / f"{re.sub(r'[^a-z0-9]+', '-', name)}-{width}-{mode}.png"
                page.screenshot(path=path, full_page="dialog" not in name)
                page.close()
                yield path
            context.close()


def _views(context: BrowserContext, shown: Shown, wish: Wish, password: str) -> Iterator[tuple[str, Page]]:
    show_errors(context)
    for name, path in shown.paths.items():
        if wish.wants(name):
            yield name, _open(context, path)
    for name, (where, link) in DIALOGS.items():
        if wish.wants(name):
            page = _open(context, shown.paths[where])
            page.locator(link).first.click()
            page.get_by_role("dialog").wait_for()
            yield name, page
    wanted = {name: path for name, path in ADMIN.items() if wish.wants(name)}
    if wanted:
        _log_in(context, password)
    for name, path in wanted.items():
        yield name, _open(context, path.format(**{key.replace(" ", "_"): n for key, n in shown.numbers.items()}))


def _open(context: BrowserContext, path: str) -> Page:
    page = context.new_page()
    page.goto(path, wait_until="networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")
    return page


def _log_in(context: BrowserContext, password: str) -> None:
    page = _open(context, "/admin/login/")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_url("**/admin/")
    page.close()
