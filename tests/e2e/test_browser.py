"""The playground as a visitor uses it, in a real browser on the real network."""

import io
import os
import re
import signal
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from panels import INK, attribute, constant_mse, draw, drawn, eventually, latent, mse, pixels, wait_for_change
from PIL import Image
from playground import open_playground, wait_for_network
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from cae.cli.browser import App, engine_pids

THREE = [
    [
        (0.3, 0.25),
        (0.45, 0.17),
        (0.62, 0.22),
        (0.63, 0.36),
        (0.46, 0.47),
        (0.64, 0.56),
        (0.66, 0.72),
        (0.5, 0.83),
        (0.3, 0.77),
    ]
]


def pad(page: Page):
    return page.get_by_test_id("drawing-pad")


def clear(page: Page) -> None:
    before = attribute(page, "original")
    page.get_by_test_id("pad-clear").click()
    wait_for_change(page, "original", before)


def png(image: Image.Image, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", **options)
    return file.getvalue()


def upload(page: Page, name: str, content: bytes, *, good: bool = True) -> None:
    """Upload a file, and wait for the picture it gives if it is a good one."""
    if not page.locator("input[type=file]").count():
        page.get_by_role("radio", name="Upload").or_(
            page.get_by_role("button", name="Upload", exact=True)
        ).first.click()
        page.get_by_text("Choose a picture").wait_for()
    before = attribute(page, "original")
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "image/png", "buffer": content})
    if good:
        wait_for_change(page, "original", before)


def assert_comes_back(page: Page) -> None:
    """The reconstruction belongs to the original, and is far better than a grey image."""
    original = pixels(page, "original")
    error = mse(original, pixels(page, "reconstruction"))
    assert error < 0.03
    assert error < constant_mse(original) / 3


def test_first_view_is_an_example_with_its_results(page: Page) -> None:
    assert pixels(page, "original").max() > 200
    assert latent(page).std() > 0
    assert_comes_back(page)
    assert mse(pixels(page, "original"), pixels(page, "denoised")) < 0.03
    expect(page.get_by_test_id("loss-curves").get_by_role("img")).to_have_attribute(
        "aria-label", re.compile(r"Loss of the autoencoder over \d+ epochs")
    )


def test_a_drawn_three_comes_back_as_a_three(page: Page) -> None:
    clear(page)
    before = attribute(page, "original")
    draw(page, pad(page), THREE)
    wait_for_change(page, "original", before)
    ink = drawn(page)
    assert ink.sum() > INK
    box = np.argwhere(ink > 20)
    assert np.ptp(box, axis=0).max() <= 20, "fitted into 20×20 pixels, as MNIST did"
    assert_comes_back(page)


def test_what_the_server_sends_does_not_end_a_stroke(page: Page) -> None:
    clear(page)
    box = pad(page).bounding_box()
    x, y = box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 40, steps=4)
    clothes = page.get_by_text("Fashion-MNIST clothes").first
    clothes.evaluate("(choice) => choice.click()")  # the server then puts a shoe on the pad
    expect(page).to_have_url(re.compile("m=fashion_mnist"))
    page.mouse.move(x, y + 100, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile("[?&]d="))  # the stroke, and no example


def test_results_follow_the_pen_before_it_is_lifted(page: Page) -> None:
    clear(page)
    box = pad(page).bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    seen = set()
    for step in range(12):
        page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + (0.2 + 0.05 * step) * box["height"])
        page.wait_for_timeout(120)
        seen.add(attribute(page, "latent"))
    page.mouse.up()
    assert len(seen) >= 4


def test_the_browser_follows_the_pen_and_the_server_answers_when_it_is_lifted(page: Page) -> None:
    """Once the browser has fetched its weights and found out how fast it is, which takes some strokes."""
    page.evaluate("""() => {
        window.asked = 0;
        const { send } = WebSocket.prototype;
        WebSocket.prototype.send = function (...data) { window.asked += 1; return send.apply(this, data); };
    }""")
    for row in range(12):
        page.wait_for_timeout(1000)  # what the last stroke asked is answered
        page.evaluate("asked = 0")
        seen = line_with_pen_down(page, 40 + 15 * row)
        if page.evaluate("asked") == 0:
            break
        page.mouse.up()
    assert page.evaluate("asked") == 0
    assert len(seen) > 8
    assert None not in set().union(*seen)
    expect(page.locator(".cells .edited")).to_have_count(0)
    page.wait_for_timeout(200)
    assert_comes_back(page)
    by_browser = {name: pixels(page, name) for name in ("original", "reconstruction", "denoised")}
    page.mouse.up()
    page.wait_for_function("asked > 0")
    page.wait_for_timeout(1500)
    for name, picture in by_browser.items():  # the last point may have come when the pen was lifted
        assert np.abs(pixels(page, name).astype(int) - picture).mean() < 1, name


def line_with_pen_down(page: Page, y: float) -> set[tuple[str | None, ...]]:
    """Draw a line, the pen still down at its end; what the panels showed meanwhile."""
    box = pad(page).bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + y)
    page.mouse.down()
    seen = set()
    for step in range(25):
        page.mouse.move(box["x"] + 60 + 3 * step, box["y"] + y)
        page.wait_for_timeout(20)
        seen.add(tuple(attribute(page, name) for name in ("original", "reconstruction", "denoised")))
    return seen


def test_names_of_examples_fit_their_buttons_on_a_phone(browser: Browser, app: App) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{app.url}/?m=fashion_mnist")
    examples = page.locator(".example")
    expect(examples.filter(has_text="Trousers")).to_be_visible(timeout=60_000)
    inner = examples.evaluate_all(
        "buttons => buttons.map((each) => [each.textContent, each.scrollWidth, each.clientWidth])"
    )
    assert [name for name, words, room in inner if words > room] == []
    page.close()


