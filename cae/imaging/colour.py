"""Colour pictures ↔ three planes: brightness in full size, colour in half of it, where the eye sees less.

    RGB uint8 (H, W, 3) ── planes ──▶ Y (H, W), Cb and Cr (⌈H/2⌉, ⌈W/2⌉), uint8 ── picture ──▶ RGB uint8 (H, W, 3)

Source: ITU-R BT.601 in full range, as in JFIF (ITU-T T.871).
"""

import numpy as np
from PIL import Image

Planes = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Y, Cb and Cr."""


def luma(picture: np.ndarray) -> np.ndarray:
    """A picture uint8 (H, W) or (H, W, 3) in grey, uint8 (H, W): its luma as in ITU-R BT.601, rounded."""
    return picture if picture.ndim == 2 else np.asarray(Image.fromarray(picture).convert("L"))


def planes(picture: np.ndarray) -> Planes:
    """The planes of a picture; a value of colour is the mean over 2×2 pixels, or as many of them as there are."""
    luma, blue, red = Image.fromarray(picture).convert("YCbCr").split()
    return np.asarray(luma), np.asarray(blue.reduce(2)), np.asarray(red.reduce(2))


def picture(luma: np.ndarray, blue: np.ndarray, red: np.ndarray) -> np.ndarray:
    """The picture of three planes; between the values of colour it is bilinear."""
    height, width = luma.shape
    box = (0, 0, width / 2, height / 2)  # an odd side's last value stands for one pixel, not for two
    chroma = [
        Image.fromarray(plane).resize((width, height), Image.Resampling.BILINEAR, box=box) for plane in (blue, red)
    ]
    return np.asarray(Image.merge("YCbCr", (Image.fromarray(luma), *chroma)).convert("RGB"))
