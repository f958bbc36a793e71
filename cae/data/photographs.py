"""The 500 photographs of the Berkeley Segmentation Data Set: loading, the 50 kept aside, crops to train on.

Source: P. Arbelaez et al., "Contour Detection and Hierarchical Image Segmentation", IEEE TPAMI 33(5), 2011; for
non-commercial research and education. `$CAE_DATA_DIR` names the folder that holds `bsds500/`.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from cae.data.source import HOLD_OUT_EVERY, CodecImages, DatasetError, Source
from cae.imaging.colour import planes
from cae.imaging.examples import DIGITS, Examples
from cae.imaging.preprocessing import fit_square
from cae.progress import progress_bar

COUNT = 500
TEST_EVERY = 10
"""Every tenth photograph, in the order of their names, is for testing."""
CROP = 56
"""Pixels a side of the pictures that the network is trained on."""
CROPS, VALIDATION_CROPS = 20_000, 500
"""How many are drawn: about as many pixels as the photographs have."""
CHROMA_SHARE = 1 / 3
"""Of the crops, as of the values of a picture whose chroma is halved in both directions."""
SCALES = (1.0, 1.0, 0.75, 0.5)
"""Each crop is scaled by one of them: half of the crops are as the camera saw them, the others hold finer detail."""
SQUARE = 80
"""Pixels a side of the squares that a codec is fitted on: most positions have all neighbours of the context models."""


@dataclass(frozen=True, kw_only=True)
class Photographs(Source):
    """The photographs: 413 to train with, 37 held out to make choices by, and 50 to test with, RGB."""

    @cached_property
    def photographs(self) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
        """To train with, held out, and to test with: uint8 (321, 481, 3) or (481, 321, 3) each."""
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
        test = pictures[TEST_EVERY - 1 :: TEST_EVERY]
        del pictures[TEST_EVERY - 1 :: TEST_EVERY]
        held_out = pictures[HOLD_OUT_EVERY - 1 :: HOLD_OUT_EVERY]
        del pictures[HOLD_OUT_EVERY - 1 :: HOLD_OUT_EVERY]
        return pictures, held_out, test

    def training_images(self) -> np.ndarray:
        """Scaled crops out of the training photographs, the same at each call: uint8 (20,000, 56, 56)."""
        return crops(self.photographs[0], CROPS, np.random.default_rng(0))

    def held_out_images(self) -> np.ndarray:
        """Squares of the luma of the photographs held out: uint8 (N, 80, 80)."""
        return self.held_out_codec_images().grey

    def validation_images(self) -> np.ndarray:
        """Crops out of the photographs held out: uint8 (500, 56, 56)."""
        return crops(self.photographs[1], VALIDATION_CROPS, np.random.default_rng(0))

    def test_pictures(self) -> Sequence[np.ndarray]:
        """The photographs to test with, whole."""
        return self.photographs[2]

    def codec_images(self) -> CodecImages:
        return in_squares(self.photographs[0])

    def held_out_codec_images(self) -> CodecImages:
        return in_squares(self.photographs[1])


PHOTOGRAPHS = Photographs(
    name="photos",
    title="Photographs",
    origin="BSDS500, photographs (P. Arbelaez, M. Maire, C. Fowlkes, J. Malik)",
    licence="for non-commercial research and education",
    subjects="photographs, whose brightness and colours are a grey image each",
    examples=Examples(DIGITS, fit_square, "3"),
    file_number=2,
    training_count=CROPS,
    trained_on=f"{{images:,}} pieces of {CROP}×{CROP}, at several scales, out of the photographs' planes",
    validated_on="such pieces of the photographs held out",
    tested_on="photographs of 481×321",
    task="turns each 4×4 pixels of a grey image into a number and back",
)


def crops(pictures: list[np.ndarray], count: int, rng: np.random.Generator, side: int = CROP) -> np.ndarray:
    """Random squares out of random planes of the pictures, scaled and mirrored at random: uint8 (count, side, side)."""
    luma, chroma = [], []
    for picture in pictures:
        first, *others = planes(picture)
        luma.append(first)
        chroma += others
    found = np.empty((count, side, side), np.uint8)
    for index in range(count):
        plane = (source := chroma if rng.random() < CHROMA_SHARE else luma)[rng.integers(len(source))]
        whole = round(side / rng.choice(SCALES))
        top, left = (rng.integers(length - whole + 1) for length in plane.shape)
        square = Image.fromarray(plane[top : top + whole, left : left + whole])
        scaled = square.resize((side, side), Image.Resampling.LANCZOS)
        found[index] = np.asarray(scaled)[:, :: rng.choice((-1, 1))]
    return found


def in_squares(pictures: list[np.ndarray]) -> CodecImages:
    """Pictures RGB uint8 (H, W, 3) cut into squares uint8 (N, 80, 80), in a fixed random order."""
    luma, blue, red = zip(*(planes(picture) for picture in pictures), strict=True)
    rng = np.random.default_rng(0)
    grey, chroma = (np.concatenate([_squares(plane) for plane in kind]) for kind in (luma, blue + red))
    return CodecImages(rng.permutation(grey), rng.permutation(chroma))


def _squares(plane: np.ndarray) -> np.ndarray:
    """All whole squares from the upper left: uint8 (N, 80, 80)."""
    rows, columns = (side // SQUARE for side in plane.shape)
    whole = plane[: rows * SQUARE, : columns * SQUARE]
    return whole.reshape(rows, SQUARE, columns, SQUARE).swapaxes(1, 2).reshape(-1, SQUARE, SQUARE)
