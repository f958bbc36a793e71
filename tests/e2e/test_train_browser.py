"""A visitor trains a network, stops, keeps and plays with it; another one watches and queues; one app for all."""

import os
import re
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from panels import eventually, pixels
from playwright.sync_api import Browser, BrowserContext, Page, expect

from cae.cli.browser import App, running_app
from cae.model import store
from cae.model.specification import DECODER, ENCODER, layer_sizes, scaled

LONG = 120_000
"""Milliseconds that the training's process may take to start on a busy machine."""


@pytest.fixture(scope="module")
def train_app() -> Iterator[App]:
    """An app that keeps what is trained; what it has kept goes with it."""
    runs = store.HOME / store.RUNS
    before = set(runs.glob("visitor-*"))
    with running_app({**os.environ, "CAE_KEPT_TRAININGS": "1000"}) as app:
        yield app
    for folder in set(runs.glob("visitor-*")) - before:
        shutil.rmtree(folder)


def open_train(context: BrowserContext, app: App) -> Page:
    page = context.new_page()
    page.goto(f"{app.url}/train")
    page.get_by_test_id("train-start").wait_for(timeout=60_000)
    return page


def learns(page: Page) -> None:
    """Wait until it has taken some steps."""
    expect(page.get_by_test_id("standing")).to_contain_text(re.compile(r"[Ss]tep [1-9]"), timeout=LONG)


def test_one_trains_by_keyboard_another_watches_and_queues(browser: Browser, train_app: App) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    other = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = open_train(context, train_app)
    expect(page.get_by_test_id("standing")).to_contain_text("?")
    page.get_by_test_id("train-epochs").focus()
    page.keyboard.press("End")
    expect(page.get_by_test_id("train-epochs")).to_have_value("30")
    page.get_by_role("button", name="× 0.1").press("Enter")
    expect(page).to_have_url(re.compile(r"train=drawings(,|%2C)32(,|%2C)30(,|%2C)learning_rate(,|%2C)0.1"))
    page.get_by_test_id("train-guess-0").press("Enter")
    expect(page.get_by_test_id("curve")).to_contain_text("your guess")
    page.get_by_test_id("train-start").press("Enter")
    learns(page)
    first = page.get_by_test_id("curve").get_attribute("aria-label")
    assert first.startswith("Loss up to step")
    drawn = drawn_by(page)

    # Somebody else sees the same on a phone, and may queue and leave the queue, but not stop it.
    watcher = open_train(other, train_app)
    learns(watcher)
    expect(watcher.get_by_text("Another visitor’s: Learning rate: × 0.1")).to_be_visible()
    expect(watcher.get_by_text("your guess")).to_have_count(0)
    expect(watcher.get_by_test_id("train-stop")).to_be_hidden()
    drawn_by(watcher)
    watcher.get_by_test_id("train-widest").select_option("16")
    watcher.get_by_test_id("train-start").tap()
    assert watcher.get_by_test_id("stMain").evaluate("main => main.scrollWidth") <= 390
    expect(watcher.get_by_test_id("standing")).to_have_text("Yours comes after this one.")

    # A lost connection loses nothing: the page comes back to its own training, and curve and picture have moved.
    page.reload()
    learns(page)
    expect(page.get_by_test_id("train-epochs")).to_have_value("30")
    expect(page.get_by_test_id("train-stop")).to_be_visible()
    expect(page.get_by_text("your guess: below 10 %")).to_be_visible()
    expect(page.get_by_test_id("curve")).not_to_have_attribute("aria-label", first)
    assert pixels_of(page) != drawn

    page.get_by_test_id("train-stop").click()
    expect(page.get_by_test_id("standing")).to_have_text(
        re.compile(r"^Stopped at step [\d,]+ of 1,500: off by [\d.]+ %; you had guessed: below 10 %\.$")
    )
    page.get_by_test_id("train-why").press("Enter")
    expect(page.get_by_test_id("reason")).to_contain_text("It was stopped on its way.")
    learns(watcher)  # whose turn it is now
    expect(watcher.get_by_text("Yours: Learning rate: × 1 · 16 filters")).to_be_visible()
    watcher.get_by_test_id("train-stop").click()
    context.close()
    other.close()


def test_what_was_kept_is_on_play_and_inside(context: BrowserContext, train_app: App) -> None:
    page = open_train(context, train_app)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.get_by_test_id("train-pictures").select_option("own")
    page.get_by_test_id("train-epochs").select_option("3")
    page.get_by_test_id("train-start").click()
    expect(page.get_by_test_id("standing")).to_contain_text("Done", timeout=LONG)
    page.get_by_test_id("train-keep").click()
    page.get_by_test_id("take-to-play").click(timeout=60_000)
    expect(page).to_have_url(re.compile(r"[?&]m=runs%2Fvisitor-\d+"))
    page.get_by_test_id("reconstruction").and_(page.locator("[data-pixels]")).wait_for(timeout=60_000)
    expect(page.get_by_text("ms in the network")).to_be_visible(timeout=60_000)
    for half, layers in (("Encoder", ENCODER), ("Decoder", DECODER)):
        weights = sum(size.parameters for size in layer_sizes(scaled(layers, 32), 28))
        expect(page.get_by_role("region", name=half, exact=True)).to_contain_text(f"{weights:,}")
    assert pixels(page, "reconstruction").any()
    page.get_by_test_id("stTopNavLink").filter(has_text="Inside").first.click()
    expect(page.get_by_test_id("opened")).to_contain_text("layers.Conv2D(32, 3", timeout=60_000)
    expect(
        page.get_by_test_id("opened").get_by_role("group").or_(page.locator(".all-maps canvas")).first
    ).to_be_visible()
    assert errors == []


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_violation_and_nothing_sticks_out(browser: Browser, train_app: App, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, has_touch=width < 700)
    page = open_train(context, train_app)
    page.get_by_test_id("train-knob").select_option("bottleneck")
    chosen = page.get_by_role("button", name="196 numbers")
    chosen.tap() if width < 700 else chosen.click()
    expect(chosen).to_have_attribute("aria-pressed", "true")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)
        results = Axe().run(page)
        assert results.violations_count == 0, f"{scheme}: {results.generate_report()}"
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth") <= width
    context.close()


def drawn_by(page: Page) -> list[int]:
    """Red of the picture that was drawn again, once there is something in it."""
    eventually(page, lambda: any(pixels_of(page)))
    return pixels_of(page)


def pixels_of(page: Page) -> list[int]:
    """Red of the picture that was drawn again."""
    return page.get_by_test_id("reconstruction").evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0)"
    )
