"""The drawings: complete, inside the pad, and shaped like what they stand for."""

import hashlib
import json

import numpy as np
import pytest

from cae.imaging.examples import CLOTHES, DIGITS, Examples
from cae.imaging.preprocessing import fit_clothing, fit_digit
from cae.imaging.strokes import rasterise, strokes_from_json, strokes_to_json


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
    assert holes(rasterise(DIGITS[digit]) > 127) == expected


@pytest.mark.parametrize("digit", DIGITS)
def test_as_much_ink_as_the_digits_of_mnist_have(digit):
    """The mean pixel of MNIST's test images is 0.1325, a "1" has about half of that."""
    assert 0.03 < fit_digit(rasterise(DIGITS[digit])).mean() / 255 < 0.2


@pytest.mark.parametrize("digit", DIGITS)
def test_digits_survive_the_way_through_a_browser(digit):
    text = json.dumps(strokes_to_json(DIGITS[digit]))
    assert strokes_from_json(json.loads(text)) == DIGITS[digit]
    assert len(text) < 3000


def test_digits_differ_from_each_other():
    images = [fit_digit(rasterise(strokes)) / 255 for strokes in DIGITS.values()]
    distances = [np.square(a - b).mean() for i, a in enumerate(images) for b in images[:i]]
    assert min(distances) > 0.03


def test_the_drawings_are_those_that_models_have_stored_results_of():
    """Another drawing would be shown beside what the network made of this one."""
    text = json.dumps(
        [{name: strokes_to_json(strokes) for name, strokes in kind.items()} for kind in (DIGITS, CLOTHES)]
    )
    assert (
        hashlib.sha256(text.encode()).hexdigest() == "6e3b3b1c8e297497460448d2d1ffabaf8d19a2245c559e334dc300c68edc655d"
    )


def test_one_piece_of_clothing_for_each_class():
    assert list(CLOTHES) == [
        *("T-shirt", "Trousers", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
    ]


@pytest.mark.parametrize("name", CLOTHES)
def test_clothes_fill_the_frame_and_travel_as_json(name):
    image = Examples(CLOTHES, fit_clothing, "Bag").image(name)
    rows, columns = (np.flatnonzero(image.any(axis)) for axis in (1, 0))
    assert max(len(rows), len(columns)) >= 27
    assert abs(rows[0] + rows[-1] - 27) <= 1
    assert abs(columns[0] + columns[-1] - 27) <= 1
    text = json.dumps(strokes_to_json(CLOTHES[name]))
    assert strokes_from_json(json.loads(text)) == CLOTHES[name]
    assert len(text) < 10_000


def test_all_examples_as_the_network_sees_them():
    images = Examples(DIGITS, fit_digit, "3").images()
    assert images.shape == (10, 28, 28)
    assert np.array_equal(images[3], fit_digit(rasterise(DIGITS["3"])))
