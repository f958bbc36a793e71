"""A picture as JPEG and WebP at as many bytes as a .cae file takes, or as few as they can."""

from dataclasses import dataclass, replace

import numpy as np

from cae.evaluation.standard_codecs import within_size
from cae.imaging.metrics import Distortion
from cae.imaging.pixels import quantise


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
    """The best whole file within `budget` bytes, or the smallest, of a picture float32 (H, W) in steps of 1/255."""
    found = photo_rival(quantise(picture), codec, budget)
    return replace(found, picture=found.picture / np.float32(255))


def photo_rival(picture: np.ndarray, codec: str, budget: int) -> Rival:
    """The same for a picture uint8 (H, W) or (H, W, 3), whose decoded picture is of that kind."""
    found = within_size(picture, codec, budget)
    size, fits = len(found.data), len(found.data) <= budget
    return Rival(codec, found.quality, size, size - found.payload, fits, found.decoded, found.distortion)
