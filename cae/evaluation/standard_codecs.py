"""Reference codecs: JPEG, WebP, AVIF, PNG and lossless WebP, as files, or as mosaics where headers do not count."""

import io
import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, features

from cae.imaging.metrics import Distortion, distortion

QUALITIES = range(101)
"""Of JPEG, WebP and AVIF, 0 to 100."""
NAMES = {"JPEG": "JPEG", "WEBP": "WebP", "AVIF": "AVIF"}
"""Of the lossy codecs, as they are written."""
LOSSY = tuple(name for name in NAMES if name != "AVIF" or features.check("avif"))
"""Those that this Pillow has: without libavif it makes no AVIF."""
LOSSLESS = ("PNG", "WEBP_LOSSLESS")
LARGEST_SIDE = 16_383
"""Of a WebP picture."""

SEARCH_MARGIN = 1.25
"""File size is nearly monotonic in quality: so much over the bytes allowed, no better quality is within them."""
WEBP_HEADER = 20 + 10
"""RIFF, WEBP and the chunk's name and size; then the frame's start and its size."""
AVIF_SPEED, FAST_AVIF_SPEED = 6, 8
"""libaom's, from 0 (slowest) to 10. Below 6, photographs of half a megapixel become no smaller."""
LARGE = 10**6
"""Pixels above which AVIF files are sought at the higher speed, of which each takes a second rather than ten."""
FRAME_OBUS = (3, 4, 6)
"""The types of AV1's units that hold a frame's header, a group of its tiles, or both."""

_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"format": "JPEG", "optimize": True},
    "WEBP": {"format": "WEBP", "method": 6},
    # One thread and one tile: otherwise the bytes depend on how many cores the machine has.
    "AVIF": {"format": "AVIF", "speed": AVIF_SPEED, "max_threads": 1, "autotiling": False},
    "PNG": {"format": "PNG", "optimize": True},
    "WEBP_LOSSLESS": {"format": "WEBP", "lossless": True, "quality": 100, "method": 6},
}
"""The settings that give the smallest files; of AVIF, nearly."""


@dataclass(frozen=True)
class Reference:
    """A picture as the file of a lossy reference codec, and the picture that the file decodes to."""

    name: str
    """One of `LOSSY`."""
    quality: int
    """0 to 100."""
    data: bytes
    decoded: np.ndarray
    """uint8 of the picture's shape."""
    distortion: Distortion

    @property
    def payload(self) -> int:
        """Bytes of the file that are coded pixels, without headers and tables."""
        return coded_bytes(self.data)


def within_size(picture: np.ndarray, name: str, size: int) -> Reference:
    """The file of the highest quality that has at most `size` bytes, or the smallest file where none is so small.

    Args:
        picture: uint8 (H, W) or (H, W, 3).
        name: one of `LOSSY`.
        size: bytes of the whole file.
    """
    speed = avif_speed(picture.shape[0] * picture.shape[1])

    @cache
    def encoded(quality: int) -> bytes:
        return encode(picture, name, quality, speed)

    too_large = bisect_left(QUALITIES, True, key=lambda quality: len(encoded(quality)) > size)
    files: dict[int, bytes] = {}
    for quality in QUALITIES[max(0, too_large - 1) :]:
        files[quality] = encoded(quality)
        if len(files[quality]) > SEARCH_MARGIN * size:
            break
    within = [quality for quality, data in files.items() if len(data) <= size]
    quality = max(within) if within else min(files, key=lambda quality: len(files[quality]))
    decoded = decode(files[quality], colour=picture.ndim == 3)
    return Reference(name, quality, files[quality], decoded, distortion(picture, decoded))


def avif_speed(pixels: int) -> int:
    """The speed at which `within_size` seeks the AVIF file of a picture of so many pixels."""
    return AVIF_SPEED if pixels <= LARGE else FAST_AVIF_SPEED


