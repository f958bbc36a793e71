"""Pictures fitted to 28×28, whatever they are."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from cae.imaging import preprocessing
from cae.imaging.preprocessing import (
    fit_clothing,
    fit_digit,
    fit_square,
    invert,
    is_blank,
    is_light_background,
    stretch_contrast,
)
from cae.imaging.strokes import Stroke, rasterise

PICTURES = npst.arrays(
    np.float32,
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    elements=st.floats(0, 1, width=32),
)


@settings(deadline=None)
@given(PICTURES)
@example(np.zeros((1, 1), np.float32))
@example(np.ones((1, 1), np.float32))
@example(np.full((5, 5), np.float32(0.3)))
def test_fitting_gives_values_in_range_whatever_comes_in(pixels):
    for fit in (fit_digit, fit_clothing, fit_square):
        result = fit(pixels)
        assert result.shape == (28, 28, 1)
        assert result.dtype == np.float32
        assert np.all((result >= 0) & (result <= 1))  # false for NaN as well
    stretched = stretch_contrast(pixels)
    assert stretched.shape == pixels.shape
    assert np.all((stretched >= 0) & (stretched <= 1))


STROKES = st.lists(st.tuples(st.floats(0.1, 0.9), st.floats(0.1, 0.9)), min_size=1, max_size=8)


@settings(deadline=None)
@given(STROKES, st.floats(0.03, 0.15), st.integers(40, 200))
def test_a_digit_fills_20_pixels_and_has_its_centre_of_mass_in_the_middle(points, width, size):
    image = fit_digit(rasterise([Stroke(tuple(points), width)], size))[..., 0]
    rows, columns = (np.flatnonzero(image.any(axis)) for axis in (1, 0))
    sides = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    assert max(sides) == 20
    for axis, ends in ((0, rows), (1, columns)):
        centre = (image.sum(1 - axis) @ np.arange(28)) / image.sum()
        at_the_edge = ends[0] == 0 or ends[-1] == 27  # only so could it be nearer
        assert abs(centre - preprocessing.DIGIT_CENTRE) <= 0.501 or at_the_edge


def test_a_digit_is_fitted_alike_wherever_and_however_large_it_was_drawn():
    points = ((0.2, 0.2), (0.7, 0.25), (0.3, 0.8))
    large = rasterise([Stroke(points, 0.1)], 400)
    small = rasterise([Stroke(tuple((0.3 + x / 2, 0.1 + y / 2) for x, y in points), 0.05)], 400)
    assert np.square(fit_digit(large) - fit_digit(small)).mean() < 1e-3


def test_proportions_are_kept():
    pixels = np.zeros((100, 100), np.float32)
    pixels[20:80, 50:65] = 1
    image = fit_digit(pixels)[..., 0]
    assert image.any(1).sum() == 20
    assert image.any(0).sum() == 5
    assert image.max() == 1


def test_a_fitted_digit_stays_as_it_is():
    once = fit_digit(rasterise([Stroke(((0.3, 0.3), (0.7, 0.3), (0.4, 0.8)), 0.09)]))
    assert np.square(fit_digit(once[..., 0]) - once).mean() < 1e-3


@pytest.mark.parametrize("light", [0, 0.15, 0.4])
def test_a_photographed_digit_loses_noise_and_uneven_light(light):
    rng = np.random.default_rng(1)
    ink = np.pad(rasterise([Stroke(((0.3, 0.2), (0.6, 0.25), (0.5, 0.8)), 0.09)], 200), ((150, 250), (100, 300)))
    paper = 0.85 - light * np.linspace(0, 1, ink.shape[1]) - 0.3 * light * np.linspace(0, 1, ink.shape[0])[:, None]
    photograph = np.clip(paper - 0.3 * ink + rng.normal(0, 0.02, ink.shape), 0, 1).astype(np.float32)
    assert is_light_background(photograph)
    image = fit_digit(stretch_contrast(invert(photograph)))
    shifts = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]  # a centre of mass near .5 may go either way
    assert min(np.square(np.roll(image, shift, (0, 1)) - fit_digit(ink)).mean() for shift in shifts) < 0.005


@pytest.mark.parametrize("level", [0, 0.2, 0.49])
def test_no_ink_gives_zeros(level):
    assert not fit_digit(np.full((50, 60), level, np.float32)).any()


def test_smooth_light_without_ink_gives_zeros():
    assert not fit_digit(np.tile(np.linspace(0.2, 0.6, 90, dtype=np.float32), (70, 1))).any()


def test_fit_square_keeps_a_28_by_28_picture_exactly():
    pixels = np.random.default_rng(0).random((28, 28), np.float32)
    np.testing.assert_array_equal(fit_square(pixels)[..., 0], pixels)


def test_fit_square_centres_and_fills_with_the_border():
    pixels = np.full((50, 100), np.float32(0.25))
    pixels[10:40, 30:70] = 1
    image = fit_square(pixels)[..., 0]
    assert np.all(image[:7] == 0.25)
    assert np.all(image[-7:] == 0.25)
    assert image[13, 13] == 1
    np.testing.assert_allclose(image, image[::-1], atol=1e-6)
    np.testing.assert_allclose(image, image[:, ::-1], atol=1e-6)


def test_fit_square_does_not_alias():
    stripes = np.tile(np.array([0, 1], np.float32), (280, 140))
    np.testing.assert_allclose(fit_square(stripes), 0.5, atol=0.05)


# Contrast


def test_clothes_touch_two_sides_and_are_centred():
    """Ten times as wide as high: 28 pixels wide, in the middle; and so is the same on its side."""
    picture = np.zeros((60, 90), np.float32)
    picture[40:45, 20:70] = 0.8
    fitted = fit_clothing(picture)[..., 0]
    rows, columns = (np.flatnonzero(fitted.any(axis)) for axis in (1, 0))
    assert (columns[0], columns[-1]) == (0, 27)
    assert rows.tolist() in ([12, 13, 14], [13, 14, 15])
    assert fitted.max() == pytest.approx(0.8, abs=0.01)
    np.testing.assert_array_equal(fit_clothing(picture.T)[..., 0], fitted.T)
    assert not fit_clothing(np.zeros((9, 9))).any()


def test_background_and_inversion():
    dark = np.zeros((10, 10), np.float32)
    dark[3:7, 3:7] = 1
    assert not is_light_background(dark)
    assert is_light_background(invert(dark))
    np.testing.assert_array_equal(invert(invert(dark)), dark)
    assert is_light_background(np.ones((1, 1), np.float32))
    assert not is_light_background(np.full((1, 9), np.float32(0.5)))


def test_blank_means_no_contrast():
    assert is_blank(np.full((4, 4), 0.7))
    assert is_blank(np.array([[0.5, 0.51]]))
    assert not is_blank(np.array([[0.5, 0.52]]))


def test_contrast_is_stretched_and_outliers_are_ignored():
    pixels = np.full((100, 100), np.float32(0.4))
    pixels[:20] = 0.5
    pixels[50, 50], pixels[60, 60] = 1, 0
    result = stretch_contrast(np.clip(pixels, 0.38, 0.52))
    assert result[0, 0] == 1
    assert result[99, 0] == 0


def test_contrast_of_rare_ink_is_stretched_too():
    pixels = np.full((200, 200), np.float32(0.4))
    pixels[100, 100:105] = 0.5
    result = stretch_contrast(pixels)
    assert (result.min(), result.max()) == (0, 1)


def test_a_blank_picture_is_not_stretched():
    pixels = np.full((9, 9), np.float32(0.3))
    np.testing.assert_array_equal(stretch_contrast(pixels), pixels)
