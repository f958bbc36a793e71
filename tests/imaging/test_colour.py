"""Planes and back against the formulas of JFIF, in floating point."""

import io

import numpy as np
import pytest
from PIL import Image

from cae.data import photographs
from cae.imaging import colour
from cae.imaging.pixels import to_png

SIZES = [(1, 1), (1, 2), (2, 1), (3, 5), (40, 31), (17, 64)]


def random_picture(height: int, width: int) -> np.ndarray:
    """With large even parts and single pixels: uint8 (H, W, 3)."""
    rng = np.random.default_rng(height * 1000 + width)
    coarse = rng.integers(0, 256, (-(-height // 5), -(-width // 5), 3), np.uint8)
    return np.where(
        rng.random((height, width, 1)) < 0.3,
        rng.integers(0, 256, (height, width, 3), np.uint8),
        coarse.repeat(5, 0).repeat(5, 1)[:height, :width],
    )


def expected_planes(picture: np.ndarray) -> list[np.ndarray]:
    """ITU-T T.871, section 7; colour as means over 2×2 pixels, or as many as there are."""
    red, green, blue = np.moveaxis(picture.astype(float), -1, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    chroma = [128 + 0.5 * (blue - luma) / (1 - 0.114), 128 + 0.5 * (red - luma) / (1 - 0.299)]
    height, width = luma.shape
    halves = [
        np.array([[c[y : y + 2, x : x + 2].mean() for x in range(0, width, 2)] for y in range(0, height, 2)])
        for c in chroma
    ]
    return [luma, *halves]


def expected_picture(luma: np.ndarray, blue: np.ndarray, red: np.ndarray) -> np.ndarray:
    """Colour linear between the middles of 2×2 pixels, the same beyond the outermost."""

    def enlarged(plane: np.ndarray, length: int) -> np.ndarray:
        at = (np.arange(length) + 0.5) / 2 - 0.5
        return np.stack([np.interp(at, np.arange(len(plane)), column) for column in plane.T], 1)

    height, width = luma.shape
    b, r = (enlarged(enlarged(plane.astype(float), height).T, width).T - 128 for plane in (blue, red))
    green = luma - (0.114 * 1.772 * b + 0.299 * 1.402 * r) / 0.587
    return np.clip(np.stack([luma + 1.402 * r, green, luma + 1.772 * b], -1), 0, 255)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_planes(height, width):
    picture = random_picture(height, width)
    planes = colour.planes(picture)
    for plane, expected in zip(planes, expected_planes(picture), strict=True):
        assert plane.dtype == np.uint8
        assert plane.shape == expected.shape
        assert np.abs(plane - expected).max() <= 1.5  # rounded twice


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_picture(height, width):
    planes = colour.planes(random_picture(height, width))
    picture = colour.picture(*planes)
    assert picture.dtype == np.uint8
    assert np.abs(picture - expected_picture(*planes)).max() <= 2.5


def test_even_colours_come_back():
    for rgb in ((0, 0, 0), (255, 255, 255), (200, 30, 90), (10, 250, 20)):
        picture = np.full((5, 7, 3), rgb, np.uint8)
        assert np.abs(colour.picture(*colour.planes(picture)).astype(int) - picture).max() <= 2


def test_the_planes_to_train_on_are_these():
    assert photographs.planes is colour.planes


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_luma(height, width):
    picture = random_picture(height, width)
    grey = colour.luma(picture)
    assert grey.dtype == np.uint8
    assert np.abs(grey - expected_planes(picture)[0]).max() <= 0.51
    assert colour.luma(grey) is grey


def test_png():
    a = random_picture(40, 31)
    with Image.open(io.BytesIO(to_png(a))) as image:
        assert image.info == {}
        assert np.array_equal(np.asarray(image), a)
