"""JPEG and WebP within so many bytes."""

import numpy as np
import pytest

from cae.data.mnist import MNIST
from cae.evaluation import standard_codecs
from cae.evaluation.comparison import photo_rival, rival

DIGIT = np.rint(MNIST.examples.image("3")[..., 0] * 255).astype(np.float32) / np.float32(255)


@pytest.mark.parametrize("codec", standard_codecs.LOSSY)
def test_best_within_the_bytes(codec):
    found = rival(DIGIT, codec, 400)
    assert found.fits
    assert found.size <= 400
    pixels = np.rint(DIGIT * 255).astype(np.uint8)
    better = [len(standard_codecs.encode(pixels, codec, quality)) for quality in range(found.quality + 1, 101)]
    assert all(size > 400 for size in better)
    answer = standard_codecs.decode(standard_codecs.encode(pixels, codec, found.quality)) / np.float32(255)
    assert found.distortion.mse == pytest.approx(np.mean((answer - DIGIT) ** 2, dtype=np.float64))


@pytest.mark.parametrize("codec", standard_codecs.LOSSY)
def test_smallest_where_none_fits(codec):
    found = rival(DIGIT, codec, 20)
    assert not found.fits
    assert found.size > 20
    assert found.header > 20


@pytest.mark.parametrize("codec", standard_codecs.LOSSY)
def test_photographs_stay_in_colour(codec):
    y, x = np.mgrid[:60, :90]
    photo = np.stack([127 + 100 * np.sin(x / 19 + k) * np.cos(y / 18) for k in range(3)], -1).astype(np.uint8)
    found = photo_rival(photo, codec, 1500)
    assert found.fits
    assert found.size <= 1500
    assert (found.picture.shape, found.picture.dtype) == (photo.shape, np.uint8)
    error = np.mean((found.picture / 255 - photo / 255) ** 2)
    assert found.distortion.mse == pytest.approx(error)
    assert found.distortion.psnr == pytest.approx(-10 * np.log10(error))
    grey = photo_rival(photo[..., 0], codec, 1500)
    assert grey.picture.shape == (60, 90)
