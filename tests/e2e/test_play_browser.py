"""Play in a real browser: what fits on a screen, the code edited by hand, training gone back, links."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from panels import attribute, draw, latent, mse, picture, pixels, wait_for_change
from PIL import Image
from playground import as_new, open_playground, wait_for_network
from playwright.sync_api import Browser, Locator, Page, expect

from cae.cli.browser import App
from cae.ui.assets import STAGES

RESULTS = ("original", "latent", "reconstruction", "denoised", "error-map")
SEVEN = [[(0.3, 0.2), (0.7, 0.2), (0.45, 0.8)]]
WATCH = """(latent) => {
    const root = latent.getRootNode();
    const of = (name) => root.querySelector(`[data-testid="${name}"]`).dataset;
    window.seen = [];
    new MutationObserver(() => {
        const [reconstruction, denoised] = ["reconstruction", "denoised"].map((name) => of(name).pixels ?? null);
        window.seen.push({ code: of("latent").values, reconstruction, denoised });
    }).observe(root, { subtree: true, attributes: true, attributeFilter: ["data-pixels", "data-values"] });
}"""
"""Keeps what is shown after each change."""


@pytest.fixture(scope="module")
def desk(window: Page, app: App) -> Page:
    """One page for the tests that leave it as they found it but for the size of its window."""
    as_new(window)
    open_playground(window, app.url)
    return window


@pytest.fixture
def code(desk: Page) -> Iterator[Page]:
    """The page with the first example; edits are taken back."""
    desk.set_viewport_size({"width": 1280, "height": 800})
    yield desk
    if desk.get_by_test_id("code-resetAll").get_attribute("aria-disabled") == "false":
        desk.get_by_test_id("code-resetAll").click()
        wait_for_answer(desk)


def frame(page: Page, name: str) -> Locator:
    return page.get_by_test_id(name).locator(".frame").last


def box(of: Locator) -> tuple[float, float, float, float]:
    """Left, top, right, bottom on the screen."""
    found = of.bounding_box()
    assert found, "it is not shown"
    return found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"]


def cell(page: Page, row: int, column: int) -> Locator:
    return page.get_by_test_id(f"cell-{row}-{column}")


def value(page: Page, row: int, column: int) -> float:
    return float(latent(page)[row - 1, column - 1])


def wait_for_answer(page: Page) -> None:
    """Until the server has answered the last edit: the browser alone has no denoised picture of it."""
    page.wait_for_timeout(300)
    page.get_by_test_id("denoised").and_(page.locator("[data-pixels]")).wait_for(state="attached")


def scale(page: Page) -> float:
    """The difference of the values at the ends of the scale."""
    slider = cell(page, 1, 1)
    return float(slider.get_attribute("aria-valuemax") or 0) - float(slider.get_attribute("aria-valuemin") or 0)


def changed_cells(before: np.ndarray, after: np.ndarray) -> list[tuple[int, int]]:
    rows, columns = np.nonzero(np.abs(after - before) > 1e-6)
    return [(int(row) + 1, int(column) + 1) for row, column in zip(rows, columns, strict=True)]


# ---- Screens


def test_the_whole_page_is_on_one_screen(desk: Page) -> None:
    for width, height in ((1280, 800), (1440, 900)):
        desk.set_viewport_size({"width": width, "height": height})
        desk.wait_for_timeout(200)
        for name in (*RESULTS, "loss-curves", "cell", "drawing-pad"):
            left, top, right, bottom = box(desk.get_by_test_id(name))
            assert left >= 0, name
            assert top >= 0, name
            assert right <= width, name
            assert bottom <= height, f"{name} at {width}×{height}"
        assert desk.evaluate("document.documentElement.scrollWidth") <= width


def test_no_result_is_larger_than_the_pad(desk: Page) -> None:
    for width, height in ((1280, 800), (1440, 900), (820, 1180), (844, 390), (390, 844)):
        desk.set_viewport_size({"width": width, "height": height})
        desk.wait_for_timeout(200)
        left, _, right, _ = box(desk.get_by_test_id("drawing-pad"))
        for name in RESULTS:
            if not frame(desk, name).is_visible():
                continue
            found = box(frame(desk, name))
            assert found[2] - found[0] <= right - left + 1, f"{name} at {width}×{height}"


def test_beside_the_pad_on_a_tablet_and_on_a_phone_on_its_side(desk: Page) -> None:
    for width, height in ((820, 1180), (844, 390)):
        desk.set_viewport_size({"width": width, "height": height})
        desk.wait_for_timeout(200)
        _, top, pad_right, pad_bottom = box(desk.get_by_test_id("drawing-pad"))
        assert pad_bottom <= height, f"the pad at {width}×{height}"
        for name in ("original", "latent", "reconstruction"):
            left, result_top, right, bottom = box(frame(desk, name))
            assert left >= pad_right, f"{name} at {width}×{height}"
            assert right <= width
            assert bottom <= height, f"{name} at {width}×{height}"
            assert result_top < pad_bottom
            assert bottom > top
        assert desk.evaluate("document.documentElement.scrollWidth") <= width


def test_a_phone_shows_the_results_above_the_pad_and_one_large_panel(desk: Page) -> None:
    desk.set_viewport_size({"width": 390, "height": 844})
    desk.wait_for_timeout(200)
    _, pad_top, _, pad_bottom = box(desk.get_by_test_id("drawing-pad"))
    assert pad_bottom <= 844
    assert box(desk.get_by_test_id("fit"))[3] <= 844
    assert box(desk.get_by_test_id("noise"))[2] <= box(frame(desk, "original"))[2] + 0.5
    assert box(desk.get_by_test_id("noise"))[3] <= pad_top
    for name in ("original", "latent", "reconstruction"):
        _, _, right, bottom = box(frame(desk, name))
        assert right <= 390
        assert bottom <= pad_top
    tabs = {"Code": "cell", "Error": "error-map", "Denoised": "denoised", "Learning": "loss-curves"}
    for tab, shown in tabs.items():
        desk.get_by_role("group", name="The large panel").get_by_role("button", name=tab).click()
        for name in tabs.values():
            expect(desk.get_by_test_id(name)).to_be_visible(visible=name == shown)
        left, _, right, _ = box(desk.get_by_test_id(shown))
        assert right - left > 300
    desk.get_by_role("group", name="The large panel").get_by_role("button", name="Code").click()
    assert desk.evaluate("document.documentElement.scrollWidth") <= 390


# ---- Editing the code


def test_cells_are_sliders_with_names_and_values(code: Page) -> None:
    values = latent(code)
    sliders = code.get_by_test_id(re.compile(r"^cell-\d-\d$"))
    assert sliders.count() == 49
    for row, column in ((1, 1), (4, 4), (7, 7)):
        slider = cell(code, row, column)
        expect(slider).to_have_role("slider")
        expect(slider).to_have_accessible_name(f"Row {row}, column {column}")
        assert float(slider.get_attribute("aria-valuenow") or "") == pytest.approx(
            values[row - 1, column - 1], abs=1e-3
        )


def test_keys_change_one_cell_and_the_servers_answer_agrees(code: Page) -> None:
    cell(code, 4, 4).press("ArrowUp")  # the browser then has its network
    wait_for_answer(code)
    cell(code, 4, 4).press("ArrowDown")
    wait_for_answer(code)
    given, before, shown = attribute(code, "latent"), latent(code).copy(), pixels(code, "reconstruction")
    code.get_by_test_id("latent").evaluate(WATCH)
    cell(code, 4, 4).focus()
    for _ in range(3):
        code.keyboard.press("ArrowUp")
    code.wait_for_function("(before) => window.seen.at(-1)?.denoised && window.seen.at(-1).code !== before", arg=given)
    after = latent(code)
    assert changed_cells(before, after) == [(4, 4)]
    assert after[3, 3] - before[3, 3] == pytest.approx(0.3 * scale(code), rel=1e-3)
    seen = code.evaluate("window.seen")
    final = next(each for each in reversed(seen) if each["denoised"])
    own = [each["reconstruction"] for each in seen if each["code"] == final["code"] and not each["denoised"]]
    browsers, servers = (picture(text).astype(int) for text in (own[-1], final["reconstruction"]))
    assert np.abs(browsers - servers).max() <= 2
    assert np.abs(servers - shown).max() > 5
    code.keyboard.press("Shift+ArrowRight")
    expect(cell(code, 4, 5)).to_be_focused()
    code.keyboard.press("End")
    assert changed_cells(before, latent(code)) == [(4, 4), (4, 5)]


def test_a_cell_is_dragged_turned_typed_and_slid(code: Page) -> None:
    before, step = latent(code).copy(), scale(code)
    left, top, right, bottom = box(cell(code, 3, 3))
    x, y = (left + right) / 2, (top + bottom) / 2
    code.mouse.move(x, y)
    code.mouse.down()
    code.mouse.move(x, y - 35, steps=7)
    code.mouse.up()
    dragged = value(code, 3, 3)
    assert dragged - before[2, 2] == pytest.approx(0.25 * step, rel=0.01)
    code.mouse.move(x, y)
    code.mouse.wheel(0, -100)
    code.wait_for_timeout(100)
    assert value(code, 3, 3) - dragged == pytest.approx(0.02 * step, rel=0.01)
    for keys, expected in (("2.5", 2.5), ("-0,75", -0.75), ("1", 1.0)):
        cell(code, 3, 3).focus()
        code.keyboard.type(keys)
        code.keyboard.press("Enter")
        code.wait_for_timeout(50)
        assert value(code, 3, 3) == pytest.approx(expected, abs=1e-5), keys
    code.get_by_test_id("cell-range").fill("0.5")
    assert value(code, 3, 3) == pytest.approx(0.5, abs=step / 200)
    code.get_by_test_id("cell-number").fill("no number")
    code.get_by_test_id("cell-number").press("Enter")
    assert value(code, 3, 3) == pytest.approx(0.5, abs=step / 200)
    assert changed_cells(before, latent(code)) == [(3, 3)]


def test_cells_go_back_one_by_one_and_all_at_once(code: Page) -> None:
    before, shown = latent(code).copy(), attribute(code, "reconstruction")
    for row, column in ((2, 2), (5, 5)):
        cell(code, row, column).focus()
        code.keyboard.press("PageUp")
    assert changed_cells(before, latent(code)) == [(2, 2), (5, 5)]
    code.get_by_test_id("code-reset").click()
    assert changed_cells(before, latent(code)) == [(2, 2)]
    code.get_by_test_id("code-undo").click()
    code.get_by_test_id("code-undo").click()
    assert changed_cells(before, latent(code)) == [(2, 2)]
    code.get_by_test_id("code-zeroAll").click()
    assert not latent(code).any()
    code.get_by_test_id("code-undo").click()
    assert changed_cells(before, latent(code)) == [(2, 2)]
    code.get_by_test_id("code-resetAll").click()
    assert changed_cells(before, latent(code)) == []
    wait_for_answer(code)
    assert attribute(code, "reconstruction") == shown


# ---- Back in training


def test_training_is_gone_back(code: Page) -> None:
    original, now = pixels(code, "original"), attribute(code, "reconstruction")
    good = mse(original, pixels(code, "reconstruction"))
    slider = code.get_by_test_id("epoch")
    slider.focus()
    code.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0")
    wait_for_change(code, "reconstruction", now)
    untrained = attribute(code, "reconstruction")
    assert mse(original, pixels(code, "reconstruction")) > 5 * good
    code.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuenow", "1")
    wait_for_change(code, "reconstruction", untrained)
    code.keyboard.press("Escape")
    assert attribute(code, "reconstruction") == now

    left, top, right, bottom = box(slider)
    y = (top + bottom) / 2
    code.mouse.move(left + 70, y)
    code.mouse.down()
    found = set()
    for part in range(1, 9):
        code.mouse.move(left + 70 + part / 8 * (right - left - 80), y)
        code.wait_for_timeout(150)
        found.add(attribute(code, "reconstruction"))
    code.mouse.up()
    assert len(found) >= 4
    expect(slider).to_have_attribute("aria-valuenow", slider.get_attribute("aria-valuemax") or "")
    code.get_by_role("button", name="Now", exact=True).click()
    assert attribute(code, "reconstruction") == now

    code.get_by_role("button", name="before training").click()
    expect(slider).to_have_attribute("aria-valuenow", "0")
    wait_for_change(code, "reconstruction", now)
    assert attribute(code, "reconstruction") == untrained
    code.get_by_role("button", name=re.compile("below the thesis")).click()
    wait_for_change(code, "reconstruction", untrained)
    code.get_by_role("button", name="Now", exact=True).click()

    code.get_by_role("button", name=re.compile("Play$")).click()
    for epoch in ("0", "1", "2"):
        expect(slider).to_have_attribute("aria-valuenow", epoch)
    code.get_by_role("button", name=re.compile("Pause$")).click()
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^epoch"))
    code.get_by_role("button", name="Now", exact=True).click()
    expect(slider).to_have_attribute("aria-valuetext", "now, the finished network")
    assert attribute(code, "reconstruction") == now


# ---- Links


def test_a_link_shows_the_same_and_a_reload_keeps_it(browser: Browser, app: App) -> None:
    contexts = [browser.new_context(viewport={"width": 1280, "height": 800}) for _ in range(2)]
    page, other = (context.new_page() for context in contexts)
    open_playground(page, app.url)
    page.get_by_test_id("pad-clear").click()
    before = attribute(page, "original")
    draw(page, page.get_by_test_id("drawing-pad"), SEVEN)
    wait_for_change(page, "original", before)
    page.get_by_test_id("noise").select_option("gaussian")
    page.get_by_text("noise: off by").wait_for()
    page.wait_for_timeout(800)
    cell(page, 4, 4).focus()
    page.keyboard.press("PageUp")
    page.wait_for_url("**/*z=*")
    wait_for_answer(page)
    assert len(page.url) - len(app.url) < 700
    assert "d=" in page.url

    other.goto(page.url)
    wait_for_network(other)
    other.get_by_text("noise: off by").wait_for()
    _assert_same(page, other)
    shown = {name: pixels(page, name) for name in ("original", "reconstruction")}
    page.reload()
    wait_for_network(page)
    page.get_by_text("noise: off by").wait_for()
    expect(page.get_by_test_id("noise")).to_have_value("gaussian")
    assert np.array_equal(pixels(page, "original"), shown["original"])
    _assert_same(page, other)
    for context in contexts:
        context.close()


def _assert_same(page: Page, other: Page) -> None:
    """The panels agree; a code in a link is rounded to hundredths."""
    for each in (page, other):
        wait_for_answer(each)
    assert np.array_equal(pixels(page, "original"), pixels(other, "original"))
    assert np.allclose(latent(page), latent(other), atol=0.006)
    for name in ("reconstruction", "denoised"):
        assert np.abs(pixels(page, name).astype(int) - pixels(other, name)).max() <= 10, name
        assert mse(pixels(page, name), pixels(other, name)) < 1e-5, name


# ---- Pictures of one's own, and to take away


def test_a_square_is_taken_of_an_upload(page: Page) -> None:
    page.get_by_test_id("stButtonGroup").get_by_text("Upload", exact=True).click()
    before = attribute(page, "original")
    page.get_by_role("button", name="Try a sample").click()
    wait_for_change(page, "original", before)
    crop = page.get_by_test_id("crop")
    expect(crop).to_be_visible()
    expect(page.get_by_test_id("drawing-pad")).to_be_hidden()
    for name in (*RESULTS, "loss-curves", "cell", "link"):
        assert box(page.get_by_test_id(name))[3] <= 800, name
    for how in ("drag", "corner", "keys"):
        shown = attribute(page, "original")
        left, top, right, bottom = box(crop)
        if how == "keys":
            crop.focus()
            for _ in range(8):
                page.keyboard.press("ArrowRight")
        else:
            x, y = ((left + right) / 2, (top + bottom) / 2) if how == "drag" else (right - 4, bottom - 4)
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x - 25, y - 25, steps=5)
            page.mouse.up()
        wait_for_change(page, "original", shown)
        moved = box(crop)
        assert (moved[0] != pytest.approx(left)) == (how != "corner")
        assert (moved[2] - moved[0] < right - left - 10) == (how == "corner")
    page.get_by_role("button", name="The whole picture again").click()
    expect(page.get_by_role("button", name="The whole picture again")).to_have_count(0)


def test_panels_that_the_address_names_are_shown_alone(desk: Page, app: App) -> None:
    desk.set_viewport_size({"width": 1280, "height": 800})
    open_playground(desk, f"{app.url}?show=code,again&view=projector")
    for name in (*RESULTS, "cell", "loss-curves"):
        expect(desk.get_by_test_id(name)).to_be_visible(visible=name in ("latent", "reconstruction"))
    large = box(frame(desk, "reconstruction"))
    assert large[2] - large[0] > 300
    assert large[3] <= 800
    open_playground(desk, app.url)


def test_pictures_are_saved_one_by_one_and_all_in_one(desk: Page, tmp_path: Path) -> None:
    desk.get_by_test_id("link").click()
    with desk.expect_download() as download:
        desk.get_by_test_id("save-all").click()
    download.value.save_as(tmp_path / "all.png")
    with Image.open(tmp_path / "all.png") as image:
        width, height = image.size
        sheet = np.asarray(image.convert("L"))
    assert width > 4 * height
    assert np.ptp(sheet) == 255
    with desk.expect_download() as download:
        desk.get_by_test_id("code-csv").click()
    values = np.loadtxt(download.value.path(), delimiter=",")
    assert np.allclose(values, latent(desk), atol=1e-5)


def test_a_picture_that_is_held_shows_the_original(desk: Page) -> None:
    left, top, right, bottom = box(frame(desk, "reconstruction"))
    over = frame(desk, "reconstruction").locator(".over")
    expect(over).to_be_hidden()
    desk.mouse.move((left + right) / 2, (top + bottom) / 2)
    desk.mouse.down()
    expect(over).to_be_visible()
    desk.mouse.up()
    expect(over).to_be_hidden()


# ---- Accessibility


def test_teachers_find_their_page(code: Page) -> None:
    button = box(code.get_by_test_id("link"))
    code.set_viewport_size({"width": 390, "height": 844})
    code.get_by_test_id("link").click()
    left, _, right, _ = box(code.locator("#take-away"))
    assert left >= 0
    assert right <= 390
    code.keyboard.press("Escape")
    code.set_viewport_size({"width": 1280, "height": 800})
    code.get_by_test_id("link").click()
    left, top, right, _ = box(code.locator("#take-away"))
    assert right <= button[0]
    assert left > 0
    assert abs(top - button[1]) < 40, "not beside its button"
    with code.expect_popup() as opened:
        code.get_by_test_id("teachers").click()
    expect(opened.value.get_by_role("heading", name="For teachers")).to_be_visible()
    opened.value.close()


@pytest.mark.parametrize("name", ["encoder", "denoised"])
def test_help_opens_beside_its_panel_with_the_lines_of_keras(code: Page, name: str) -> None:
    panel = code.get_by_test_id(name).or_(code.locator(f".panel.{name}")).first
    before = box(panel)
    panel.locator(".help").click()
    help_box = code.locator(f"#help-{name}")
    expect(help_box.locator("pre")).to_have_text(STAGES[name])
    left, top, right, bottom = box(help_box)
    assert min(right, before[2]) <= max(left, before[0]) or min(bottom, before[3]) <= max(top, before[1]), (
        "it covers it"
    )
    assert min(left, top) >= 0
    assert right <= 1280
    assert bottom <= 800
    assert box(panel) == before
    results = Axe().run(code)
    assert results.violations_count == 0, results.generate_report()
    code.keyboard.press("Escape")
    expect(help_box).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(tab: Page, app: App, scheme: str) -> None:
    tab.emulate_media(color_scheme=scheme)
    page = tab
    open_playground(page, app.url)
    _check_accessibility(page)
    cell(page, 4, 4).focus()
    page.keyboard.press("ArrowUp")
    page.get_by_role("button", name="log axis").hover()
    _check_accessibility(page)
    page.get_by_role("button", name="7", exact=True).hover()
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("group", name="The large panel").get_by_role("button", name="Learning").click()
    _check_accessibility(page)


def _check_accessibility(page: Page) -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
