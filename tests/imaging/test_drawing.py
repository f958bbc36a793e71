"""What the network sees of a drawing: small ones keep their place, large ones are fitted, and nothing jumps between."""

import numpy as np
import pytest

from cae.imaging.drawing import LARGE, SMALL, seen
from cae.imaging.examples import DIGITS, PEN
from cae.imaging.preprocessing import bounds, fit_clothing, fit_digit, fit_square
from cae.imaging.strokes import Stroke, rasterise


def line(length: float, left: float = 0.1, top: float = 0.15) -> np.ndarray:
    """A corner of two strokes, that long each way, with the upper left of its ink there."""
    length -= PEN
    left, top = left + PEN / 2, top + PEN / 2
    return rasterise([Stroke(((left, top + length), (left, top), (left + length, top)), PEN)])


@pytest.mark.parametrize("fit", [fit_digit, fit_clothing])
@pytest.mark.parametrize(("x", "y"), [(0.12, 0.12), (0.88, 0.12), (0.12, 0.88), (0.88, 0.88), (0.5, 0.5)])
def test_a_dot_stays_where_it_is(fit, x, y):
    found = seen(rasterise([Stroke(((x, y),), PEN)]), fit)
    rows, columns = np.nonzero(found.image > 127)
    assert abs((rows.mean() + 0.5) / 28 - y) < 0.03
    assert abs((columns.mean() + 0.5) / 28 - x) < 0.03
    assert np.ptp(rows) <= 28 * PEN
    assert (found.left, found.top, found.side) == (0, 0, 1)


@pytest.mark.parametrize("name", DIGITS)
def test_a_digit_of_usual_size_is_as_in_training(name):
    ink = rasterise(DIGITS[name])
    found = seen(ink, fit_digit)
    assert np.array_equal(found.image, fit_digit(ink))


@pytest.mark.parametrize("fit", [fit_digit, fit_clothing])
@pytest.mark.parametrize("length", [0.2, 0.4, 0.5, 0.7, 0.9])
def test_the_square_is_what_is_seen(fit, length):
    """Ink lies in the picture where it lies in the square."""
    ink = line(length)
    found = seen(ink, fit)
    there, here = np.array(bounds(ink)) / len(ink), np.array(bounds(found.image)) / 28
    expected = (there - np.array([found.top, found.left] * 2)) / found.side
    assert np.abs(expected - here).max() < 1.5 / 28


def test_a_growing_drawing_never_jumps():
    """From one step to the next the square moves little, by no more than MNIST's rounding to whole pixels asks for."""
    squares = [
        (found.left, found.top, found.side) for found in (seen(line(n / 140), fit_digit) for n in range(25, 115))
    ]
    steps = np.abs(np.diff(squares, axis=0))
    assert steps.max() < 0.06
    assert squares[0] == (0, 0, 1)
    assert SMALL < LARGE < 20 / 28


def test_without_fitting_everything_stays():
    ink = line(0.8)
    found = seen(ink, None)
    assert np.array_equal(found.image, fit_square(ink))
    assert (found.left, found.top, found.side) == (0, 0, 1)


def test_nothing_drawn():
    assert seen(np.zeros((140, 140), np.uint8), fit_digit) is None
