"""The server ends and starts again, as when a new version is put in its place: visitors go on without a click."""

import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
from panels import eventually
from playground import open_playground
from playwright.sync_api import Page, expect

from cae.cli.browser import running_app
from cae.imaging.stroke_text import strokes_from_text

BACK = 60_000  # ms; Streamlit tries to connect again every few seconds


def test_the_drawing_comes_back(window: Page) -> None:
    original, reconstruction = window.get_by_test_id("original"), window.get_by_test_id("reconstruction")
    with running_app() as app:
        open_playground(window, app.url)
        before = original.get_attribute("data-pixels")
        window.get_by_test_id("pad-clear").click()
        stroke(window, (0.3, 0.2), (0.6, 0.8))
        expect(original).not_to_have_attribute("data-pixels", before)
        eventually(window, lambda: np.allclose(end_of_stroke(window.url), (0.6, 0.8), atol=0.01))
        drawing = original.get_attribute("data-pixels")
    expect(window.get_by_text("Connection error")).to_be_visible()
    assert original.get_attribute("data-pixels") == drawing
    with running_app(port=urlsplit(app.url).port):
        expect(window.get_by_text("Connection error")).to_be_hidden(timeout=BACK)
        expect(original).to_have_attribute("data-pixels", drawing)
        stroke(window, (0.2, 0.5), (0.8, 0.5))
        expect(original).not_to_have_attribute("data-pixels", drawing)
        expect(reconstruction).to_have_attribute("data-pixels", re.compile("."), timeout=BACK)


def end_of_stroke(address: str) -> tuple[float, float]:
    """Where the stroke in an address ends; far away where there is none."""
    texts = parse_qs(urlsplit(address).query).get("d")
    return strokes_from_text(texts[0])[-1].points[-1] if texts else (np.inf, np.inf)


def stroke(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    box = page.get_by_test_id("drawing-pad").bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=10)
    page.mouse.up()
