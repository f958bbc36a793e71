"""Images varied at random, so that a long training does not learn by heart what is peculiar to each of them.

Each varied image is turned, stretched, sheared and moved a little, by an affine map with bilinear interpolation.

Source: P. Simard, D. Steinkraus, J. Platt, "Best practices for convolutional neural networks applied to visual document
analysis", 2003.
"""

import numpy as np

TURN = 0.12
"""Radians, at most, to either side."""
STRETCH = 0.06
"""The natural logarithm, at most, of how much longer or shorter, down and across."""
SHEAR = 0.1
"""Pixels across for each pixel down, at most, to either side."""
MOVE = 0.5
"""Pixels, at most, in each direction."""


def vary(images: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Vary about a `share` of images float32 (N, H, W, 1), from 0 to 1; the others are given back as they are.

    What comes in from outside an image is black.
    """
    if not share:
        return images
    import cv2  # most trainings do without

    varied = images.copy()
    chosen = np.flatnonzero(rng.random(len(images)) < share)
    height, width = images.shape[1:3]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    for index, affine in zip(chosen, _maps(len(chosen), height, width, rng), strict=True):
        varied[index, ..., 0] = cv2.warpAffine(images[index, ..., 0], affine, (width, height), flags=flags)
    return varied


def _maps(count: int, height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Affine maps (count, 2, 3) that say where in an image, (x, y), each pixel of the varied one comes from."""
    turn, shear = rng.uniform(-TURN, TURN, count), rng.uniform(-SHEAR, SHEAR, count)
    across, down = np.exp(rng.uniform(-STRETCH, STRETCH, (2, count)))
    linear = np.array(
        [
            [across * np.cos(turn), across * (np.sin(turn) + shear)],
            [-down * np.sin(turn), down * np.cos(turn)],
        ]
    ).transpose(2, 0, 1)
    middle = np.array([width - 1, height - 1]) / 2
    start = middle - linear @ middle + rng.uniform(-MOVE, MOVE, (count, 2))
    return np.concatenate([linear, start[..., np.newaxis]], 2)
