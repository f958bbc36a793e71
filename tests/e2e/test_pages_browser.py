"""The pages Evidence and Train as a visitor uses them, in a real browser."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from panels import eventually
from playwright.sync_api import Locator, Page, expect

from cae.cli.browser import App

pytestmark = pytest.mark.usefixtures("data_folder")

PAGES = {
    "experiments": ("evidence", "Experiment 1"),
    "images": ("evidence?show=Test+images", "Error map: reconstruction"),
    "collapse": ("train?tab=Collapse", "Pixel variance"),
    "source": ("evidence?show=Source", "The command that made each figure"),
    "data": ("train?tab=Data", "Samples by class"),
    "teachers": ("teachers", "Five minutes"),
    "worksheet": ("worksheet", "49 numbers"),
}
CHARTS, PICTURES = {"experiments", "collapse", "data"}, {"images", "collapse", "data"}
"""What the pages hold."""


def open_page(page: Page, app: App, name: str) -> None:
    """Open it, with its charts and pictures there."""
    path, words = PAGES[name]
    page.goto(f"{app.url}/{path}")
    page.get_by_text(words).first.wait_for(timeout=90_000)
    if name in CHARTS:
        page.locator(".js-plotly-plot .main-svg").first.wait_for()
    if name in PICTURES:
        page.locator(".grid img").first.wait_for()
    page.wait_for_timeout(300)


def sources(pictures: Locator) -> list[str]:
    return [picture.get_attribute("src") for picture in pictures.all()]


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_violation_and_nothing_sticks_out(tab: Page, app: App, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    tab.set_default_timeout(60_000)
    for name in PAGES:
        tab.emulate_media(color_scheme="light")
        open_page(tab, app, name)
        for scheme in ("light", "dark"):
            tab.emulate_media(color_scheme=scheme)
            tab.wait_for_timeout(300)
            results = Axe().run(tab)
            assert results.violations_count == 0, f"{name}, {scheme}: {results.generate_report()}"
        assert tab.get_by_test_id("stMain").evaluate("main => main.scrollWidth") <= width, name


def test_charts_say_what_they_show(tab: Page, app: App) -> None:
    open_page(tab, app, "experiments")
    expect(
        tab.get_by_role("figure", name=re.compile("Mean squared errors: thesis 0.0022, this network 0"))
    ).to_be_visible()
    expect(tab.get_by_role("figure", name=re.compile("Loss of the autoencoder by epoch")).first).to_be_visible()


def test_pictures_have_hard_edges_and_words(tab: Page, app: App) -> None:
    for name in ("images", "collapse", "data"):
        open_page(tab, app, name)
        pictures = tab.locator(".grid img")
        styles = pictures.evaluate_all("all => all.map(one => getComputedStyle(one).imageRendering)")
        assert set(styles) == {"pixelated"}
        assert all(pictures.evaluate_all("all => all.map(one => one.alt)"))
        assert set(pictures.evaluate_all("all => all.map(one => one.naturalWidth)")) <= {7, 28}


def test_sections_by_keyboard_and_in_the_address(tab: Page, app: App) -> None:
    """The keyboard stays where it is while the page answers."""
    for start, section, shown in (("experiments", "Test images", "images"), ("collapse", "Data", "data")):
        open_page(tab, app, start)
        button = tab.get_by_role("radio", name=section).or_(tab.get_by_role("button", name=section, exact=True)).first
        button.press("Enter")
        tab.get_by_text(PAGES[shown][1]).first.wait_for(timeout=90_000)
        expect(button).to_be_focused()
        expect(tab).to_have_url(re.compile(section.replace(" ", ".")))


def test_a_collapsed_network_stays_the_same_for_every_digit(tab: Page, app: App) -> None:
    open_page(tab, app, "collapse")
    healthy, silent = (
        tab.get_by_alt_text(re.compile("^The healthy")),
        tab.get_by_alt_text(re.compile("^The one layer")),
    )
    seen = set()
    [same] = sources(silent)
    for digit in "0479":
        tab.get_by_role("radio", name=digit, exact=True).or_(
            tab.get_by_role("button", name=digit, exact=True)
        ).first.click()
        tab.get_by_alt_text(f"The digit {digit}, drawn").first.wait_for()
        seen.update(sources(healthy))
        assert sources(silent) == [same]
    assert len(seen) == 4


def test_slider_by_keyboard_finds_the_pixel_variance(tab: Page, app: App) -> None:
    open_page(tab, app, "collapse")
    tab.get_by_role("slider").focus()
    for _ in range(31):
        tab.keyboard.press("ArrowLeft")
    tab.get_by_text("Lower is impossible").wait_for()
    expect(tab.get_by_test_id("stMetricValue")).to_have_text(["0.1242", "0.1242"])


def test_class_filter(tab: Page, app: App) -> None:
    open_page(tab, app, "images")
    tab.get_by_role("button", name="4", exact=True).or_(tab.get_by_role("radio", name="4", exact=True)).first.click()
    tab.get_by_text("class “4”").wait_for()
    captions = tab.locator(".grid figcaption").all_inner_texts()
    assert len(captions) == 12
    assert all(caption.startswith("4 · MSE 0.") for caption in captions)


def test_reshuffle_and_switch_of_the_data_set(tab: Page, app: App) -> None:
    open_page(tab, app, "data")
    pictures = tab.locator(".beside img")
    before = sources(pictures)
    assert len(before) == 120
    tab.get_by_role("button", name="Reshuffle").click()
    eventually(tab, lambda: sources(pictures) != before)
    tab.get_by_text("Fashion-MNIST clothes").first.click()
    tab.get_by_text("Ankle boot").first.wait_for()
    expect(tab).to_have_url(re.compile("set=Fashion"))


def test_offline_the_data_page_says_so_in_one_sentence(tab: Page, offline_app: App) -> None:
    tab.set_viewport_size({"width": 390, "height": 900})
    tab.goto(f"{offline_app.url}/data")  # the old address of the tab
    tab.get_by_role("button", name="Download MNIST digits (11 MB)").click(timeout=60_000)
    alert = tab.get_by_role("alert")
    alert.get_by_text("could not be downloaded").wait_for(timeout=60_000)
    assert alert.get_by_role("paragraph").count() == 1
    assert tab.get_by_role("button", name="Download MNIST digits").is_enabled()
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        tab.wait_for_timeout(300)
        results = Axe().run(tab)
        assert results.violations_count == 0, f"{scheme}: {results.generate_report()}"
    tab.goto(f"{offline_app.url}/evidence?show=Test+images")
    tab.get_by_text("The test images are not on this machine").wait_for(timeout=60_000)
