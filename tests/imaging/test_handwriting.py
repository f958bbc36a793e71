"""Ink is found on whatever ground, and comes out as MNIST's digits are."""

import numpy as np
import pytest
from PIL import Image

from cae.evaluation.own_pictures import PENS, Neighbours, Page, pages
from cae.imaging.examples import DIGITS
from cae.imaging.handwriting import find_ink, stroke_width
from cae.imaging.preprocessing import fit_digit
from cae.imaging.strokes import Stroke, rasterise

MNIST_MEAN_INK = (0.0515, 0.2411)
MNIST_STROKE_WIDTH = (1.44, 4.35)
MNIST_CENTRE = (13.5, 14.5)
"""1st and 99th percentile of the training images, the last of the coordinates of the centre of mass."""


@pytest.fixture(scope="module")
def found() -> list[tuple[Page, np.ndarray]]:
    """Every digit in every hand with every third pen, and what is found on its page."""
    return [(page, find_ink(page.picture).things[0].digit) for page in pages() if page.pen in PENS[::3]]


def ink_of(digit: str, size: int = 160, pen: float | None = None, share: float = 1.0) -> np.ndarray:
    """A digit's ink in [0, 1], (size, size); `pen` in pixels, the digit in the middle in a share of the size."""
    strokes = [
        Stroke(
            tuple((0.5 + share * (x - 0.5), 0.5 + share * (y - 0.5)) for x, y in stroke.points),
            share * stroke.width if pen is None else pen / size,
        )
        for stroke in DIGITS[digit]
    ]
    return rasterise(strokes, size) / 255


def picture(ink: np.ndarray, ground: float, level: float, noise: float = 0.0) -> np.ndarray:
    """Ink of a grey level on a ground of another, in [0, 1]: uint8."""
    values = ground + (level - ground) * ink + np.random.default_rng(0).normal(0, noise, ink.shape)
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def similarity(a: np.ndarray, b: np.ndarray) -> float:
    """Correlation of two pictures (28, 28) at the shift of at most one pixel where it is highest."""
    shifts = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    return max(float(np.corrcoef(np.roll(a, shift, (0, 1)).ravel(), b.ravel())[0, 1]) for shift in shifts)


def same_as_drawn(image: np.ndarray, digit: str) -> bool:
    """Whether the digit drawn on the pad is the most similar of the ten."""
    return max(DIGITS, key=lambda other: similarity(image, fit_digit(rasterise(DIGITS[other])))) == digit


@pytest.mark.parametrize("digit", DIGITS)
@pytest.mark.parametrize(
    ("ground", "level", "noise"),
    [(1, 0, 0), (0, 1, 0), (0.35, 0.1, 0.01), (0.5, 0.2, 0.02), (0.62, 1, 0), (0.9, 0.75, 0.01), (0.1, 0.4, 0.02)],
)
def test_polarity_comes_from_ink_and_ground(digit, ground, level, noise):
    ink = find_ink(picture(ink_of(digit, share=0.7), ground, level, noise))
    assert ink.is_dark == (level < ground)
    assert ink.is_plausible
    assert len(ink.things) == 1
    assert same_as_drawn(ink.things[0].digit, digit)


@pytest.mark.parametrize("is_dark", [False, True])
def test_polarity_may_be_given(is_dark):
    page = picture(ink_of("8", share=0.7), 1, 0) if is_dark else picture(ink_of("8", share=0.7), 0, 1)
    assert find_ink(page, is_dark).is_dark is is_dark
    wrong = find_ink(page, not is_dark)
    assert wrong is None or wrong.is_dark is not is_dark


def test_every_pen_gives_ink_like_the_training_images(found):
    for page, digit in found:
        values = digit / 255
        assert digit.max() == 255
        assert MNIST_MEAN_INK[0] <= values.mean() <= MNIST_MEAN_INK[1], (page.digit, page.pen)
        assert MNIST_STROKE_WIDTH[0] <= stroke_width(values) <= MNIST_STROKE_WIDTH[1], (page.digit, page.pen)
        centre = (values.sum(1) @ np.arange(28), values.sum(0) @ np.arange(28)) / values.sum()
        assert all(MNIST_CENTRE[0] - 0.01 <= value <= MNIST_CENTRE[1] + 0.01 for value in centre)
        assert similarity(digit, fit_digit(page.pad)) > 0.75, (page.digit, page.pen)


