"""Garments are cut out of their grounds, and keep their insides."""

import numpy as np
import pytest

from cae.evaluation.own_pictures import GOOD_OVERLAP, PHOTO, overlap, photos
from cae.imaging.garment import find_garment


@pytest.fixture(scope="module")
def found():
    """Every drawn photograph and what is found in it."""
    return [(photo, find_garment(photo.picture)) for photo in photos()]


def test_nine_of_ten_silhouettes_agree(found):
    agreed = [
        garment is not None and overlap(garment.mask, photo.silhouette) >= GOOD_OVERLAP for photo, garment in found
    ]
    assert len(agreed) >= 10 * 8
    assert np.mean(agreed) >= 0.9


def test_the_longer_side_is_filled_and_the_inside_kept(found):
    for photo, garment in found:
        rows, columns = (np.flatnonzero(garment.image.any(axis)) for axis in (1, 0))
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == 28
        inside = garment.image[garment.image > 0]
        assert 0.35 <= np.median(inside) / 255 <= 0.85, (photo.kind, photo.ground)
        assert np.std(inside) / 255 > 0.02


def test_polarity(found):
    for photo, garment in found:
        grey = photo.picture.mean(2)
        assert garment.is_dark == (np.median(grey[photo.silhouette]) < np.median(grey[~photo.silhouette]))


def test_patterns_keep_their_contrast():
    picture = np.full((PHOTO, PHOTO, 3), 225, np.uint8)
    stripes = np.where(np.arange(160) // 20 % 2, 30, 170).astype(np.uint8)
    picture[40:200, 60:180] = stripes[:, np.newaxis, np.newaxis]
    garment = find_garment(picture)
    column = garment.image[:, 14].astype(int)
    assert np.abs(np.diff(column)).max() > 80
    assert (np.sign(np.diff(column)) != 0).sum() >= 7


def test_the_same_picture_gives_the_same_garment():
    photo = next(iter(photos()))
    first, second = (find_garment(photo.picture) for _ in range(2))
    assert np.array_equal(first.image, second.image)


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (50, 50), (50, 50, 3)])
def test_nothing_in_an_even_picture(shape):
    assert find_garment(np.full(shape, 90, np.uint8)) is None


def test_noise_is_no_plausible_garment():
    noise = np.random.default_rng(0).integers(0, 256, (120, 120, 3), np.uint8)
    garment = find_garment(noise)
    assert garment is None or not garment.is_plausible
