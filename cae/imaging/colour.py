"""Colour pictures ↔ three planes: brightness in full size, colour in half of it, where the eye sees less.

    RGB uint8 (H, W, 3) ── planes ──▶ Y (H, W), Cb and Cr (⌈H/2⌉, ⌈W/2⌉), uint8 ── picture ──▶ RGB uint8 (H, W, 3)

Source: ITU-R BT.601 in full range, as in JFIF (ITU-T T.871).
"""

import numpy as np
from PIL import Image

from cae.imaging import metrics

Planes = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Y, Cb and Cr."""


def planes(picture: np.ndarray) -> Planes:
    """The planes of a picture; a value of colour is the mean over 2×2 pixels, or as many of them as there are."""
    luma, *chroma = Image.fromarray(picture).convert("YCbCr").split()
    return np.asarray(luma), *(np.asarray(plane.reduce(2)) for plane in chroma)


def picture(luma: np.ndarray, blue: np.ndarray, red: np.ndarray) -> np.ndarray:
    """The picture of three planes; between the values of colour it is bilinear."""
    height, width = luma.shape
    box = (0, 0, width / 2, height / 2)  # an odd side's last value stands for one pixel, not for two
    chroma = [
        Image.fromarray(plane).resize((width, height), Image.Resampling.BILINEAR, box=box) for plane in (blue, red)
    ]
    return np.asarray(Image.merge("YCbCr", (Image.fromarray(luma), *chroma)).convert("RGB"))


def mse(picture: np.ndarray, answer: np.ndarray) -> float:
    """Mean squared error over all values of two pictures uint8, in squared units of [0, 1]."""
    rows = (len(picture), -1, 1, 1)
    return float(metrics.mse(picture.reshape(rows), answer.reshape(rows)).mean()) / 255**2
