"""Gives flat areas of a picture back the ramps that quantisation has made stairs of.

Where all symbols around are the same or neighbours, the latents change by less than a quantisation step from one to the
next, and the decoder would draw each step as an edge. Latents there are averaged with those beside them, again and
again, but never leave the interval that the quantiser has rounded to their symbol: whatever is drawn in place of the
stairs, it would have given the same file.

Source: R. Rosenholtz, A. Zakhor, "Iterative procedures for reduction of blocking effects in transform image coding",
1992, there for the coefficients of JPEG.
"""

import numpy as np

REACH = 2
"""Rows and columns to each side in which the symbols must be the same or neighbours."""
PASSES = 16
"""Of averaging, on photographs; with 64, fine textures lose more than flat areas gain."""


def smoothed(symbols: np.ndarray, passes: int) -> np.ndarray:
    """Symbols int16 (N, h, w) → float32 (N, h, w), in quantisation steps, each within ½ of its symbol."""
    if not passes:
        return symbols.astype(np.float32)
    side = 2 * REACH + 1
    windows = np.lib.stride_tricks.sliding_window_view(_padded(symbols, REACH), (side, side), (1, 2))
    flat = windows.max((-2, -1)) - windows.min((-2, -1)).astype(np.int32) <= 1
    found = centre = symbols.astype(np.float32)
    for _ in range(passes):
        around = _padded(found, 1)
        mean = (around[:, :-2, 1:-1] + around[:, 2:, 1:-1] + around[:, 1:-1, :-2] + around[:, 1:-1, 2:]) / 4
        found = np.where(flat, np.clip(mean, centre - 0.5, centre + 0.5), centre)
    return found


def _padded(planes: np.ndarray, by: int) -> np.ndarray:
    return np.pad(planes, ((0, 0), (by, by), (by, by)), "edge")