def test_touch(browser: Browser, app: App) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    open_playground(page, app.url)
    clear(page)
    before = attribute(page, "original")
    pad(page).scroll_into_view_if_needed()
    stroke(page, pad(page), THREE[0])
    wait_for_change(page, "original", before)
    assert drawn(page).sum() > INK
    assert_comes_back(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing sticks out at the side"

    cell = page.locator(".large").get_by_role("slider", name="Row 4, column 4", exact=True)
    cell.scroll_into_view_if_needed()
    cell.tap()
    expect(page.get_by_test_id("cell")).to_contain_text("Row 4, column 4")
    given, place = latent(page).copy(), page.get_by_test_id("stMain").evaluate("main => main.scrollTop")
    stroke(page, cell, [(0.5, 0.5 - step / 5) for step in range(8)])
    changed = latent(page) - given
    assert np.argwhere(np.abs(changed) > 1e-6).tolist() == [[3, 3]]
    assert changed[3, 3] > 0.1, "up is more"
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollTop") == place, "and not the page's movement"
    context.close()


def stroke(page: Page, on: Locator, points: list[tuple[float, float]]) -> None:
    """A finger that moves over something, by points in shares of its width and height."""
    box, session = on.bounding_box(), page.context.new_cdp_session(page)
    places = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in points]
    for i, place in enumerate(places):
        kind = "touchMove" if i else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_keyboard_alone(page: Page) -> None:
    clear(page)
    before = attribute(page, "original")
    pad(page).focus()
    page.keyboard.press("Space")
    for _ in range(10):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    wait_for_change(page, "original", before)
    assert pixels(page, "original").max() > 200


def test_example_undo_and_eraser(page: Page) -> None:
    three = attribute(page, "original")
    page.get_by_role("button", name="7", exact=True).click()
    wait_for_change(page, "original", three)
    page.get_by_test_id("pad-undo").click()
    eventually(page, lambda: attribute(page, "original") == three)


def test_upload_dark_on_light_is_inverted_and_can_be_switched_off(page: Page) -> None:
    picture = Image.new("RGB", (300, 400), "white")
    picture.paste("black", (130, 80, 170, 320))
    upload(page, "one.png", png(picture))
    assert pixels(page, "original")[0, 0] == 0
    assert pixels(page, "original").max() > 200
    inverted = attribute(page, "original")
    page.get_by_text("Inverted").click()
    wait_for_change(page, "original", inverted)
    page.get_by_text("Cut out and centred as MNIST did").click()
    eventually(page, lambda: pixels(page, "original")[0, 14] > 200)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.png", b""),
        ("words.png", b"this is no picture"),
        ("cut.png", png(Image.effect_noise((64, 64), 50))[:-900]),
        ("letter.txt", b"dear network"),
    ],
    ids=["empty", "not an image", "truncated", "wrong extension"],
)
def test_bad_files_get_one_plain_sentence(page: Page, name: str, content: bytes) -> None:
    upload(page, name, content, good=False)
    alert = page.get_by_role("alert")
    alert.first.wait_for()
    assert "Traceback" not in page.content()
    assert "Error" not in alert.first.inner_text()
    upload(page, "good.png", png(Image.linear_gradient("L").resize((50, 50))))
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_blank_picture_is_shown_and_named(page: Page) -> None:
    upload(page, "grey.png", png(Image.new("L", (40, 40), 128)))
    page.get_by_text("one even colour").wait_for()
    assert np.ptp(pixels(page, "original")) == 0


def test_empty_canvas_is_no_error(page: Page) -> None:
    clear(page)
    page.get_by_text("Draw something").wait_for()
    assert pixels(page, "original").max() == 0


def test_two_visitors_see_only_their_own_pictures(page: Page, context: BrowserContext, app: App) -> None:
    pages = [page, context.new_page()]
    open_playground(pages[1], app.url)
    first = attribute(pages[0], "original")
    pages[0].get_by_role("button", name="0", exact=True).click()
    pages[1].get_by_role("button", name="1", exact=True).click()
    for page in pages:
        wait_for_change(page, "original", first)
    zero, one = (pixels(page, "original") for page in pages)
    assert mse(zero, one) > 0.05
    for page, own, other in ((pages[0], zero, one), (pages[1], one, zero)):
        eventually(page, partial(answers, page, own, other))


def answers(page: Page, own: np.ndarray, other: np.ndarray) -> bool:
    """Whether the reconstruction is that of one's own picture, and not of the other's."""
    if attribute(page, "reconstruction") is None:
        return False
    answer = pixels(page, "reconstruction")
    return mse(answer, own) < mse(answer, other) / 3


def test_the_engine_is_killed_in_the_middle_and_comes_back(page: Page, app: App) -> None:
    [killed] = engine_pids(app)
    os.kill(killed, signal.SIGKILL)
    before = attribute(page, "original")
    page.get_by_role("button", name="5", exact=True).click()
    wait_for_change(page, "original", before)
    eventually(page, lambda: attribute(page, "reconstruction") is not None)
    wait_for_network(page)
    assert engine_pids(app) != [killed]
    assert_comes_back(page)


def test_download_is_the_reconstruction(page: Page, tmp_path: Path) -> None:
    with page.expect_download() as download:
        page.get_by_test_id("download").click()
    download.value.save_as(tmp_path / "reconstruction.png")
    with Image.open(tmp_path / "reconstruction.png") as image:
        assert np.array_equal(np.asarray(image.convert("L")), pixels(page, "reconstruction"))
