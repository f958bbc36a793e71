"""A picture as JPEG and WebP at as many bytes as a .cae file takes, or as few as they can."""

from dataclasses import dataclass

import numpy as np

from cae.codec.round_trip import Distortion, distortion
from cae.evaluation import standard_codecs
from cae.imaging.colour import mse
from cae.imaging.metrics import decibels

ENOUGH = 1.25
"""Sizes all but grow with the quality: so much over the bytes allowed, no better quality is within them."""
WEBP_HEADER = 20 + 10
"""RIFF, WEBP and the chunk's name and size; then the frame's start and its size."""


@dataclass(frozen=True)
class Rival:
    """The picture in another format."""

    codec: str
    quality: int
    size: int
    """Bytes of the whole file."""
    header: int
    """Bytes of it that are no coded pixels."""
    fits: bool
    """Whether the file is no larger than it was to be."""
    picture: np.ndarray
    """float32 (H, W) in [0, 1]; of a photograph uint8 (H, W) or (H, W, 3)."""
    distortion: Distortion


def rival(picture: np.ndarray, codec: str, budget: int) -> Rival:
    """The best whole file within `budget` bytes, or the smallest that there is.

    Args:
        picture: float32 (H, W) in steps of 1/255.
        codec: one of `picture_codecs.LOSSY`.
        budget: how many bytes.
    """
    quality, data, fits = _best(np.rint(picture * 255).astype(np.uint8), codec, budget)
    answer = standard_codecs.decode(data) / np.float32(255)
    return Rival(codec, quality, len(data), header_bytes(data), fits, answer, distortion(picture, answer))


def photo_rival(picture: np.ndarray, codec: str, budget: int) -> Rival:
    """The same for a picture uint8 (H, W) or (H, W, 3), whose answer is of that kind, and whose SSIM is not taken."""
    quality, data, fits = _best(picture, codec, budget)
    answer = standard_codecs.decode(data, colour=picture.ndim == 3)
    error = mse(picture, answer)
    found = Distortion(error, float(decibels(error)), None)
    return Rival(codec, quality, len(data), header_bytes(data), fits, answer, found)


def _best(pixels: np.ndarray, codec: str, budget: int) -> tuple[int, bytes, bool]:
    """Quality and file, and whether it is within the budget."""
    tried = []
    for quality in standard_codecs.QUALITIES:
        data = standard_codecs.encode(pixels, codec, quality)
        tried.append((len(data), quality, data))
        if len(data) > ENOUGH * budget:
            break
    within = [each for each in tried if each[0] <= budget]
    _, quality, data = max(within, key=lambda each: each[1]) if within else min(tried)
    return quality, data, bool(within)


def header_bytes(data: bytes) -> int:
    """Bytes of a JPEG or WebP that are no coded pixels."""
    return len(data) - coded_bytes(data)


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
