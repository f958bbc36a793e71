"""The drawn digits: complete, inside the pad, and shaped like the digits they stand for."""

import json

import numpy as np
import pytest

from cae.drawing import rasterise, strokes_from_json, strokes_to_json
from cae.examples import DIGITS, smooth
from cae.images import fit_digit


def holes(ink: np.ndarray) -> int:
    """Connected parts of the ground, less the one outside."""
    free = np.pad(~ink, 1, constant_values=True)
    parts = 0
    while free.any():
        front = [tuple(np.argwhere(free)[0])]
        while front:
            y, x = front.pop()
            if 0 <= y < free.shape[0] and 0 <= x < free.shape[1] and free[y, x]:
                free[y, x] = False
                front += [(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)]
        parts += 1
    return parts - 1


def test_all_ten_digits_are_there():
    assert list(DIGITS) == list("0123456789")


@pytest.mark.parametrize("digit", DIGITS)
def test_ink_stays_inside_the_pad_and_fills_much_of_it(digit):
    image = rasterise(DIGITS[digit])
    edges = np.concatenate([image[:14].ravel(), image[-14:].ravel(), image[:, :14].ravel(), image[:, -14:].ravel()])
    assert edges.max() == 0
    rows = np.flatnonzero(image.any(1))
    assert rows[-1] - rows[0] > 70


@pytest.mark.parametrize(
    ("digit", "expected"), [("0", 1), ("1", 0), ("3", 0), ("5", 0), ("6", 1), ("7", 0), ("8", 2), ("9", 1)]
)
def test_loops_are_closed_and_open_as_the_digit_has_them(digit, expected):
    assert holes(rasterise(DIGITS[digit]) > 0.5) == expected


@pytest.mark.parametrize("digit", DIGITS)
def test_as_much_ink_as_the_digits_of_mnist_have(digit):
    """The mean pixel of MNIST's test images is 0.1325, a "1" has about half of that."""
    assert 0.03 < fit_digit(rasterise(DIGITS[digit])).mean() < 0.2


@pytest.mark.parametrize("digit", DIGITS)
def test_digits_survive_the_way_through_a_browser(digit):
    text = json.dumps(strokes_to_json(DIGITS[digit]))
    assert strokes_from_json(json.loads(text)) == DIGITS[digit]
    assert len(text) < 3000


def test_digits_differ_from_each_other():
    images = [fit_digit(rasterise(strokes)) for strokes in DIGITS.values()]
    distances = [np.square(a - b).mean() for i, a in enumerate(images) for b in images[:i]]
    assert min(distances) > 0.03


def test_a_smooth_curve_passes_through_its_knots():
    knots = ((0.1, 0.2), (0.5, 0.25), (0.4, 0.9))
    curve = smooth(knots, 4)
    assert (curve[0], curve[4], curve[8]) == knots
    assert len(curve) == 9


def test_a_smooth_curve_through_points_of_a_line_stays_on_it():
    for x, y in smooth(((0.0, 0.0), (0.2, 0.1), (0.4, 0.2), (0.6, 0.3))):
        assert y == pytest.approx(x / 2, abs=1e-3)