def test_as_many_are_recognised_as_from_the_pad(found, mnist):
    neighbours = Neighbours(mnist.x_train[:10_000], mnist.y_train[:10_000])
    pad = sum(neighbours.label(fit_digit(page.pad)) == page.digit for page, _ in found)
    recognised = sum(neighbours.label(digit) == page.digit for page, digit in found)
    assert recognised >= pad - 1  # of 120


def test_frames_and_margins_are_dropped():
    plain = find_ink(picture(ink_of("3"), 0, 1)).things[0]
    framed = np.full((240, 260), 255, np.uint8)
    framed[30:190, 60:220] = picture(ink_of("3"), 0, 1)
    found = find_ink(framed)
    assert not found.is_dark
    assert len(found.things) == 1
    assert similarity(found.things[0].digit, plain.digit) > 0.98
    top, left, bottom, right = found.things[0].box
    assert np.allclose((top - 30, left - 60, bottom - 30, right - 60), plain.box, atol=2)


def test_a_sheet_of_paper_on_a_table():
    table = np.full((300, 400), 60, np.uint8)
    table[60:240, 90:330] = 220
    table[70:230, 130:290] = np.minimum(table[70:230, 130:290], picture(ink_of("5", share=0.8), 220 / 255, 0.2))
    found = find_ink(table)
    assert found.is_dark
    assert same_as_drawn(found.things[0].digit, "5")


@pytest.mark.parametrize("squared", [False, True])
def test_ruled_paper(squared):
    page = np.full((320, 320), 235, np.uint8)
    page[20::24] = 190
    if squared:
        page[:, 20::24] = 190
    page[80:240, 80:240] = np.minimum(page[80:240, 80:240], picture(ink_of("2", pen=6), 1, 0.15))
    found = find_ink(page)
    assert len(found.things) == 1
    assert same_as_drawn(found.things[0].digit, "2")


def test_the_edge_of_a_shadow_and_bars_at_the_border_are_no_ink():
    values = picture(ink_of("3", 240, share=0.6), 0.85, 0.15).astype(float)
    values[:, 140:] *= 0.45
    values[-8:] = 0
    found = find_ink(np.rint(values).astype(np.uint8))
    assert len(found.things) == 1
    assert same_as_drawn(found.things[0].digit, "3")


def test_several_things_with_their_places():
    page = np.full((200, 520), 255, np.uint8)
    for index, digit in enumerate("427"):
        page[20:180, 20 + 170 * index : 180 + 170 * index] = picture(ink_of(digit, share=0.8), 1, 0)
    found = find_ink(page)
    assert len(found.things) == 3
    for thing in found.things:
        top, left, bottom, right = thing.box
        index = (left + right) // 2 // 173
        assert 20 <= top < bottom <= 180
        assert same_as_drawn(thing.digit, "427"[index])


def test_coloured_ink_of_the_luma_of_its_ground():
    """The channel with most contrast counts."""
    ink = ink_of("3")[..., np.newaxis] > 0.5
    page = np.where(ink, (230, 80, 150), (95, 160, 60)).astype(np.uint8)
    luma = np.asarray(Image.fromarray(page).convert("L"))
    assert np.ptp(luma) < 25
    assert same_as_drawn(find_ink(page).things[0].digit, "3")


def test_digits_that_touch_the_border():
    tight = ink_of("0", 160)
    rows, columns = (np.flatnonzero((tight > 0.5).any(axis)) for axis in (1, 0))
    tight = tight[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    found = find_ink(picture(tight, 0, 1))
    assert not found.is_dark
    assert same_as_drawn(found.things[0].digit, "0")


@pytest.mark.parametrize("shape", [(1, 1), (1, 90), (3, 3), (28, 28), (90, 3), (300, 200, 3)])
def test_nothing_in_an_even_picture(shape):
    assert find_ink(np.full(shape, 200, np.uint8)) is None


def test_stroke_width_of_bars():
    for width in (2, 5, 9):
        bar = np.zeros((100, 60))
        bar[5:95, 20 : 20 + width] = 1
        assert stroke_width(bar) == pytest.approx(2 * 90 * width / (2 * (90 + width)), rel=0.05)