def encode(picture: np.ndarray, codec: str, quality: int | None = None, speed: int = AVIF_SPEED) -> bytes:
    """A picture, uint8 (H, W) or (H, W, 3) → a file. Lossy codecs take a quality from 0 to 100, AVIF a speed too.

    Raises `ValueError` for another codec, another quality, or another kind of array.
    """
    if codec not in _OPTIONS or (quality in QUALITIES) != (codec in LOSSY):
        raise ValueError(f"There is no {codec} of quality {quality}.")
    if picture.dtype != np.uint8 or (picture.ndim != 2 and picture.shape[2:] != (3,)):
        raise ValueError(f"A picture must be uint8 (H, W) or (H, W, 3), not {picture.dtype} {picture.shape}.")
    options = dict(_OPTIONS[codec])
    if quality is not None:
        options["quality"] = quality
    if codec == "AVIF":
        options["speed"] = speed
    file = io.BytesIO()
    Image.fromarray(picture).save(file, **options)
    return file.getvalue()


def decode(data: bytes, *, colour: bool = False) -> np.ndarray:
    """A file → its picture in grey, uint8 (H, W), or in colour, (H, W, 3)."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB" if colour else "L"))


def mosaic(images: np.ndarray) -> np.ndarray:
    """Images (N, H, W) side by side, row by row, in about a square; what remains is black.

    Raises `ValueError` where it would be larger than a WebP picture can be.
    """
    count, height, width = images.shape
    columns = max(1, math.isqrt(-(-count * height // width)))
    rows = -(-count // columns)
    if max(rows * height, columns * width) > LARGEST_SIDE:
        raise ValueError(f"{count:,} images of {height} × {width} pixels are too many for one picture.")
    cells = np.zeros((rows * columns, height, width), images.dtype)
    cells[:count] = images
    return cells.reshape(rows, columns, height, width).swapaxes(1, 2).reshape(rows * height, columns * width)


def pieces(picture: np.ndarray, count: int, height: int, width: int) -> np.ndarray:
    """The first `count` images (count, H, W) of a mosaic."""
    rows, columns = picture.shape[0] // height, picture.shape[1] // width
    return picture.reshape(rows, height, columns, width).swapaxes(1, 2).reshape(-1, height, width)[:count]


def coded_bytes(data: bytes) -> int:
    """Bytes of a JPEG's, WebP's or AVIF's coded pixels alone.

    Of a JPEG all segments but the scan's data are headers (ITU-T T.81, annex B), quantisation and Huffman tables too;
    of a WebP 30 bytes are (RFC 9649, RFC 6386). Of an AVIF the container's boxes are (ISO/IEC 14496-12), and in the box
    of the media the sequence's header and the units' own (AV1 bitstream, section 5.3); the frame's header counts, as it
    does in a WebP.
    """
    if data.startswith(b"RIFF"):
        return len(data) - WEBP_HEADER
    if data[4:8] == b"ftyp":
        return _frame_bytes(_box(data, b"mdat"))
    position = 2  # after SOI
    while True:
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        is_scan = data[position + 1] == 0xDA
        position += 2 + length
        if is_scan:
            return len(data) - position - 2  # EOI


def _box(data: bytes, name: bytes) -> bytes:
    """The content of the first box of this name among the outermost of an AVIF."""
    position = 0
    while data[position + 4 : position + 8] != name:
        position += int.from_bytes(data[position : position + 4], "big")
    return data[position + 8 : position + int.from_bytes(data[position : position + 4], "big")]


def _frame_bytes(units: bytes) -> int:
    """Bytes of the frames among AV1's units: each has a byte with its type, its size, and so many bytes."""
    total = position = 0
    while position < len(units):
        kind, size, shift = units[position] >> 3 & 15, 0, 0
        more = True
        while more:  # seven bits a byte, the lowest first
            position += 1
            size |= (units[position] & 127) << shift
            shift, more = shift + 7, units[position] > 127
        position += 1 + size
        total += size if kind in FRAME_OBUS else 0
    return total
