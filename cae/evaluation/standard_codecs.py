"""What everybody has: JPEG, WebP, PNG and lossless WebP, as whole files or as mosaics where headers do not count."""

import io
import math

import numpy as np
from PIL import Image

QUALITIES = range(101)
"""Of JPEG and WebP, 0 to 100."""
LOSSY = ("JPEG", "WEBP")
LOSSLESS = ("PNG", "WEBP_LOSSLESS")
LARGEST_SIDE = 16_383
"""Of a WebP picture."""

_OPTIONS = {
    "JPEG": {"format": "JPEG", "optimize": True},
    "WEBP": {"format": "WEBP", "method": 6},
    "PNG": {"format": "PNG", "optimize": True},
    "WEBP_LOSSLESS": {"format": "WEBP", "lossless": True, "quality": 100, "method": 6},
}
"""The settings that give the smallest files."""


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
