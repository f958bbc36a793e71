"""Flat areas get ramps in place of stairs; all else stays as the quantiser has left it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from cae.codec.codec import Codec
from cae.codec.round_trip import RoundTrip
from cae.codec.smoothing import PASSES, REACH, smoothed
from cae.imaging import colour
from cae.model import store

planes = st_numpy.arrays(
    np.int16, st_numpy.array_shapes(min_dims=3, max_dims=3, max_side=9), elements=st.integers(-(2**15) + 1, 2**15 - 1)
)
nearly_flat = st_numpy.arrays(
    np.int16, st_numpy.array_shapes(min_dims=3, max_dims=3, max_side=9), elements=st.integers(3, 5)
)


def slowly(symbols: np.ndarray, passes: int) -> np.ndarray:
    """The same by its description in the file format, position by position."""

    def near(plane: np.ndarray, row: int, column: int, reach: int) -> np.ndarray:
        rows, columns = (
            np.clip(np.arange(at - reach, at + reach + 1), 0, side - 1)
            for at, side in zip((row, column), plane.shape, strict=True)
        )
        return plane[np.ix_(rows, columns)]

    found = symbols.astype(np.float64)
    for plane, result in zip(symbols.astype(int), found, strict=True):
        for _ in range(passes):
            before = result.copy()
            for row, column in np.ndindex(plane.shape):
                if np.ptp(near(plane, row, column, REACH)) <= 1:
                    beside = near(before, row, column, 1)
                    mean = (beside[0, 1] + beside[2, 1] + beside[1, 0] + beside[1, 2]) / 4
                    result[row, column] = np.clip(mean, plane[row, column] - 0.5, plane[row, column] + 0.5)
    return found


@given(planes | nearly_flat, st.integers(0, 3))
def test_as_described(symbols, passes):
    assert np.allclose(smoothed(symbols, passes), slowly(symbols, passes), rtol=1e-6, atol=1e-6)


@given(planes | nearly_flat)
def test_the_file_would_be_the_same(symbols):
    """No latent leaves the interval that is rounded to its symbol."""
    assert (np.abs(smoothed(symbols, PASSES).astype(np.float64) - symbols) <= 0.5).all()


def test_a_ramp_comes_back():
    ramp = np.broadcast_to(np.linspace(0, 4, 60), (1, 20, 60))
    stairs = np.rint(ramp).astype(np.int16)
    errors = [np.square(found - ramp).mean() for found in (stairs, smoothed(stairs, PASSES))]
    assert errors[1] < 0.4 * errors[0]


def test_textures_and_edges_stay():
    symbols = np.zeros((2, 12, 12), np.int16)
    symbols[0, :, 6:] = 2
    symbols[1, ::2, ::2] = -2
    assert np.array_equal(smoothed(symbols, PASSES), symbols)


@pytest.mark.slow
def test_a_sky_has_no_stairs(engine):
    """At the lowest quality, with the shipped network: its rows differ by a few levels; without smoothing they jump."""
    down = np.linspace(0, 1, 128)[:, np.newaxis, np.newaxis]
    grain = np.random.default_rng(0).normal(0, 1.5, (128, 160, 1))
    sky = np.rint([70, 110, 170] + down * [100, 80, 45] + grain).astype(np.uint8)
    codec = Codec.load(store.load("photos"))
    plain, plain_chroma = (
        [replace(setting, smoothing=0) for setting in rows] for rows in (codec.settings, codec.chroma)
    )
    jumps, errors = [], []
    for each in (codec, replace(codec, settings=plain, chroma=plain_chroma)):
        decoded = colour.luma(RoundTrip(engine, each, sky).at(1).decoded).astype(float)
        jumps.append(np.abs(np.diff(decoded.mean(1))).max())
        errors.append(np.square(decoded - colour.luma(sky)).mean())
    assert jumps[0] < min(3, jumps[1] / 2)
    assert errors[0] < 0.6 * errors[1]
