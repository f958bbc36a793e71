"""Ramps tell where each pixel of a varied image comes from: their value is the place itself."""

import numpy as np
import pytest

from cae.training.variation import MOVE, SHEAR, STRETCH, TURN, vary

SIDE = 28
MIDDLE = (SIDE - 1) / 2
INSIDE = slice(7, 21)
"""Rows and columns that always come from within the image."""


def ramps(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Images float32 (count, 28, 28, 1) of the places across, and of those down."""
    across = np.broadcast_to(np.arange(SIDE, dtype=np.float32), (count, SIDE, SIDE))[..., np.newaxis]
    return across.copy(), across.swapaxes(1, 2).copy()


def test_each_is_turned_stretched_sheared_and_moved_within_the_bounds():
    """By an affine map, whose parts come back out of it; they span most of what they may."""
    count = 500
    across, down = (vary(images, 1.0, np.random.default_rng(0))[:, INSIDE, INSIDE, 0] for images in ramps(count))
    y, x = (places.ravel() - MIDDLE for places in np.mgrid[INSIDE, INSIDE])
    design = np.stack([x, y, np.ones_like(x)], 1)
    maps = np.stack([np.linalg.lstsq(design, of.reshape(count, -1).T, rcond=None)[0].T for of in (across, down)], 1)
    fitted = np.einsum("nij,pj->nip", maps, design)
    np.testing.assert_allclose(fitted[:, 0], across.reshape(count, -1), atol=0.04)  # OpenCV counts in 1/32 pixels
    np.testing.assert_allclose(fitted[:, 1], down.reshape(count, -1), atol=0.04)
    turn = np.arctan2(-maps[:, 1, 0], maps[:, 1, 1])
    lengths = maps[:, 0, 0] / np.cos(turn), np.hypot(maps[:, 1, 0], maps[:, 1, 1])
    shear = maps[:, 0, 1] / lengths[0] - np.sin(turn)
    for values, bound in (
        (turn, TURN),
        (np.log(lengths[0]), STRETCH),
        (np.log(lengths[1]), STRETCH),
        (shear, SHEAR),
        (maps[:, 0, 2] - MIDDLE, MOVE),
        (maps[:, 1, 2] - MIDDLE, MOVE),
    ):
        assert 0.95 * bound < np.abs(values).max() < bound + 0.02
        assert abs(values.mean()) < 0.1 * bound


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_that_share_is_varied(share):
    """The others stay what they are, and so do the images that were given."""
    images = np.random.default_rng(1).random((2_000, SIDE, SIDE, 1), np.float32)
    before = images.copy()
    varied = vary(images, share, np.random.default_rng(2))
    assert np.array_equal(images, before)
    assert varied.shape == images.shape
    assert varied.dtype == np.float32
    assert (varied != before).any((1, 2, 3)).mean() == pytest.approx(share, abs=0.03)
    assert 0 <= varied.min() <= varied.max() <= 1


def test_what_comes_in_is_black():
    varied = vary(np.ones((200, 20, 28, 1), np.float32), 1.0, np.random.default_rng(3))
    assert varied[:, 5:-5, 5:-5].min() == pytest.approx(1)
    edges = np.concatenate([varied[:, 0, :, 0], varied[:, -1, :, 0]], 1)
    assert (edges.min(1) == 0).mean() > 0.5
