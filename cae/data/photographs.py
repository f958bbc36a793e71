"""The 500 photographs of the Berkeley Segmentation Data Set: loading, the 50 kept aside, crops to train on.

Source: P. Arbelaez et al., "Contour Detection and Hierarchical Image Segmentation", IEEE TPAMI 33(5), 2011; for
non-commercial research and education. `$CAE_DATA_DIR` names the folder that holds `bsds500/`.
"""

import os
from pathlib import Path

import numpy as np
from PIL import Image

from cae.data.mnist import DatasetError
from cae.imaging.colour import planes
from cae.progress import progress_bar

NAME = "photos"
COUNT = 500
KEPT_ASIDE = 10
"""Every so many-th photograph, in the order of their names, is kept aside for testing."""
CROP = 56
"""Pixels a side of the pictures that the network is trained on."""
CROPS, VALIDATION_CROPS = 20_000, 500
"""So many are drawn once and for all: about as many pixels as the photographs have."""
CHROMA_SHARE = 1 / 3
"""Of the crops, as of the values of a picture whose chroma is halved in both directions."""


def load() -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The photographs to train with, and the 50 to test with: uint8 (321, 481, 3) or (481, 321, 3) each, RGB.

    Raises:
        DatasetError: they are not there, or not all of them.
    """
    folder = Path(os.environ.get("CAE_DATA_DIR", ".")) / "bsds500"
    paths = sorted(folder.glob("*/*.jpg"), key=lambda path: path.name)
    if len(paths) != COUNT:
        raise DatasetError(
            f"There are {len(paths)} of the {COUNT} photographs in {folder}: "
            "set CAE_DATA_DIR to the folder that holds bsds500/."
        )
    pictures = []
    with progress_bar("Reading photographs", len(paths)) as advance:
        for path in paths:
            with Image.open(path, formats=("JPEG",)) as image:
                pictures.append(np.asarray(image.convert("RGB")))
            advance(1)
    aside = range(KEPT_ASIDE - 1, COUNT, KEPT_ASIDE)
    return [picture for index, picture in enumerate(pictures) if index not in aside], [pictures[i] for i in aside]


def training_crops() -> np.ndarray:
    """What the network is trained on, the same at each call: uint8 (20,000, 56, 56). Raises as `load` does."""
    return crops(load()[0], CROPS, np.random.default_rng(0))


def validation_crops() -> np.ndarray:
    """Out of the photographs kept aside: uint8 (500, 56, 56). Raises as `load` does."""
    return crops(load()[1], VALIDATION_CROPS, np.random.default_rng(0))


def crops(pictures: list[np.ndarray], count: int, rng: np.random.Generator, side: int = CROP) -> np.ndarray:
    """Random squares out of random planes of the pictures, turned over at random: uint8 (count, side, side)."""
    luma, chroma = [], []
    for picture in pictures:
        first, *others = planes(picture)
        luma.append(first)
        chroma += others
    found = np.empty((count, side, side), np.uint8)
    for index in range(count):
        plane = (source := chroma if rng.random() < CHROMA_SHARE else luma)[rng.integers(len(source))]
        top, left = (rng.integers(length - side + 1) for length in plane.shape)
        square = plane[top : top + side, left : left + side]
        found[index] = square[:, :: rng.choice((-1, 1))]
    return found
