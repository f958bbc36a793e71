"""Pixel values: 8-bit pictures, the network's floats, and PNG files."""

import io

import numpy as np
from PIL import Image


def quantise(image: np.ndarray) -> np.ndarray:
    """[0, 1] → uint8 of the same shape; clips, and rounds halves to even.

    >>> quantise(np.array([-0.2, 0.5, 1.0, 7.0])).tolist()
    [0, 128, 255, 255]
    """
    return np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)


def eight_bits(images: np.ndarray) -> np.ndarray:
    """Any floats → float32 of the same shape, clipped to [0, 1] and rounded to whole 255ths."""
    return quantise(images) / np.float32(255)


def as_network_input(images: np.ndarray) -> np.ndarray:
    """uint8 (N, H, W) in 0…255 → float32 (N, H, W, 1) in [0, 1]."""
    return (images.astype(np.float32) / 255.0)[..., np.newaxis]


def to_png(picture: np.ndarray, scale: int = 1) -> bytes:
    """An 8-bit PNG, without metadata, of a picture uint8 (H, W) or (H, W, 3); each pixel becomes scale × scale.

    Raises `ValueError` for an array of another kind, and for a scale below 1.
    """
    if picture.dtype != np.uint8 or picture.shape[2:] not in ((), (3,)) or picture.ndim < 2 or scale < 1:
        raise ValueError(
            "A picture uint8 (H, W) or (H, W, 3) and a scale of 1 or more are needed, "
            f"not {picture.dtype} {picture.shape}, {scale}."
        )
    file = io.BytesIO()
    Image.fromarray(picture.repeat(scale, 0).repeat(scale, 1)).save(file, "PNG")
    return file.getvalue()
