"""The page Compress as a visitor uses it, in a real browser."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from panels import NOT_OURS
from playwright.sync_api import Browser, Page, expect

from cae.cli.browser import App
from cae.codec.file_format import unpack

LINE = "Line between before and after"


@pytest.fixture
def page(tab: Page, app: App) -> Page:
    return open_page(tab, app)


def open_page(page: Page, app: App) -> Page:
    """The page with its file, pictures and chart there."""
    page.set_default_timeout(60_000)
    page.goto(f"{app.url}/compress")
    page.get_by_text("Bytes against quality").wait_for(timeout=90_000)
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.wait_for_timeout(800)
    return page


def shown_bytes(page: Page) -> bytes:
    """The file as the page shows it in hexadecimal."""
    return bytes.fromhex("".join(page.locator(".hex .byte").all_inner_texts()))


def choose(page: Page, source: str) -> None:
    page.get_by_role("radio", name=source).or_(page.get_by_role("button", name=source, exact=True)).first.click()


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_violation_and_nothing_sticks_out(tab: Page, app: App, width: int, tmp_path: Path) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    page = open_page(tab, app)
    path = tmp_path / "picture.cae"
    path.write_bytes(shown_bytes(page))
    for source in ("Draw", "Upload", "Open a .cae file"):
        choose(page, source)
        page.wait_for_timeout(1000)
        if source.startswith("Open"):
            page.locator("input[type=file]").set_input_files(path)
            page.get_by_role("button", name="Save as PNG").wait_for()
        page.mouse.move(1, 1)  # a button under the pointer has another colour
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(600)
            results = Axe().run(page, options=NOT_OURS)
            assert results.violations_count == 0, f"{source}, {scheme}: {results.generate_report()}"
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth") <= width, source


def test_line_by_mouse_and_keyboard(page: Page) -> None:
    frame, line = page.get_by_test_id("wipe"), page.get_by_label(LINE)
    box = frame.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 70, steps=4)
    page.mouse.up()
    assert line.input_value() == "25"
    clip = frame.locator(".after").evaluate("image => getComputedStyle(image).clipPath")
    assert clip == "inset(0px 0px 0px 25%)"
    line.focus()
    page.keyboard.press("ArrowRight")
    assert line.input_value() == "26"
    assert line.get_attribute("aria-valuetext") == "26 % before, 74 % after"
    page.keyboard.press("Home")
    assert line.input_value() == "0"
    styles = frame.locator("img").evaluate_all("all => all.map(one => getComputedStyle(one).imageRendering)")
    assert styles == ["pixelated", "pixelated"]
    assert "PSNR" in frame.locator(".after").get_attribute("alt")


def test_line_by_finger(browser: Browser, app: App) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 900}, has_touch=True, is_mobile=True)
    page = open_page(context.new_page(), app)
    frame = page.get_by_test_id("wipe")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    session, y = context.new_cdp_session(page), box["y"] + box["height"] / 3
    for kind, share in (("touchStart", 0.5), ("touchMove", 0.6), ("touchMove", 0.8)):
        points = [{"x": box["x"] + share * box["width"], "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert page.get_by_label(LINE).input_value() == "80"
    context.close()


def test_drawing_changes_the_file_and_then_the_chart(page: Page) -> None:
    before = shown_bytes(page)
    chart = page.get_by_role("figure", name=re.compile("^Your picture at quality 5"))
    told = chart.get_attribute("aria-label")
    page.get_by_role("button", name="8", exact=True).click()
    page.wait_for_function('told => !document.querySelector(`[aria-label="${told}"]`)', arg=told)
    assert shown_bytes(page) != before
    unpack(shown_bytes(page))


def test_download_and_open_again(page: Page, tmp_path: Path) -> None:
    page.get_by_role("slider", name="Quality").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_text("quality 6 of 10").wait_for()
    shown = shown_bytes(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the file").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.suffix == ".cae"
    assert path.read_bytes() == shown
    picture = page.get_by_test_id("wipe").locator(".after").get_attribute("src")
    choose(page, "Open a .cae file")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Save as PNG").wait_for()
    expect(page.get_by_test_id("wipe").locator(".before")).to_have_attribute("src", picture)
    damaged = tmp_path / "damaged.cae"
    damaged.write_bytes(shown[:-1] + bytes([shown[-1] ^ 1]))
    page.locator("input[type=file]").set_input_files(damaged)
    expect(page.get_by_role("alert")).to_contain_text("damaged or incomplete")


def test_bytes_and_their_meaning_light_up_together(page: Page) -> None:
    page.locator(".byte.payload").first.hover()
    lit = page.locator(".part.lit")
    expect(lit).to_have_count(1)
    expect(lit).to_contain_text("Payload")
    page.locator(".part", has_text="Checksum").hover()
    expect(page.locator(".byte.lit")).to_have_count(4)
