"""A running app and a real browser: Debian's Chromium, driven by Playwright."""

import os
from collections.abc import Iterator

import pytest
from playground import open_playground
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from cae.commands.browser import FLAGS, App, chromium, running_app


@pytest.fixture(scope="session")
def app() -> Iterator[App]:
    """The app, started for these tests alone."""
    with running_app() as app:
        yield app


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        message = "Chromium is not installed: apt-get install chromium"
        pytest.fail(message) if os.environ.get("CAE_REQUIRE_BROWSER") else pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, app: App) -> Page:
    """The playground with the network running."""
    page = context.new_page()
    open_playground(page, app.url)
    return page
