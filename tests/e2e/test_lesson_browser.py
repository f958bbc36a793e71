"""The lesson from its first card to its last, by keyboard and by touch, as somebody takes it who never saw the app."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from panels import attribute, draw, wait_for_change
from playground import open_playground, wait_for_network
from playwright.sync_api import Browser, Locator, Page, expect

from cae.cli.browser import App
from cae.ui.lesson import CARDS

PICTURES = os.environ.get("CAE_LESSON_PICTURES")
"""A folder for a picture of each card, done, if somebody wants to look at them."""
FOCUSED = """() => { let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at?.dataset.testid ?? at?.getAttribute("aria-label"); }"""
MOST_TABS = 120


@pytest.fixture
def page(tab: Page) -> Page:
    """Not at the playground first."""
    return tab


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Press Tab until the element of that test id, or of that label, has the focus."""
    for _ in range(MOST_TABS):
        if page.evaluate(FOCUSED) == name:
            return
        page.keyboard.press(key)
    raise AssertionError(f"{name} cannot be reached by {key}.")


def press(page: Page, name: str, *keys: str) -> None:
    tab_to(page, name)
    for key in keys:
        page.keyboard.press(key)


def draw_with_keys(page: Page, *keys: str) -> None:
    """A stroke from where the pad's cursor is, by these keys."""
    press(page, "drawing-pad", " ", *keys, " ")


def the_best_grey(page: Page) -> int:
    """In hundredths, as the chart tells those who cannot see it."""
    chart = page.get_by_role("figure", name=re.compile("The loss of one grey"))
    return round(100 * float(re.search(r"at (0\.\d+);", chart.get_attribute("aria-label") or "")[1]))


def grey_by_keys(page: Page) -> None:
    best = the_best_grey(page)
    press(page, "Your grey: 0 is black, 1 is white", *["ArrowLeft"] * (60 - best))


def toy_by_keys(page: Page) -> None:
    for number in (1, 2, 3):
        press(page, f"toy-{number}", "Home")
    tab_to(page, "toy-2", "Shift+Tab")
    page.keyboard.press("End")


def anew_with_keys(page: Page, to: list[str], *keys: str) -> None:
    """Clear the pad, and draw a stroke from where the keys `to` lead."""
    press(page, "drawing-pad", "Delete", *to)
    draw_with_keys(page, *keys)


def two_cells_by_keys(page: Page) -> None:
    press(page, "code-zeroAll", "Enter")
    tab_to(page, "cell-5-2", "Shift+Tab")  # the one that was chosen on an earlier card
    page.keyboard.press("End")
    page.wait_for_timeout(500)  # a look at the picture
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("End")


def epochs_by_keys(page: Page) -> None:
    press(page, "epoch", "Home")
    wait_for_untrained(page)
    page.keyboard.press("ArrowRight")


def wait_for_untrained(page: Page) -> None:
    """Until the network before its training has drawn."""
    expect(page.get_by_test_id("reconstruction")).to_have_attribute("data-epoch", "0", timeout=30_000)
    page.wait_for_timeout(500)  # a look at the picture


BY_KEYS: dict[int, Callable[[Page], object]] = {
    0: toy_by_keys,
    1: lambda page: draw_with_keys(page, *["ArrowLeft"] * 9),
    2: lambda page: anew_with_keys(page, [], *["ArrowDown"] * 9, *["ArrowLeft"] * 9, *["ArrowUp"] * 9),
    3: lambda page: press(page, "cell-1-1", *["Shift+ArrowDown"] * 4, "Shift+ArrowRight", "ArrowUp", "ArrowUp"),
    4: lambda page: anew_with_keys(page, [*["ArrowLeft"] * 19, *["ArrowUp"] * 19]),
    5: two_cells_by_keys,
    6: epochs_by_keys,
    7: grey_by_keys,
    8: lambda page: press(page, "noise", "ArrowDown"),
    9: lambda page: press(page, "way", "Home", "End"),
    10: lambda page: press(page, "Quality", "Home"),
}


def scroll_to(where: Locator) -> None:
    """To above the lesson, below what stays at the top."""
    where.evaluate("element => element.scrollIntoView({ block: 'end' })")


def tap_at(where: Locator, x: float, y: float = 0.5) -> None:
    """Tap there, in fractions of its box, once it stands still and nothing lies over it."""
    scroll_to(where)
    box = where.bounding_box()
    where.tap(position={"x": x * box["width"], "y": y * box["height"]})


def dot_with_finger(page: Page, x: float, y: float) -> None:
    page.get_by_test_id("pad-clear").tap()
    tap_at(page.get_by_test_id("drawing-pad"), x, y)


def grey_with_finger(page: Page) -> None:
    tap_at(page.get_by_role("group", name="Your grey"), the_best_grey(page) / 100)


