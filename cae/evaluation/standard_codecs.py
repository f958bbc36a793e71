"""Reference codecs: JPEG, WebP, PNG and lossless WebP, as whole files or as mosaics where headers do not count."""

import io
import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from cae.imaging.metrics import Distortion, distortion

QUALITIES = range(101)
"""Of JPEG and WebP, 0 to 100."""
LOSSY = ("JPEG", "WEBP")
LOSSLESS = ("PNG", "WEBP_LOSSLESS")
LARGEST_SIDE = 16_383
"""Of a WebP picture."""

SEARCH_MARGIN = 1.25
"""File size is nearly monotonic in quality: so much over the bytes allowed, no better quality is within them."""
WEBP_HEADER = 20 + 10
"""RIFF, WEBP and the chunk's name and size; then the frame's start and its size."""

_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"format": "JPEG", "optimize": True},
    "WEBP": {"format": "WEBP", "method": 6},
    "PNG": {"format": "PNG", "optimize": True},
    "WEBP_LOSSLESS": {"format": "WEBP", "lossless": True, "quality": 100, "method": 6},
}
"""The settings that give the smallest files."""


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


def reference(picture: np.ndarray, name: str, quality: int) -> Reference:
    """A picture uint8 (H, W) or (H, W, 3) as a file of one of `LOSSY`; raises `ValueError` as `encode` does."""
    return _decoded(picture, name, quality, encode(picture, name, quality))


def within_size(picture: np.ndarray, name: str, size: int) -> Reference:
    """The file of the highest quality that has at most `size` bytes, or the smallest file where none is so small.

    Args:
        picture: uint8 (H, W) or (H, W, 3).
        name: one of `LOSSY`.
        size: bytes of the whole file.
    """
    files: list[bytes] = []
    for quality in QUALITIES:
        files.append(encode(picture, name, quality))
        if len(files[-1]) > SEARCH_MARGIN * size:
            break
    within = [quality for quality, data in enumerate(files) if len(data) <= size]
    quality = max(within) if within else min(range(len(files)), key=lambda quality: len(files[quality]))
    return _decoded(picture, name, quality, files[quality])


def within_distortion(picture: np.ndarray, name: str, mse: float) -> Reference:
    """The file of the lowest quality whose MSE is at most `mse`, or that of the highest quality where none is so good.

    Args:
        picture: uint8 (H, W) or (H, W, 3).
        name: one of `LOSSY`.
        mse: in squared units of [0, 1], as in `Distortion`.
    """
    quality = bisect_left(QUALITIES, True, key=lambda quality: reference(picture, name, quality).distortion.mse <= mse)
    return reference(picture, name, min(quality, QUALITIES[-1]))


def _decoded(picture: np.ndarray, name: str, quality: int, data: bytes) -> Reference:
    decoded = decode(data, colour=picture.ndim == 3)
    return Reference(name, quality, data, decoded, distortion(picture, decoded))


def encode(picture: np.ndarray, codec: str, quality: int | None = None) -> bytes:
    """A picture, uint8 (H, W) or (H, W, 3) → a file. Lossy codecs take a quality from 0 to 100.

    Raises `ValueError` for another codec, another quality, or another kind of array.
    """
    if codec not in _OPTIONS or (quality in QUALITIES) != (codec in LOSSY):
        raise ValueError(f"There is no {codec} of quality {quality}.")
    if picture.dtype != np.uint8 or (picture.ndim != 2 and picture.shape[2:] != (3,)):
        raise ValueError(f"A picture must be uint8 (H, W) or (H, W, 3), not {picture.dtype} {picture.shape}.")
    file = io.BytesIO()
    Image.fromarray(picture).save(file, **_OPTIONS[codec] | ({} if quality is None else {"quality": quality}))
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
    """Bytes of a JPEG's or WebP's coded pixels alone.

    Of a JPEG all segments but the scan's data are headers (ITU-T T.81, annex B), quantisation and Huffman tables too;
    of a WebP 30 bytes are (RFC 9649, RFC 6386).
    """
    if data.startswith(b"RIFF"):
        return len(data) - WEBP_HEADER
    position = 2  # after SOI
    while True:
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        is_scan = data[position + 1] == 0xDA
        position += 2 + length
        if is_scan:
            return len(data) - position - 2  # EOI
