"""What the page's panels hold, read from the attributes that it keeps for scripts."""

import base64
from collections.abc import Callable

import numpy as np
from playwright.sync_api import Locator, Page

NOT_OURS = {"rules": {"presentation-role-conflict": {"enabled": False}}, "resultTypes": ["violations"]}
"""Streamlit's file uploader is a section of that role that has a label and takes the focus; the latter is reported as
https://github.com/streamlit/streamlit/issues/15921."""

INK = 10_000
"""The least sum of the pixels of a drawn digit; the first points of one have less."""


def pixels(page: Page, name: str) -> np.ndarray:
    """The image in a panel, uint8 (28, 28)."""
    return picture(page.get_by_test_id(name).get_attribute("data-pixels") or "")


def picture(text: str) -> np.ndarray:
    """The image that base64 stands for, uint8 (28, 28)."""
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(28, 28)


def latent(page: Page) -> np.ndarray:
    """The latent, float32 (7, 7)."""
    text = page.get_by_test_id("latent").get_attribute("data-values")
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(7, 7)


def mse(a: np.ndarray, b: np.ndarray) -> float:
    """Mean squared error of uint8 images over [0, 1]."""
    return float(np.mean((a.astype(float) - b.astype(float)) ** 2) / 255**2)


def constant_mse(image: np.ndarray) -> float:
    """The error of the best constant grey image: the pixel variance."""
    return float(np.var(image / 255))


def wait_for_change(page: Page, name: str, before: str | None) -> None:
    """Until the panel shows another picture than `before`."""
    page.wait_for_function(
        """([name, before]) => {
            const find = (root) => root.querySelector(`[data-testid="${name}"]`) ??
                [...root.querySelectorAll("*")].map((e) => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
            const panel = find(document);
            const now = panel?.dataset.pixels ?? panel?.dataset.values;
            return now && now !== before;
        }""",
        arg=[name, before],
    )


def eventually(page: Page, holds: Callable[[], bool | np.bool_]) -> None:
    """Wait until something holds; it fails if that takes more than a minute."""
    for _ in range(600):
        if holds():
            return
        page.wait_for_timeout(100)
    assert holds()


def drawn(page: Page) -> np.ndarray:
    """The original, uint8 (28, 28), once it is more than a drawing's first points and the panels have come to rest."""
    before: tuple[str | None, ...] = ()
    for _ in range(50):
        now = tuple(attribute(page, name) for name in ("original", "reconstruction"))
        if now == before and pixels(page, "original").sum() > INK:
            break
        before = now
        page.wait_for_timeout(600)
    return pixels(page, "original")


def attribute(page: Page, name: str) -> str | None:
    return page.get_by_test_id(name).get_attribute("data-values" if name == "latent" else "data-pixels")


def draw(page: Page, pad: Locator, strokes: list[list[tuple[float, float]]]) -> None:
    """Draw strokes with the mouse; points in fractions of the pad."""
    box = pad.bounding_box()
    for stroke in strokes:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=4)
        page.mouse.up()
