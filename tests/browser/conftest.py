"""Debian's Chromium, driven by Playwright, against a whole running instance."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.factories.instances import RunningInstance

ARGUMENTS = [
    "--no-sandbox",  # the tests also run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")  # not longer: while Playwright runs, Django takes this thread for an async one
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "Chromium is missing: run make test, which installs it"
    expect.set_options(timeout=60_000)  # on a machine that others use too
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def visitor(browser: Browser, hub: RunningInstance) -> Iterator[BrowserContext]:
    """A browser that never was here before."""
    context = browser.new_context(base_url=hub.origin, ignore_https_errors=True)
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def plain_visitor(browser: Browser, hub: RunningInstance) -> Iterator[BrowserContext]:
    """One whose browser runs no script."""
    context = browser.new_context(base_url=hub.origin, ignore_https_errors=True, java_script_enabled=False)
    context.set_default_timeout(60_000)
    yield context
    context.close()
