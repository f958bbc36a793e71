"""Latents fitted to larger pictures: as in `fitting`, but with every third of a row and of a column moved at a time.

What a latent changes further away than the pixels of its neighbours is little, and left out. Then latents that are more
than two rows or columns apart have nothing to do with each other, and ten passes through the decoder are enough for a
picture of any size.
"""

from collections.abc import Callable

import numpy as np

from cae.model.specification import SCALE, SIDE

SPACING = 3
"""Rows and columns from a moved latent to the next; the pixels of as many latents a side are those that it changes.
Five, with 26 passes in place of ten, gained 0.04 dB more on photographs held out."""
REACH = SPACING - 1
"""Rows and columns between latents that change the same pixels, at most."""
LATER = [
    (row, column) for row in range(-REACH, REACH + 1) for column in range(-REACH, REACH + 1) if column + 2 * row > 0
]
"""Row and column, relative to a latent, of those that depend on it and are coded in a later wave."""
MOVE = 0.1
"""How far a latent is moved, in parts of the root mean square of the picture's latents."""
DAMPING = 1.0
"""As in `fitting`; on photographs held out, ½ and 2 were worse at low rates, and no better by 0.01 dB at high ones."""
LEAST_DAMPING = 1e-4
"""By the mean squared latent, so that units do not matter: far less than usual. Where a picture is all black or white,
the network's own limits hide every change."""
ITERATIONS = 20
"""Of the conjugate gradients; what is left after them is below rounding."""

Decode = Callable[[np.ndarray], np.ndarray]
"""Latents float32 (N, h, w, 1) → pictures uint8 (N, 4·h, 4·w)."""


def fit(pictures: np.ndarray, latents: np.ndarray, decode: Decode) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit the encoder's latents float32 (N, h, w, 1) to pictures uint8 (N, 4·h, 4·w).

    Returns:
        Latents, costs and moves, as `fitting.Fitted` has them. The costs are in units of the mean squared error
        of 28×28 pixels, whatever the pictures' size.
    """
    before, slopes = _slopes(latents, decode)
    missing = pictures / np.float32(255) - before
    pull = np.einsum("nhwab,nhwab->nhw", slopes, _windows(missing)) / SIDE**2
    curvature = _curvature(slopes)
    centre = curvature[..., REACH, REACH]  # a view
    least = LEAST_DAMPING / _mean_square(latents)[..., 0]
    centre += np.maximum(DAMPING * centre.mean((1, 2), keepdims=True), least)
    step = _solve(curvature, pull)
    return (latents + step[..., np.newaxis]).astype(np.float32), *_sequential(curvature)


def later_places(height: int, width: int) -> np.ndarray:
    """Where, counted row by row, those in `LATER` lie for each latent: (h·w, 11); h·w for those beyond the edges."""
    rows, columns = (
        np.arange(length).reshape(shape) + [place[axis] for place in LATER]
        for axis, (length, shape) in enumerate(((height, (-1, 1, 1)), (width, (1, -1, 1))))
    )
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    return np.where(inside, rows * width + columns, height * width).reshape(-1, len(LATER))


def _slopes(latents: np.ndarray, decode: Decode) -> tuple[np.ndarray, np.ndarray]:
    """The pictures float32 (N, 4·h, 4·w) in [0, 1], and how each latent changes its pixels: (N, h, w, 12, 12)."""
    before = decode(latents) / np.float32(255)
    move = MOVE * np.sqrt(_mean_square(latents))
    slopes = np.empty((*latents.shape[:3], SPACING * SCALE, SPACING * SCALE), np.float32)
    for row in range(SPACING):
        for column in range(SPACING):
            places = np.s_[:, row::SPACING, column::SPACING]
            moved = latents.copy()
            moved[places] += move
            change = (decode(moved) / np.float32(255) - before) / move[..., 0]
            slopes[places] = _windows(change)[places]
    return before, slopes


def _mean_square(latents: np.ndarray) -> np.ndarray:
    """Of each picture's latents: (N, 1, 1, 1), never quite 0."""
    return np.maximum(np.square(latents).mean((1, 2, 3), keepdims=True), 1e-4)


