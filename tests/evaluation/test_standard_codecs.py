"""JPEG, WebP, AVIF and PNG files, and mosaics of many images."""

import numpy as np
import pytest
from PIL import AvifImagePlugin

from cae.evaluation import standard_codecs
from cae.evaluation.standard_codecs import coded_bytes, within_size
from cae.imaging.metrics import distortion


@pytest.fixture
def picture() -> np.ndarray:
    y, x = np.mgrid[:40, :56]
    return (127 + 60 * np.sin(x / 5) + 60 * np.cos(y / 7)).astype(np.uint8)


@pytest.fixture(params=["grey", "colour"])
def any_picture(request) -> np.ndarray:
    """The same in grey or in colour."""
    y, x = np.mgrid[:40, :56]
    planes = [(127 + 60 * np.sin(x / 5 + k) + 60 * np.cos(y / 7)).astype(np.uint8) for k in range(3)]
    return planes[0] if request.param == "grey" else np.stack(planes, -1)


@pytest.mark.parametrize("name", standard_codecs.LOSSY)
def test_best_within_a_size(any_picture, name):
    found = within_size(any_picture, name, 900)
    assert (found.name, len(found.data) <= 900) == (name, True)
    files = [standard_codecs.encode(any_picture, name, quality) for quality in range(101)]
    assert found.data == files[found.quality]
    assert all(len(data) > 900 for data in files[found.quality + 1 :])
    decoded = standard_codecs.decode(found.data, colour=any_picture.ndim == 3)
    assert np.array_equal(found.decoded, decoded)
    assert found.decoded.shape == any_picture.shape
    assert found.distortion == distortion(any_picture, decoded)
    assert 0 < found.payload < len(found.data)
    smallest = within_size(any_picture, name, 20)
    assert len(smallest.data) == min(len(data) for data in files) > 20


@pytest.mark.parametrize(("codec", "start"), [("PNG", b"\x89PNG"), ("WEBP_LOSSLESS", b"RIFF")])
def test_lossless(picture, codec, start):
    data = standard_codecs.encode(picture, codec)
    assert data.startswith(start)
    assert np.array_equal(standard_codecs.decode(data), picture)
    assert len(data) < picture.size


@pytest.mark.parametrize(("codec", "start"), [("JPEG", b"\xff\xd8"), ("WEBP", b"RIFF"), ("AVIF", b"\0\0\0")])
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


@pytest.mark.parametrize("codec", standard_codecs.LOSSY)
def test_headers_do_not_depend_on_how_many_pixels_there_are(codec):
    """Noise of four times the pixels has about four times the coded bytes."""
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    small, large = (
        coded_bytes(standard_codecs.encode(picture, codec, 90)) for picture in (noise, np.tile(noise, (2, 2)))
    )
    assert 3.7 < large / small < 4.1


def test_a_jpegs_coded_bytes_are_its_scan():
    """Every 0xFF in a scan is followed by 0x00, so its only marker is the end."""
    data = standard_codecs.encode(np.arange(784, dtype=np.uint8).reshape(28, 28), "JPEG", 80)
    scan = data[len(data) - 2 - coded_bytes(data) : -2]
    assert scan.replace(b"\xff\x00", b"").find(b"\xff") == -1
    assert data.endswith(b"\xff\xd9")


def test_an_avifs_coded_bytes_are_what_its_boxes_and_sequence_header_leave():
    """`iloc` tells where the picture's units lie: a delimiter of two bytes, the sequence's header, and the frame."""
    data = standard_codecs.encode(np.arange(784, dtype=np.uint8).reshape(28, 28), "AVIF", 80)
    entry = data.index(b"iloc") + 8 + 2 + 2 + 2 + 2  # its version; sizes of its fields, one item, the item, its source
    start, size = (int.from_bytes(data[entry + at :][:4], "big") for at in (2, 6))
    units = data[start : start + size]
    assert start + size == len(data)
    assert units.startswith(b"\x12\x00\x0a"), "a delimiter and the sequence's header"
    header = units[3]
    frame = units[4 + header :]
    assert frame[0] >> 3 == 6
    assert coded_bytes(data) == len(frame) - (2 if frame[1] < 128 else 3)


def test_an_avifs_bytes_do_not_depend_on_how_many_cores_there_are(any_picture, monkeypatch):
    before = standard_codecs.encode(any_picture, "AVIF", 40)
    monkeypatch.setattr(AvifImagePlugin, "DEFAULT_MAX_THREADS", 7)
    assert standard_codecs.encode(any_picture, "AVIF", 40) == before
