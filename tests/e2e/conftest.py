"""A running app and a real browser: Debian's Chromium, driven by Playwright."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from running_app import App, open_playground

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def app() -> Iterator[App]:
    """The app, started for these tests alone."""
    with running(dict(os.environ)) as app:
        yield app


@contextmanager
def running(environment: dict[str, str]) -> Iterator[App]:
    """An app of its own in the given environment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"]
    environment = {name: value for name, value in environment.items() if not name.startswith("COV_")}
    process = subprocess.Popen(
        [*command, "--server.address=127.0.0.1"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(url, process)
        yield App(url, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _wait_until_healthy(url: str, process: subprocess.Popen) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
                return
        except OSError:
            assert process.poll() is None, "the app ended while starting"
            time.sleep(0.1)
    raise AssertionError("the app did not start within a minute")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        message = "Chromium is not installed: apt-get install chromium"
        pytest.fail(message) if os.environ.get("CAE_REQUIRE_BROWSER") else pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
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
        with running(environment) as app:
            yield app


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
