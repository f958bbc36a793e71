"""What a request to the network may hold, whoever sends it."""

import re

import numpy as np

from cae.engine.errors import ModelUnavailable
from cae.model import store

MAX_PIXELS = 2**20
"""The most pixels of one image: the widest layer takes 512 bytes for each."""
MAX_VALUE = 1e6
"""The largest magnitude of an input; beyond it the network's sums could overflow."""
FROM_CODE = ("decode", "redraw")
"""The operations that take latents; "run" and "encode" take pictures."""
OPERATIONS = ("run", "encode", *FROM_CODE)


def check_name(network: str) -> None:
    """Raises `ModelUnavailable` where no network can have that name: NAME, NAME/VARIANT, either with @VERSION."""
    if not re.fullmatch(rf"{store.NAME}(/{store.NAME}){{0,2}}(@[0-9a-f]{{64}})?", network):
        raise ModelUnavailable(f"There is no trained model {network!r}.")


def checked(array: np.ndarray, operation: str) -> np.ndarray:
    """The operation's input as float32 (N, H, W, 1), or ValueError."""
    what, multiple = ("latents", 1) if operation in FROM_CODE else ("pictures", 4)
    try:
        with np.errstate(over="ignore"):
            array = np.ascontiguousarray(array, dtype=np.float32)
    except (TypeError, ValueError):
        raise ValueError(f"The {what} must be an array of numbers.") from None
    if array.ndim != 4 or array.shape[3] != 1 or 0 in array.shape or any(side % multiple for side in array.shape[1:3]):
        sides = f", with H and W multiples of {multiple}" if multiple > 1 else ""
        raise ValueError(f"The {what} must have the shape (N, H, W, 1){sides}, not {array.shape}.")
    if array.shape[1] * array.shape[2] * (4 // multiple) ** 2 > MAX_PIXELS:
        raise ValueError(f"The {what} are too large: an image may have {MAX_PIXELS:,} pixels.")
    if not np.abs(array).max() <= MAX_VALUE:  # also where there is a NaN
        raise ValueError(f"The {what} must be finite and at most {MAX_VALUE:,.0f} in magnitude.")
    return array
