"""A running app and a real browser: Debian's Chromium, driven by Playwright."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playground import as_new, open_playground
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from cae.cli.browser import FLAGS, App, chromium, running_app

expect.set_options(timeout=30_000)  # as of all other waits: on a busy machine an answer takes seconds


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
def offline_app(tmp_path: Path) -> Iterator[App]:
    """An app without data sets and without a network: every proxy leads to a port where nobody listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{closed.getsockname()[1]}"
        environment = {name: value for name, value in os.environ.items() if name not in ("CAE_DATA_DIR", "no_proxy")}
        environment |= {"http_proxy": proxy, "https_proxy": proxy, "NO_PROXY": "", "KERAS_HOME": str(tmp_path)}
        with running_app(environment) as app:
            yield app


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[Page]:
    """A page for many tests: what the app's scripts are compiled to stays in it, and an address opens in a third."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def tab(window: Page) -> Page:
    """The page for many tests, for one of them."""
    as_new(window)
    return window


@pytest.fixture
def page(tab: Page, app: App) -> Page:
    """The playground with the network running."""
    open_playground(tab, app.url)
    return tab
