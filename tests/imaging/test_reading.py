"""Uploads: what visitors send, and worse; and pictures to show and to save."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from places import ROOT

from cae.imaging import reading
from cae.imaging.formats import READ
from cae.imaging.pixels import to_png
from cae.imaging.preprocessing import fit_digit, fit_square
from cae.imaging.reading import MAX_BYTES, ImageError, read_image


def sample(height: int = 20, width: int = 30) -> Image.Image:
    """A smooth picture without any symmetry."""
    y, x = np.mgrid[:height, :width]
    rgb = np.stack([x * 255 // width, y * 255 // height, (x + 2 * y) * 255 // (width + 2 * height)], -1)
    return Image.fromarray(rgb.astype(np.uint8))


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, depth: int = 8, colour: int = 0, rows: bytes = b"", extra: bytes = b"") -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    body = png_chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + header + extra + body + png_chunk(b"IEND", b"")


def with_orientation(image: Image.Image, orientation: int, kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 95} if kind == "JPEG" else {"lossless": True} if kind == "WEBP" else {}
    return encoded(image, kind, exif=exif, **options)


# Reading: formats and modes


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 90}, 24),
        ("JPEG", {"quality": 95}, 12),
        ("JPEG", {"quality": 95, "progressive": True}, 12),
        ("GIF", {}, 60),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("AVIF", {"quality": 95}, 24),
    ],
)
def test_every_format_gives_its_pixels(kind, options, tolerance):
    picture = read_image(encoded(sample(), kind, **options))
    difference = np.abs(np.asarray(Image.fromarray(picture.pixels).convert("RGB"), int) - np.asarray(sample(), int))
    assert picture.pixels.shape[:2] == (20, 30)
    assert difference.max() <= tolerance
    assert picture.remarks == ()
    assert not picture.rotated


@pytest.mark.parametrize(
    ("mode", "kind", "expected"),
    [
        ("1", "PNG", "L"),
        ("L", "PNG", "L"),
        ("P", "PNG", "RGB"),
        ("RGB", "PNG", "RGB"),
        ("LA", "PNG", "L"),
        ("RGBA", "PNG", "RGB"),
        ("RGBA", "WEBP", "RGB"),
        ("RGBA", "BMP", "RGB"),
        ("1", "BMP", "L"),
        ("L", "BMP", "L"),
        ("P", "BMP", "RGB"),
        ("L", "JPEG", "L"),
        ("CMYK", "JPEG", "RGB"),
        ("YCbCr", "JPEG", "RGB"),
    ],
)
def test_every_mode_becomes_8_bit_grey_or_colour(mode, kind, expected):
    source = sample().convert(mode)
    picture = read_image(encoded(source, kind))
    assert picture.pixels.ndim == (2 if expected == "L" else 3)
    assert picture.remarks == (("converted from CMYK",) if mode == "CMYK" else ())
    wanted = np.asarray(source.convert("L"), int)
    assert picture.pixels.dtype == picture.grey().dtype == np.uint8
    np.testing.assert_allclose(picture.grey(), wanted, atol=13)


def test_16_bit_grey_is_scaled_not_clipped():
    values = np.linspace(0, 65535, 600).round().astype(np.uint16).reshape(20, 30)
    picture = read_image(encoded(Image.fromarray(values)))
    assert picture.remarks == ("reduced from 16 to 8 bits",)
    np.testing.assert_array_equal(picture.pixels, np.rint(values / 65535 * 255))


def test_32_bit_integers_are_taken_as_16_bit_values():
    values = np.array([[-5, 0, 32768, 65535, 10**6]], np.int32)
    assert np.asarray(reading._eight_bits(Image.fromarray(values))).tolist() == [[0, 0, 128, 255, 255]]


def test_16_bit_colour():
    rows = b"".join(b"\0" + struct.pack(">6H", 65535, 0, 32896, 257, 514, 771) for _ in range(2))
    picture = read_image(png(2, 2, 16, 2, rows))
    assert picture.remarks == ("reduced from 16 to 8 bits",)
    assert picture.pixels[0].tolist() == [[255, 0, 128], [1, 2, 3]]


def test_transparent_value_of_16_bit_grey_becomes_white():
    rows = b"\0" + struct.pack(">3H", 0, 700, 65535)
    picture = read_image(png(3, 1, 16, 0, rows, png_chunk(b"tRNS", struct.pack(">H", 0))))
    assert picture.pixels.tolist() == [[255, 3, 255]]
    assert "transparent parts laid on white" in picture.remarks


@pytest.mark.parametrize("mode", ["L", "P", "RGB"])
def test_a_transparent_colour_becomes_white(mode):
    image = Image.new(mode, (4, 4), 0)
    image.paste(100 if mode in "LP" else (100, 100, 100), (0, 0, 2, 4))
    if mode == "P":
        image.putpalette([value for value in range(256) for _ in range(3)])
    picture = read_image(encoded(image, transparency=(0, 0, 0) if mode == "RGB" else 0))
    assert picture.grey()[0, 3] == 255
    assert picture.grey()[0, 0] == 100


def test_half_transparent_pixels_are_mixed_with_white():
    picture = read_image(encoded(Image.new("RGBA", (3, 2), (0, 100, 200, 128))))
    assert picture.pixels[0, 0].tolist() == [127, 177, 227]
    assert picture.remarks == ("transparent parts laid on white",)


def test_partly_transparent_palette():
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 0, 0])
    image.putpixel((1, 0), 1)
    picture = read_image(encoded(image, transparency=bytes([255, 0])))
    assert picture.pixels[0].tolist() == [[10, 20, 30], [255, 255, 255]]


def test_white_ink_on_nothing_stays_visible():
    image = Image.new("LA", (8, 8), (255, 0))
    image.paste((255, 255), (2, 2, 5, 5))
    picture = read_image(encoded(image))
    assert picture.grey()[3, 3] == 255
    assert picture.grey()[0, 0] == 0
    assert "laid on black" in picture.remarks[0]


def test_wholly_transparent_picture_is_white():
    assert read_image(encoded(Image.new("RGBA", (3, 3)))).grey().min() == 255


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_first_frame_of_an_animation(kind):
    frames = [Image.new("RGB", (9, 7), colour) for colour in ("red", "lime", "blue")]
    options = {"lossless": True} if kind == "WEBP" else {}
    picture = read_image(encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options))
    assert picture.pixels[3, 4].tolist() == [255, 0, 0]
    assert picture.remarks == ("first of 3 frames",)


def test_frames_of_large_animations_are_not_counted(monkeypatch):
    monkeypatch.setattr(reading, "COUNTED_BYTES", 10)
    data = encoded(Image.new("L", (5, 5)), "GIF", save_all=True, append_images=[Image.new("L", (5, 5), 255)])
    assert read_image(data).remarks == ("first frame of an animation",)


def test_a_damaged_later_frame_does_no_harm():
    data = encoded(Image.new("L", (5, 5)), "GIF", save_all=True, append_images=[Image.new("L", (5, 5), 255)] * 3)
    assert read_image(data[: len(data) * 3 // 4]).pixels.shape[:2] == (5, 5)


@pytest.mark.parametrize("size", [(1, 1), (1, 10_000), (10_000, 1), (2, 3)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_extreme_sizes_are_read_and_fitted(size, kind):
    picture = read_image(encoded(Image.new("L", size, 200), kind))
    assert picture.pixels.shape[:2] == size[::-1]
    for fit in (fit_digit, fit_square):
        assert fit(picture.grey()).shape == (28, 28)


# Reading: orientation and metadata


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_gives_the_upright_original(orientation, kind):
    original = np.asarray(sample())
    # The oracle is the table of the standard: which side of the picture row 0 and column 0 are.
    stored = {
        1: original,
        2: original[:, ::-1],
        3: original[::-1, ::-1],
        4: original[::-1],
        5: original.transpose(1, 0, 2),
        6: original.transpose(1, 0, 2)[::-1],
        7: original.transpose(1, 0, 2)[::-1, ::-1],
        8: original.transpose(1, 0, 2)[:, ::-1],
    }[orientation]
    data = with_orientation(Image.fromarray(np.ascontiguousarray(stored)), orientation, kind)
    tolerance = 12 if kind == "JPEG" else 0
    picture, as_stored = read_image(data), read_image(data, upright=False)
    assert np.abs(picture.pixels.astype(int) - original).max() <= tolerance
    assert np.abs(as_stored.pixels.astype(int) - stored).max() <= tolerance
    assert picture.rotated == (orientation > 1)
    assert picture.remarks == (("turned upright as its EXIF data says",) if orientation > 1 else ())
    assert not as_stored.rotated


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_unknown_orientations_are_ignored(orientation):
    assert not read_image(with_orientation(sample(), orientation, "JPEG")).rotated


@pytest.mark.parametrize(
    "exif", [b"", b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff1"]
)
def test_damaged_metadata_costs_nobody_the_picture(exif):
    assert read_image(encoded(sample(), "JPEG", exif=exif)).pixels.shape[:2] == (20, 30)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_metadata_never_leaves(kind):
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    picture = read_image(encoded(sample(), kind, exif=exif, icc_profile=b"profile " * 20))
    assert type(picture.pixels) is np.ndarray
    assert b"where I live" not in to_png(picture.pixels)


# Reading: what is refused


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"hello", "not an image"),
        (bytes(1000), "not an image"),
        (b"no picture at all", "not an image"),
    ],
)
def test_other_files_are_refused(data, message):
    with pytest.raises(ImageError, match=message) as caught:
        read_image(data)
    assert READ in str(caught.value)


def test_25_megabytes_are_the_limit():
    data = encoded(sample(), "BMP")
    assert read_image(data + bytes(MAX_BYTES - len(data))).pixels.shape[:2] == (20, 30)
    with pytest.raises(ImageError, match="larger than 25 MB"):
        read_image(data + bytes(MAX_BYTES - len(data) + 1))


@pytest.mark.parametrize(
    ("width", "height"), [(10_200, 10_000), (100_000_001, 1), (1, 100_000_001), (2**31 - 1, 2**31 - 1)]
)
def test_too_many_pixels_are_refused_before_decoding(width, height, monkeypatch):
    monkeypatch.setattr(reading, "_read", lambda *_: pytest.fail("decoded"))
    with pytest.raises(ImageError, match="100 megapixels"):
        read_image(png(width, height))


def test_exactly_100_megapixels_pass_the_check():
    with pytest.raises(ImageError, match="damaged or incomplete"):  # there are no pixels behind this header
        read_image(png(10_000, 10_000))


def test_large_pictures_are_reduced():
    """JPEG while it is decoded, so that it may be larger than what else is decoded in colour."""
    ink = Image.new("L", (9000, 6000), 255)
    ink.paste(0, (3000, 2000, 6000, 4000))
    for picture in (read_image(encoded(ink, "JPEG")), read_image(encoded(ink, "PNG"))):
        height, width = picture.pixels.shape
        assert height * width <= reading.KEPT_PIXELS
        assert width / height == pytest.approx(1.5, rel=0.01)
        assert picture.pixels[height // 2, width // 2] < 5
        assert picture.pixels[5, 5] > 250
        assert picture.remarks == ("reduced from 9,000 × 6,000 pixels",)


def test_memory_stays_below_300_megabytes():
    """What is worst for each kind: measured as the peak of a process of its own."""
    code = """
