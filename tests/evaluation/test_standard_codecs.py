"""JPEG, WebP and PNG files, and mosaics of many images."""

import numpy as np
import pytest

from cae.evaluation import standard_codecs


@pytest.fixture
def picture() -> np.ndarray:
    y, x = np.mgrid[:40, :56]
    return (127 + 60 * np.sin(x / 5) + 60 * np.cos(y / 7)).astype(np.uint8)


@pytest.mark.parametrize(("codec", "start"), [("PNG", b"\x89PNG"), ("WEBP_LOSSLESS", b"RIFF")])
def test_lossless(picture, codec, start):
    data = standard_codecs.encode(picture, codec)
    assert data.startswith(start)
    assert np.array_equal(standard_codecs.decode(data), picture)
    assert len(data) < picture.size


@pytest.mark.parametrize(("codec", "start"), [("JPEG", b"\xff\xd8"), ("WEBP", b"RIFF")])
def test_lossy(picture, codec, start):
    files = [standard_codecs.encode(picture, codec, quality) for quality in (0, 50, 100)]
    assert all(file.startswith(start) for file in files)
    assert [len(file) for file in files] == sorted(len(file) for file in files)
    errors = [np.square(standard_codecs.decode(file) - picture.astype(float)).mean() for file in files]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 4


@pytest.mark.parametrize(
    ("codec", "quality"), [("JPEG", None), ("JPEG", 101), ("WEBP", -1), ("PNG", 50), ("GIF", None), ("GIF", 3)]
)
def test_unknown(picture, codec, quality):
    with pytest.raises(ValueError, match="There is no"):
        standard_codecs.encode(picture, codec, quality)


def test_other_arrays(picture):
    with pytest.raises(ValueError, match="uint8"):
        standard_codecs.encode(picture / 255, "PNG")


@pytest.mark.parametrize("shape", [(1, 4, 6), (7, 28, 28), (10, 3, 9), (100, 5, 5)])
def test_mosaic(shape):
    images = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    picture = standard_codecs.mosaic(images)
    assert picture.size >= images.size
    assert 0.3 < picture.shape[0] / picture.shape[1] < 3 or shape[0] == 1
    assert np.array_equal(standard_codecs.pieces(picture, *shape), images)


def test_too_many():
    with pytest.raises(ValueError, match="too many"):
        standard_codecs.mosaic(np.broadcast_to(np.uint8(0), (400_000, 28, 28)))
