"""Pictures fitted to 28×28, whatever they are."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from cae.imaging.preprocessing import CENTRE, fit_clothing, fit_digit, fit_square, is_blank
from cae.imaging.strokes import Stroke, rasterise

PICTURES = npst.arrays(np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60)))


@given(PICTURES)
@example(np.zeros((1, 1), np.uint8))
@example(np.full((1, 1), 255, np.uint8))
@example(np.full((5, 5), 77, np.uint8))
def test_fitting_gives_a_small_picture_whatever_comes_in(pixels):
    for fit in (fit_digit, fit_clothing, fit_square):
        result = fit(pixels)
        assert result.shape == (28, 28)
        assert result.dtype == np.uint8


def error(a: np.ndarray, b: np.ndarray) -> float:
    """Mean squared error in squared units of [0, 1]."""
    return float(np.square(a / 255 - b / 255).mean())


STROKES = st.lists(st.tuples(st.floats(0.1, 0.9), st.floats(0.1, 0.9)), min_size=1, max_size=8)


@given(STROKES, st.floats(0.03, 0.15), st.integers(40, 200))
def test_a_digit_fills_20_pixels_and_has_its_centre_of_mass_in_the_middle(points, width, size):
    image = fit_digit(rasterise([Stroke(tuple(points), width)], size))
    rows, columns = (np.flatnonzero(image.any(axis)) for axis in (1, 0))
    sides = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    assert max(sides) == 20
    for axis, ends in ((0, rows), (1, columns)):
        centre = (image.sum(1 - axis, dtype=float) @ np.arange(28)) / image.sum()
        at_the_edge = ends[0] == 0 or ends[-1] == 27  # only so could it be nearer
        assert abs(centre - CENTRE) <= 0.501 or at_the_edge


def test_a_digit_is_fitted_alike_wherever_and_however_large_it_was_drawn():
    points = ((0.2, 0.2), (0.7, 0.25), (0.3, 0.8))
    large = rasterise([Stroke(points, 0.1)], 400)
    small = rasterise([Stroke(tuple((0.3 + x / 2, 0.1 + y / 2) for x, y in points), 0.05)], 400)
    assert error(fit_digit(large), fit_digit(small)) < 1e-3


def test_proportions_are_kept():
    pixels = np.zeros((100, 100), np.uint8)
    pixels[20:80, 50:65] = 255
    image = fit_digit(pixels)
    assert image.any(1).sum() == 20
    assert image.any(0).sum() == 5
    assert image.max() == 255


def test_a_fitted_digit_stays_as_it_is():
    once = fit_digit(rasterise([Stroke(((0.3, 0.3), (0.7, 0.3), (0.4, 0.8)), 0.09)]))
    assert error(fit_digit(once), once) < 1e-3


@pytest.mark.parametrize("level", [0, 1, 3])
def test_no_ink_gives_zeros(level):
    assert not fit_digit(np.full((50, 60), level, np.uint8)).any()


def test_fit_square_keeps_a_28_by_28_picture_exactly():
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    np.testing.assert_array_equal(fit_square(pixels), pixels)


def test_fit_square_centres_and_fills_with_the_border():
    pixels = np.full((50, 100), 64, np.uint8)
    pixels[10:40, 30:70] = 255
    image = fit_square(pixels)
    assert np.all(image[:7] == 64)
    assert np.all(image[-7:] == 64)
    assert image[13, 13] == 255
    np.testing.assert_array_equal(image, image[::-1])
    np.testing.assert_array_equal(image, image[:, ::-1])


def test_fit_square_does_not_alias():
    stripes = np.tile(np.array([0, 255], np.uint8), (280, 140))
    np.testing.assert_allclose(fit_square(stripes), 127.5, atol=12)


def test_clothes_touch_two_sides_and_are_centred():
    """Ten times as wide as high: 28 pixels wide, in the middle; and so is the same on its side."""
    picture = np.zeros((60, 90), np.uint8)
    picture[40:45, 20:70] = 204
    fitted = fit_clothing(picture)
    rows, columns = (np.flatnonzero(fitted.any(axis)) for axis in (1, 0))
    assert (columns[0], columns[-1]) == (0, 27)
    assert rows.tolist() in ([12, 13, 14], [13, 14, 15])
    assert fitted.max() == pytest.approx(204, abs=2)
    np.testing.assert_array_equal(fit_clothing(picture.T), fitted.T)
    assert not fit_clothing(np.zeros((9, 9), np.uint8)).any()


def test_blank_means_no_contrast():
    assert is_blank(np.full((4, 4), 180, np.uint8))
    assert is_blank(np.array([[127, 130]], np.uint8))
    assert not is_blank(np.array([[127, 131]], np.uint8))
