"""The app as it is served: in a folder of its own, under a path, in a frame, and under its content security policy."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playground import open_playground
from playwright.sync_api import BrowserContext, expect

from cae.cli.browser import App, running_app
from cae.ui.navigation import MOVED

PAGES = ["codes?part=map", "compress", "evidence", "train?tab=Data", "inside", *MOVED]


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Iterator[App]:
    with running_app(folder=Path(tmp_path_factory.mktemp("elsewhere")), base_path="demo") as app:
        yield app


def test_no_page_breaks_the_policy(context: BrowserContext, demo: App) -> None:
    page = context.new_page()
    broken = []
    page.on("console", lambda message: broken.append(message.text) if "Content Security" in message.text else None)
    page.on("pageerror", lambda error: broken.append(str(error)))
    open_playground(page, demo.url)
    expect(page.get_by_test_id("loss-curves").locator(".line").first).to_be_attached()
    for path in PAGES:
        page.goto(f"{demo.url}/{path}")
        page.get_by_role("heading").first.wait_for()
        if path not in MOVED:  # which lead to pages that are opened here, too
            page.wait_for_timeout(1500)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        page.wait_for_url(re.compile(re.escape(f"{demo.url}/{MOVED.get(path, path).partition('?')[0]}")))
    assert not broken


def test_another_site_may_frame_it(context: BrowserContext, demo: App) -> None:
    page = context.new_page()
    page.set_content(f'<iframe src="{demo.url}/" width="1200" height="800"></iframe>')
    expect(page.frame_locator("iframe").get_by_test_id("drawing-pad")).to_be_visible(timeout=60_000)
