"""The server ends and starts again, as when a new version is put in its place: visitors go on without a click."""

import re
from urllib.parse import urlsplit

from playground import open_playground
from playwright.sync_api import Page, expect

from cae.cli.browser import running_app

BACK = 60_000  # ms; Streamlit tries to connect again every few seconds


def test_the_drawing_comes_back(window: Page) -> None:
    original, reconstruction = window.get_by_test_id("original"), window.get_by_test_id("reconstruction")
    with running_app() as app:
        open_playground(window, app.url)
        before = original.get_attribute("data-pixels")
        window.get_by_test_id("pad-clear").click()
        stroke(window, (0.3, 0.2), (0.6, 0.8))
        expect(original).not_to_have_attribute("data-pixels", before)
        window.wait_for_timeout(2000)  # the answer to the whole stroke, and its address
        drawing = original.get_attribute("data-pixels")
    expect(window.get_by_text("Connection error")).to_be_visible()
    assert original.get_attribute("data-pixels") == drawing
    with running_app(port=urlsplit(app.url).port):
        expect(window.get_by_text("Connection error")).to_be_hidden(timeout=BACK)
        expect(original).to_have_attribute("data-pixels", drawing)
        stroke(window, (0.2, 0.5), (0.8, 0.5))
        expect(original).not_to_have_attribute("data-pixels", drawing)
        expect(reconstruction).to_have_attribute("data-pixels", re.compile("."), timeout=BACK)


def stroke(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    box = page.get_by_test_id("drawing-pad").bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=10)
    page.mouse.up()
