"""The pages Evidence and Train as a visitor uses them, in a real browser."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from cae.cli.browser import App

pytestmark = pytest.mark.usefixtures("data_folder")

PAGES = {
    "experiments": ("evidence", "Experiment 1"),
    "images": ("evidence?show=Test+images", "Error map: reconstruction"),
    "collapse": ("train?tab=Collapse", "Pixel variance"),
    "source": ("evidence?show=Source", "The command that made each figure"),
    "data": ("train?tab=Data", "Samples by class"),
}


def open_page(context: BrowserContext, app: App, name: str) -> Page:
    """The page with its charts and pictures there."""
    path, words = PAGES[name]
    page = context.new_page()
    page.goto(f"{app.url}/{path}")
    page.get_by_text(words).first.wait_for(timeout=90_000)
    if name not in ("images", "source"):
        page.locator(".js-plotly-plot .main-svg").first.wait_for()
    if name not in ("experiments", "source"):
        page.locator(".grid img").first.wait_for()
    page.wait_for_timeout(300)
    return page


def sources(pictures: Locator) -> list[str]:
    return [picture.get_attribute("src") for picture in pictures.all()]


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_violation_and_nothing_sticks_out(browser: Browser, app: App, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme="light")
    context.set_default_timeout(60_000)
    for name in PAGES:
        page = open_page(context, app, name)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(300)
            results = Axe().run(page)
            assert results.violations_count == 0, f"{name}, {scheme}: {results.generate_report()}"
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth") <= width, name
        page.close()
    context.close()


def test_charts_say_what_they_show(context: BrowserContext, app: App) -> None:
    page = open_page(context, app, "experiments")
    expect(
        page.get_by_role("figure", name=re.compile("Mean squared errors: thesis 0.0022, this network 0"))
    ).to_be_visible()
    expect(page.get_by_role("figure", name=re.compile("Loss of the autoencoder by epoch")).first).to_be_visible()


def test_pictures_have_hard_edges_and_words(context: BrowserContext, app: App) -> None:
    for name in ("images", "collapse", "data"):
        page = open_page(context, app, name)
        pictures = page.locator(".grid img")
        styles = pictures.evaluate_all("all => all.map(one => getComputedStyle(one).imageRendering)")
        assert set(styles) == {"pixelated"}
        assert all(pictures.evaluate_all("all => all.map(one => one.alt)"))
        assert set(pictures.evaluate_all("all => all.map(one => one.naturalWidth)")) <= {7, 28}
        page.close()


def test_sections_by_keyboard_and_in_the_address(context: BrowserContext, app: App) -> None:
    """The keyboard stays where it is while the page answers."""
    for start, section, shown in (("experiments", "Test images", "images"), ("collapse", "Data", "data")):
        page = open_page(context, app, start)
        button = page.get_by_role("radio", name=section).or_(page.get_by_role("button", name=section, exact=True)).first
        button.press("Enter")
        page.get_by_text(PAGES[shown][1]).first.wait_for(timeout=90_000)
        expect(button).to_be_focused()
        expect(page).to_have_url(re.compile(section.replace(" ", ".")))
        page.close()


def test_a_collapsed_network_stays_the_same_for_every_digit(context: BrowserContext, app: App) -> None:
    page = open_page(context, app, "collapse")
    healthy, silent = (
        page.get_by_alt_text(re.compile("^The healthy")),
        page.get_by_alt_text(re.compile("^The one layer")),
    )
    seen = set()
    [same] = sources(silent)
    for digit in "0479":
        page.get_by_role("radio", name=digit, exact=True).or_(
            page.get_by_role("button", name=digit, exact=True)
        ).first.click()
        page.get_by_alt_text(f"The digit {digit}, drawn").first.wait_for()
        seen.update(sources(healthy))
        assert sources(silent) == [same]
    assert len(seen) == 4


def test_slider_by_keyboard_finds_the_pixel_variance(context: BrowserContext, app: App) -> None:
    page = open_page(context, app, "collapse")
    page.get_by_role("slider").focus()
    for _ in range(31):
        page.keyboard.press("ArrowLeft")
    page.get_by_text("Lower is impossible").wait_for()
    figures = page.get_by_test_id("stMetricValue").all_inner_texts()
    assert figures == ["0.1242", "0.1242"]


def test_class_filter(context: BrowserContext, app: App) -> None:
    page = open_page(context, app, "images")
    page.get_by_role("button", name="4", exact=True).or_(page.get_by_role("radio", name="4", exact=True)).first.click()
    page.get_by_text("class “4”").wait_for()
    captions = page.locator(".grid figcaption").all_inner_texts()
    assert len(captions) == 12
    assert all(caption.startswith("4 · MSE 0.") for caption in captions)


def test_reshuffle_and_switch_of_the_data_set(context: BrowserContext, app: App) -> None:
    page = open_page(context, app, "data")
    pictures = page.locator(".beside img")
    before = sources(pictures)
    assert len(before) == 120
    page.get_by_role("button", name="Reshuffle").click()
    page.wait_for_timeout(1500)
    assert sources(pictures) != before
    page.get_by_text("Fashion-MNIST clothes").first.click()
    page.get_by_text("Ankle boot").first.wait_for()
    expect(page).to_have_url(re.compile("set=Fashion"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_offline_the_data_page_says_so_in_one_sentence(browser: Browser, offline_app: App, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{offline_app.url}/data")  # the old address of the tab
    page.get_by_role("button", name="Download MNIST digits (11 MB)").click(timeout=60_000)
    alert = page.get_by_role("alert")
    alert.get_by_text("could not be downloaded").wait_for(timeout=60_000)
    assert alert.get_by_role("paragraph").count() == 1
    assert page.get_by_role("button", name="Download MNIST digits").is_enabled()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.goto(f"{offline_app.url}/evidence?show=Test+images")
    page.get_by_text("The test images are not on this machine").wait_for(timeout=60_000)
    context.close()