import io, resource, sys
from PIL import Image
from cae.imaging.reading import read_image
mode, kind, side = sys.argv[1], sys.argv[2], int(sys.argv[3])
file = io.BytesIO()
Image.new(mode, (side, side), 0).save(file, kind)
data = file.getvalue()
del file
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")
def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
start = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS"))
read_image(data)
print(peak() - start)
"""
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("the kernel does not tell the peak of a process anew")
    for mode, kind, side in (("L", "PNG", 9900), ("RGB", "PNG", 5000), ("RGBA", "PNG", 5000), ("RGB", "JPEG", 9900)):
        command = [sys.executable, "-c", code, mode, kind, str(side)]
        run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        assert run.returncode == 0, run.stderr
        assert int(run.stdout) < 300_000, (mode, kind)


def test_large_pictures_in_colour_that_cannot_be_reduced_while_decoding_are_refused():
    with pytest.raises(ImageError, match="save it as JPEG, or smaller"):
        read_image(encoded(Image.new("RGB", (6000, 5000)), "PNG", compress_level=1))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "AVIF"])
def test_truncated_at_any_byte(kind):
    data = encoded(sample(), kind)
    for length in range(1, len(data), 7):
        assert_read_or_refused(data[:length])
    with pytest.raises(ImageError):
        read_image(data[: len(data) // 2])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "AVIF"])
def test_corrupt_bytes(kind):
    rng = np.random.default_rng(20_04)
    data = np.frombuffer(
        with_orientation(sample(), 6, kind) if kind in "JPEG PNG WEBP" else encoded(sample(), kind), "u1"
    )
    for _ in range(200):
        broken = data.copy()
        reach = len(data) if rng.random() < 0.5 else 64  # headers are where the trouble is
        broken[rng.integers(0, reach, rng.integers(1, 6))] = rng.integers(0, 256)
        assert_read_or_refused(broken.tobytes())


@given(
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"GIF89a", b"RIFF\x20\0\0\0WEBPVP8 "]),
    st.binary(),
)
def test_random_bytes(start, rest):
    assert_read_or_refused(start + rest)


@settings(max_examples=50)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 17),
    st.integers(0, 7),
    st.binary(max_size=100),
)
@example(0, 0, 8, 0, b"")
@example(3, 0, 8, 2, b"\0\0\0")
def test_png_headers_that_lie(width, height, depth, colour, rows):
    assert_read_or_refused(png(width, height, depth, colour, rows))


def assert_read_or_refused(data: bytes) -> None:
    try:
        picture = read_image(data)
    except ImageError:
        pass
    else:
        assert picture.pixels.shape[2:] in ((), (3,))
        assert picture.grey().size > 0


# Bytes
