"""The lesson in a real browser."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from panels import attribute, wait_for_change
from playground import wait_for_network
from playwright.sync_api import Page, expect

from cae.cli.browser import App


@pytest.fixture
def page(tab: Page) -> Page:
    """Not at the playground first."""
    return tab


def wait_for_page(page: Page, number: int) -> None:
    """Until the lesson has seen what stands there before the task is done."""
    page.wait_for_function(
        """number => [...document.querySelectorAll("div")].some(({ shadowRoot }) =>
            shadowRoot?.querySelector(`.dock[data-ready="${number}"]`))""",
        arg=number,
        timeout=60_000,
    )


def test_a_card_is_left_resumed_and_explained_without_doing(page: Page, app: App) -> None:
    """The address knows the card, also after a reload; the page gets its room and its marks back."""
    page.goto(f"{app.url}/?lesson=2&plan=5&x=7&m=mnist")
    wait_for_page(page, 2)
    panel = page.locator("section.reconstruction")
    page.get_by_test_id("guess-2").click()
    expect(panel).to_have_attribute("style", re.compile("dashed"))
    page.get_by_test_id("lesson-reveal").click()
    expect(page.get_by_test_id("lesson-why")).to_be_visible()
    page.get_by_test_id("lesson-leave").click()
    expect(page.get_by_test_id("lesson-predict")).to_be_hidden()
    expect(panel).not_to_have_attribute("style", re.compile("dashed"))
    assert "lesson" not in page.url
    page.get_by_test_id("lesson").click()
    expect(page.get_by_test_id("lesson-2")).to_have_attribute("aria-current", "step")
    expect(page.get_by_test_id("guess-2")).to_have_attribute("aria-pressed", "true")
    assert page.get_by_test_id("lesson-4").count() == 0
    page.reload()
    wait_for_page(page, 2)
    expect(page.get_by_test_id("guess-2")).to_have_attribute("aria-pressed", "true")
    before = attribute(page, "original")
    page.get_by_role("button", name="4", exact=True).click()  # nothing is locked
    wait_for_change(page, "original", before)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_and_the_card_covers_nothing(page: Page, app: App, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{app.url}/?lesson=3&x=3")
    wait_for_page(page, 3)
    wait_for_network(page)
    page.get_by_test_id("lesson-reveal").click()
    dock = page.get_by_test_id("lesson-dock")
    for width, beside in ((1280, True), (390, False)):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_timeout(100)
        box, main = dock.bounding_box(), page.locator(".stMain").bounding_box()
        assert main["x"] + main["width"] <= box["x"] + 1 if beside else main["y"] + main["height"] <= box["y"] + 1
        assert box["height"] <= 844 / 2 or beside
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
    page.get_by_test_id("lesson-fold").click()
    assert dock.bounding_box()["height"] < 64