def toy_with_finger(page: Page) -> None:
    for number, where in ((1, 0.05), (2, 0.05), (3, 0.05), (2, 0.95)):
        tap_at(page.get_by_test_id(f"toy-{number}"), where)


def cell_with_finger(page: Page) -> None:
    tap_at(page.locator(".large .cells > div").nth(24), 0.5)
    tap_at(page.get_by_test_id("cell-range"), 0.95)


def two_cells_with_finger(page: Page) -> None:
    page.get_by_test_id("code-zeroAll").tap()
    for cell in (24, 25):
        tap_at(page.locator(".large .cells > div").nth(cell), 0.5)
        tap_at(page.get_by_test_id("cell-range"), 0.98)
        page.wait_for_timeout(500)  # a look at the picture


def house_with_finger(page: Page) -> None:
    page.get_by_test_id("pad-clear").tap()
    pad = page.get_by_test_id("drawing-pad")
    scroll_to(pad)
    walls, roof = [(0.3, 0.4), (0.3, 0.8), (0.7, 0.8), (0.7, 0.4), (0.3, 0.4)], [(0.3, 0.4), (0.5, 0.2), (0.7, 0.4)]
    draw(page, pad, [walls, roof])


def halfway_with_finger(page: Page) -> None:
    for where in (0.01, 0.6):
        tap_at(page.get_by_test_id("way"), where)
        page.wait_for_timeout(500)  # a look at the slider


def epochs_with_finger(page: Page) -> None:
    page.get_by_role("button", name="before training").tap()
    wait_for_untrained(page)
    page.get_by_role("button", name=re.compile("below the thesis")).tap()


BY_TOUCH: dict[int, Callable[[Page], object]] = {
    0: toy_with_finger,
    1: lambda page: tap_at(page.get_by_test_id("drawing-pad"), 0.2, 0.2),
    2: house_with_finger,
    3: cell_with_finger,
    4: lambda page: dot_with_finger(page, 0.15, 0.15),
    5: two_cells_with_finger,
    6: epochs_with_finger,
    7: grey_with_finger,
    8: lambda page: page.get_by_test_id("noise").select_option("gaussian"),
    9: halfway_with_finger,
    10: lambda page: tap_at(page.get_by_role("group", name="Quality"), 0.0),
}


def walk(page: Page, act: Callable[[str], None], tasks: dict[int, Callable[[Page], object]], name: str) -> None:
    """Guess, do, compare and read on, on each card; `act` presses one of the lesson's buttons."""
    for number, card in enumerate(CARDS):
        expect(page.get_by_test_id(f"lesson-{number}")).to_have_attribute("aria-current", "step")
        expect(page).to_have_url(re.compile(rf"/{card.page}\?.*\blesson={number}\b"))
        expect(page.get_by_test_id("lesson-task")).to_be_hidden()
        expect(page.get_by_test_id("lesson-why")).to_be_hidden()
        act("guess-1")
        expect(page.get_by_test_id("lesson-task")).to_be_visible()
        wait_for_page(page, number)
        expect(page.get_by_test_id("lesson-compare")).to_be_hidden()
        tasks[number](page)
        expect(page.get_by_test_id("lesson-why")).to_be_visible(timeout=30_000)
        compared = page.get_by_test_id("lesson-compare").inner_text()
        assert card.options[0].lower() in compared
        assert not re.search(r"[{}–]|undefined|NaN", compared), compared
        if PICTURES:
            page.wait_for_timeout(600)
            page.screenshot(path=Path(PICTURES) / f"{name}-{number}.png")
        act("lesson-next")
    expect(page.get_by_test_id("lesson-next")).to_be_hidden()
    expect(page).not_to_have_url(re.compile("lesson="))


def wait_for_page(page: Page, number: int) -> None:
    """Until the lesson has seen what stands there before the task is done."""
    page.wait_for_function(
        """number => [...document.querySelectorAll("div")].some(({ shadowRoot }) =>
            shadowRoot?.querySelector(`.dock[data-ready="${number}"]`))""",
        arg=number,
        timeout=60_000,
    )


def test_by_keyboard(page: Page, app: App) -> None:
    open_playground(page, app.url)
    press(page, "lesson", "Enter")

    def act(name: str) -> None:
        tab_to(page, name, "Tab" if name.startswith("guess") else "Shift+Tab")  # the lesson stands before the page
        page.keyboard.press("Enter")

    walk(page, act, BY_KEYS, "keys")
    assert page.evaluate(FOCUSED) == "lesson"


def test_by_touch(browser: Browser, app: App) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    open_playground(page, app.url)
    page.get_by_test_id("lesson").tap()
    walk(page, lambda name: page.get_by_test_id(name).tap(), BY_TOUCH, "touch")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


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
    page.get_by_role("heading", name="The network sees").click(force=True)  # on a phone, "?" lies over its title
    expect(page.locator("#help-original")).to_be_visible()
