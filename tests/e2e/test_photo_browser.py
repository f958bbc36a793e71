"""A photograph compressed, stopped, saved and opened again in a real browser."""

from pathlib import Path

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from panels import NOT_OURS
from PIL import Image
from playwright.sync_api import Page, expect

from cae.cli.browser import App
from cae.codec.codec import model_name
from cae.codec.file_format import unpack
from cae.ui.pages.compress.study import DETAIL

PATIENCE = 120_000
"""Milliseconds that the network may take."""


def photograph(path: Path, width: int, height: int) -> Path:
    y, x = np.mgrid[:height, :width]
    planes = [127 + 100 * np.sin(x / 19 + k) * np.cos(y / 18) for k in range(3)]
    Image.fromarray(np.stack(planes, -1).astype(np.uint8)).save(path)
    return path


def upload(page: Page, path: Path) -> None:
    page.locator("input[type=file]").set_input_files(path)


def test_photograph(tab: Page, app: App, tmp_path: Path) -> None:
    page = tab
    page.set_default_timeout(PATIENCE)
    page.goto(f"{app.url}/compress")
    page.get_by_text("Upload", exact=True).click()
    page.get_by_text("Photographs", exact=True).first.click()

    upload(page, photograph(tmp_path / "large.jpg", 2000, 1500))
    page.get_by_role("button", name="Compress", exact=True).click()
    expect(page.get_by_text("s left").or_(page.get_by_text("minutes left"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped.", exact=True).wait_for()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)

    quality = page.get_by_role("slider", name="Quality")
    assert quality.input_value() == "5"
    upload(page, photograph(tmp_path / "photo.png", 1000, 60))
    expect(page.get_by_text("1,000 × 60 pixels")).to_be_visible(timeout=PATIENCE)
    assert quality.input_value() == "5"
    page.get_by_role("button", name="Compress", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the file").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    header, _ = unpack(path.read_bytes())
    assert (header.width, header.height, header.colour) == (1000, 60, True)
    assert model_name(header) == "photos"
    frame = page.get_by_test_id("wipe")
    styles = frame.locator("img").evaluate_all("all => all.map(one => getComputedStyle(one).imageRendering)")
    assert styles == ["auto", "auto"]
    assert "PSNR" in frame.locator(".after").get_attribute("alt")
    assert "quality 5" in frame.locator(".after").get_attribute("alt")
    assert frame.locator(".after").evaluate("image => image.naturalWidth") == 900
    page.get_by_text(DETAIL).click()
    page.wait_for_function("text => document.body.innerText.includes(text)", arg="PSNR")
    assert page.locator(".hex .byte").count() < 100
    page.mouse.move(1, 1)
    page.wait_for_timeout(600)
    results = Axe().run(page, options=NOT_OURS)
    assert results.violations_count == 0, results.generate_report()
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth") <= 1280
    page.screenshot(path=tmp_path / "photo-page.png", full_page=True)

    page.get_by_text("Open a .cae file", exact=True).click()
    page.get_by_text("One that you have downloaded here").wait_for()  # until then the other uploader is there
    upload(page, path)
    page.get_by_role("button", name="Save as PNG").wait_for()
    assert page.get_by_test_id("wipe").locator(".before").evaluate("image => image.naturalWidth") == 900