def _windows(pictures: np.ndarray) -> np.ndarray:
    """The pixels (N, h, w, 12, 12) around each latent, of pictures (N, 4·h, 4·w)."""
    beyond, side = SPACING // 2 * SCALE, SPACING * SCALE
    padded = np.pad(pictures, ((0, 0), (beyond, beyond), (beyond, beyond)))
    return np.lib.stride_tricks.sliding_window_view(padded, (side, side), (1, 2))[:, ::SCALE, ::SCALE]


def _curvature(slopes: np.ndarray) -> np.ndarray:
    """How much errors in each latent and in those around it cost together: (N, h, w, 5, 5), 0 beyond the edges."""
    count, height, width, side, _ = slopes.shape
    padded = np.pad(slopes, ((0, 0), (REACH, REACH), (REACH, REACH), (0, 0), (0, 0)))
    curvature = np.empty((count, height, width, 2 * REACH + 1, 2 * REACH + 1), np.float32)

    def common(by: int) -> slice:
        """Of a window, what the one so many latents further on has, too."""
        return slice(max(0, SCALE * by), side + min(0, SCALE * by))

    for row in range(-REACH, REACH + 1):
        for column in range(-REACH, REACH + 1):
            own = slopes[..., common(row), common(column)]
            other = padded[:, REACH + row :, REACH + column :, common(-row), common(-column)][:, :height, :width]
            curvature[..., REACH + row, REACH + column] = np.einsum("nhwab,nhwab->nhw", own, other)
    return curvature / SIDE**2


def _solve(curvature: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """The values (N, h, w) whose product with the curvature is the pull, by conjugate gradients.

    Source: M. Hestenes, E. Stiefel, "Methods of conjugate gradients for solving linear systems", 1952.
    """

    def product(values: np.ndarray) -> np.ndarray:
        padded = np.pad(values, ((0, 0), (REACH, REACH), (REACH, REACH)))
        around = np.lib.stride_tricks.sliding_window_view(padded, curvature.shape[3:], (1, 2))
        return np.einsum("nhwab,nhwab->nhw", curvature, around)

    def dot(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.maximum((one * other).sum((1, 2), keepdims=True), 1e-30)

    found, left, direction = np.zeros_like(pull), pull, pull
    for _ in range(ITERATIONS):
        turned = product(direction)
        length = dot(left, left) / dot(direction, turned)
        found, remaining = found + length * direction, left - length * turned
        direction = remaining + dot(remaining, remaining) / dot(left, left) * direction
        left = remaining
    return found


def _sequential(curvature: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Costs (N, h·w) and moves (N, h·w, 11) of the latents in `LATER`: as `fitting.sequential`, among these alone."""
    count, height, width = curvature.shape[:3]
    padded = np.pad(curvature, ((0, 0), (REACH, REACH), (REACH, REACH), (0, 0), (0, 0)))
    inside = np.pad(np.ones((height, width), bool), REACH)
    padded[:, ~inside, REACH, REACH] = 1  # so that what is beyond the edges is never moved
    among = np.zeros((count, height, width, len(LATER), len(LATER)), np.float32)
    for i, (row, column) in enumerate(LATER):
        at = padded[:, REACH + row :, REACH + column :][:, :height, :width]
        for j, (other_row, other_column) in enumerate(LATER):
            apart = other_row - row, other_column - column
            if max(map(abs, apart)) <= REACH:
                among[..., i, j] = at[..., REACH + apart[0], REACH + apart[1]]
    to_later = np.stack([curvature[..., REACH + row, REACH + column] for row, column in LATER], -1)
    moves = -np.linalg.solve(among, to_later[..., np.newaxis])[..., 0]
    costs = curvature[..., REACH, REACH] + (moves * to_later).sum(-1)
    return costs.reshape(count, -1), moves.reshape(count, -1, len(LATER))
