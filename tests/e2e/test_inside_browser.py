"""Inside in a real browser: layers opened, a pixel's arithmetic, what is silenced; by keyboard and touch, with axe."""

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from panels import mse, picture
from playground import as_new
from playwright.sync_api import Browser, Page, expect

from cae.cli.browser import App
from cae.model.specification import DECODER, ENCODER, layer_sizes
from cae.ui.assets import CONSTANTS

LINES = [layer["keras"] for half in ("encoder", "decoder") for layer in CONSTANTS["layers"][half]]
SIZES = layer_sizes(ENCODER, 28) + layer_sizes(DECODER, 7)


@pytest.fixture(scope="module")
def desk(window: Page, app: App) -> Page:
    """One page for the tests that leave nothing silenced."""
    as_new(window)
    open_inside(window, f"{app.url}/how-it-works")  # the old address of the page
    return window


def open_inside(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_test_id("computed").wait_for(timeout=60_000)


def open_layer(page: Page, number: int) -> None:
    page.get_by_test_id(f"layer-{number}").click()
    expect(page.get_by_test_id(f"layer-{number}")).to_have_attribute("aria-selected", "true")


def figure(page: Page, name: str) -> float:
    """A figure of the sum, as it is printed."""
    return float(page.get_by_test_id(name).inner_text().replace("−", "-"))


def colours(page: Page, selector: str) -> np.ndarray:
    """The pixels of a canvas, uint8 (H, W, 3)."""
    script = """(canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return [canvas.height, canvas.width, [...data]];
    }"""
    height, width, data = page.locator(selector).first.evaluate(script)
    return np.array(data, np.uint8).reshape(height, width, 4)[..., :3]


def drawn_again(page: Page) -> np.ndarray:
    return picture(page.get_by_test_id("reconstruction").get_attribute("data-pixels") or "")


def test_the_old_address_leads_here(desk: Page) -> None:
    expect(desk).to_have_url(re.compile("/inside"))


def test_all_layers_are_there_with_their_figures(desk: Page) -> None:
    tabs = desk.get_by_role("tab")
    expect(tabs).to_have_count(20)
    for index, size in enumerate(SIZES):
        name = tabs.nth(index).get_attribute("aria-label") or ""
        assert f"Layer {index + 1} of 20: {size.description.replace('relu', 'ReLU')};" in name
        assert f"output {size.side}×{size.side}×{size.channels}; {size.parameters:,} parameters" in name
        assert f"{size.multiply_adds:,} multiply-adds; receptive field " in name
        expect(tabs.nth(index)).to_contain_text(f"{size.parameters:,}")
    assert mse(drawn_again(desk), picture(desk.get_by_test_id("original").get_attribute("data-pixels") or "")) < 0.003


@pytest.mark.parametrize("number", [1, 2, 6, 10, 20])
def test_the_printed_terms_add_up_to_what_the_network_computed(desk: Page, number: int) -> None:
    size, layer = SIZES[number - 1], (ENCODER + DECODER)[number - 1]
    open_layer(desk, number)
    expect(desk.get_by_test_id("keras")).to_have_text(LINES[number - 1])
    expect(desk.get_by_role("option")).to_have_count(size.channels)
    frame = desk.get_by_test_id("large-map")
    side = frame.bounding_box() or {"width": 0}
    before = 28 if number == 1 else SIZES[number - 2].side
    for row, column in ((size.side // 2, size.side // 2), (0, 0)):
        at = (side["width"] / size.side * (column + 0.5), side["width"] / size.side * (row + 0.5))
        frame.click(position={"x": at[0], "y": at[1]})
        expect(desk.get_by_role("heading", name=f"Row {row + 1}, column {column + 1}", exact=True)).to_be_visible()
        patch = desk.locator(".mark.patch").evaluate("mark => parseFloat(mark.style.width)")
        assert patch == pytest.approx(100 * layer.kernel / before, rel=0.01), "in the map before"
        terms = desk.get_by_test_id("terms").locator("td")
        expect(terms).to_have_count(layer.kernel**2)
        products = [float(text.replace("−", "-")) for text in terms.locator("b").all_inner_texts()]
        assert sum(products) == pytest.approx(figure(desk, "partial"), abs=5e-4 * len(products))
        others = figure(desk, "others") if desk.get_by_test_id("others").count() else 0.0
        total = figure(desk, "partial") + others + figure(desk, "bias")
        assert total == pytest.approx(figure(desk, "sum"), abs=2e-4)
        activation = {"relu": lambda x: max(x, 0), "linear": lambda x: x, "tanh": np.tanh}[layer.activation]
        assert activation(figure(desk, "sum")) == pytest.approx(figure(desk, "result"), abs=1e-4)
        assert figure(desk, "computed") == pytest.approx(figure(desk, "result"), abs=1e-4)
    assert desk.get_by_test_id("terms").locator(".outside").count() == (5 if layer.kernel == 3 else 0)


def test_all_terms_of_all_channels_can_be_reached(desk: Page) -> None:
    open_layer(desk, 9)
    bars, partial = desk.get_by_test_id("bars"), 0.0
    bars.press("Home")
    for channel in range(1, 5):
        expect(bars).to_have_attribute("aria-valuenow", str(channel))
        partial += figure(desk, "partial")
        bars.press("ArrowRight")
    assert partial + figure(desk, "bias") == pytest.approx(figure(desk, "sum"), abs=3e-4)


def test_pooling_shows_the_winner_and_upsampling_the_copies(desk: Page) -> None:
    open_layer(desk, 3)
    values = [float(text) for text in desk.get_by_test_id("terms").locator("td").all_inner_texts()]
    assert len(values) == 4
    winner = float(desk.get_by_test_id("terms").locator(".winner").inner_text())
    assert winner == max(values) == figure(desk, "computed")
    open_layer(desk, 14)
    expect(desk.locator(".mark.copies")).to_be_visible()
    assert figure(desk, "result") == figure(desk, "computed")


def test_a_map_and_its_scale(desk: Page) -> None:
    open_layer(desk, 1)
    desk.get_by_test_id("map-6").click()
    expect(desk.get_by_role("heading", name="Channel 6 of 128")).to_be_visible()
    large, small = colours(desk, "[data-testid=large-map] canvas"), colours(desk, "[data-testid=map-6] canvas")
    assert np.array_equal(large, small)
    assert large.shape == (28, 28, 3)
    assert len(np.unique(large.reshape(-1, 3), axis=0)) > 10
    expect(desk.get_by_test_id("map-6")).to_have_attribute("aria-label", re.compile(r"^Channel 6: 0 to \d"))


def test_what_is_silenced_is_lost_until_it_is_on_again(desk: Page) -> None:
    before = drawn_again(desk)
    open_layer(desk, 8)
    desk.get_by_test_id("silence-channel").click()
    expect(desk.get_by_test_id("reconstruction")).to_contain_text("before")
    one = drawn_again(desk)
    assert mse(one, before) > 1e-5
    expect(desk.get_by_test_id("computed")).to_have_text("0.0000")
    desk.get_by_test_id("silence-layer").click()
    expect(desk.get_by_test_id("silence-layer")).to_have_text("Let it speak again")
    desk.wait_for_function("() => /off=8($|&)/.test(location.search)")
    everything = drawn_again(desk)
    assert mse(everything, before) > mse(one, before)
    assert desk.get_by_test_id("lost").get_attribute("data-pixels")
    desk.get_by_test_id("all-on").click()
    expect(desk.get_by_test_id("all-on")).to_have_attribute("aria-disabled", "true")
    assert np.array_equal(drawn_again(desk), before)


def test_everything_by_keyboard(desk: Page) -> None:
    open_layer(desk, 1)
    desk.get_by_test_id("layer-1").focus()
    for number in (2, 3, 4):
        desk.keyboard.press("ArrowRight")
        expect(desk.get_by_test_id(f"layer-{number}")).to_be_focused()
    expect(desk.get_by_role("tabpanel", name=re.compile("Layer 4 of 20"))).to_be_visible()
    order = []
    for _ in range(10):
        desk.keyboard.press("Tab")
        order.append(desk.evaluate(FOCUSED))
    assert [name for name in order if name in STOPS] == STOPS
    desk.get_by_test_id("map-1").click()
    for key, number in (("ArrowRight", 2), ("End", 32), ("ArrowUp", None), ("Home", 1)):
        desk.keyboard.press(key)
        if number:
            expect(desk.get_by_test_id(f"map-{number}")).to_be_focused()
            expect(desk.get_by_role("heading", name=f"Channel {number} of 32")).to_be_visible()
    frame = desk.get_by_test_id("large-map")
    frame.focus()
    before = frame.get_attribute("aria-label")
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("ArrowRight")
    assert frame.get_attribute("aria-label") != before


def test_another_page_and_back(desk: Page) -> None:
    open_layer(desk, 8)
    for name, there in (("Play", "drawing-pad"), ("Inside", "computed")):
        desk.get_by_role("link", name=name).click()
        desk.get_by_test_id(there).wait_for()
    expect(desk.get_by_test_id("layer-8")).to_have_attribute("aria-selected", "true")
    expect(desk).to_have_url(re.compile("at=8"))


FOCUSED = """() => {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return (focused?.dataset.testid ?? "").replace(/^map-\\d+$/, "map");
}"""
STOPS = ["silence-layer", "map", "silence-channel", "large-map", "bars"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_link_opens_the_same_and_axe_finds_no_violation(browser: Browser, app: App, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme, has_touch=True)
    page = context.new_page()
    open_inside(page, f"{app.url}/inside?x=7&at=2.3.9.8&off=2.4")
    expect(page.get_by_role("heading", name="Channel 3 of 64")).to_be_visible()
    expect(page.get_by_role("heading", name="Row 9, column 8", exact=True)).to_be_visible()
    expect(page.get_by_test_id("map-4")).to_have_attribute("aria-label", "Channel 4: silenced")
    expect(page.get_by_test_id("reconstruction")).to_contain_text("before")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_timeout(300)
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth") <= width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_test_id("layer-3").tap()
    page.get_by_test_id("map-2").tap()
    expect(page.get_by_role("heading", name="Channel 2 of 64")).to_be_visible()
    page.get_by_test_id("large-map").tap(position={"x": 5, "y": 5})
    expect(page.get_by_role("heading", name="Row 1, column 1", exact=True)).to_be_visible()
    context.close()
