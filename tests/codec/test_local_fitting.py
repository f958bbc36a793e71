"""Latents fitted many at a time, beside the same computed in full, for a decoder that is linear and local."""

import numpy as np
import pytest

from cae.codec.fitting import fitted, passes
from cae.codec.local_fitting import DAMPING, LATER, fit, later_places
from cae.model.specification import SIDE

HEIGHT, WIDTH = 9, 10
RNG = np.random.default_rng(0)


def slopes() -> np.ndarray:
    """What each of 9×10 latents adds to the pixels: (90, 36 · 40), a smooth spot on 12×12 of them at most."""
    spot = np.outer(np.hanning(14)[1:-1], np.hanning(14)[1:-1])
    rows = []
    for row in range(HEIGHT):
        for column in range(WIDTH):
            canvas = np.zeros((4 * HEIGHT + 8, 4 * WIDTH + 8))
            canvas[4 * row : 4 * row + 12, 4 * column : 4 * column + 12] = spot * RNG.uniform(0.1, 0.3, (12, 12))
            rows.append(canvas[4:-4, 4:-4].ravel())
    return np.array(rows)


SLOPES = slopes()


def decode(latents: np.ndarray) -> np.ndarray:
    """Pictures, not rounded, so that the slopes come out exactly."""
    return 255 * (latents.reshape(len(latents), -1) @ SLOPES).reshape(-1, 4 * HEIGHT, 4 * WIDTH)


@pytest.fixture(scope="module")
def case() -> tuple[np.ndarray, np.ndarray]:
    """Pictures, and latents that are some way off."""
    best = RNG.normal(1, 0.5, (3, HEIGHT, WIDTH, 1))
    return decode(best), (best + RNG.normal(0, 0.3, best.shape)).astype(np.float32)


@pytest.fixture(scope="module")
def curvature() -> np.ndarray:
    exact = SLOPES @ SLOPES.T / SIDE**2
    return exact + DAMPING * np.trace(exact) / len(exact) * np.eye(len(exact))


def test_least_squares(case, curvature):
    pictures, start = case
    found, _, _ = fit(pictures, start, decode)
    missing = (pictures - decode(start)).reshape(3, -1) / 255
    step = np.linalg.solve(curvature, SLOPES @ missing.T / SIDE**2).T
    assert found == pytest.approx(start + step.reshape(start.shape), abs=2e-3)


def test_later_latents_make_good_what_they_can(case, curvature):
    """Each cost and each move, at the edges, too, by minimising over the later latents around."""
    _, costs, moves = fit(*case, decode)
    for place, later in enumerate(later_places(HEIGHT, WIDTH)):
        there = later[later < HEIGHT * WIDTH]
        best = -np.linalg.solve(curvature[np.ix_(there, there)], curvature[there, place])
        errors = np.zeros(HEIGHT * WIDTH)
        errors[place], errors[there] = 1, best
        assert costs[:, place] == pytest.approx(np.full(3, errors @ curvature @ errors), rel=2e-3)
        expected = np.zeros(len(LATER))
        expected[later < HEIGHT * WIDTH] = best
        assert moves[1, place] == pytest.approx(expected, abs=2e-3)


def test_later_places_are_coded_later():
    for place, later in enumerate(later_places(HEIGHT, WIDTH)):
        wave = place % WIDTH + 2 * (place // WIDTH)
        for other in later[later < HEIGHT * WIDTH]:
            assert other % WIDTH + 2 * (other // WIDTH) > wave
            assert abs(other % WIDTH - place % WIDTH) <= 2
    assert (later_places(1, 70)[-1] == 70).all()


def test_passes(case):
    """One as it is and nine with some latents moved, of each of the pictures."""
    shown = []

    def counting(latents: np.ndarray) -> np.ndarray:
        shown.append(len(latents))
        return decode(latents)

    found = fitted(*case, counting)
    assert sum(shown) == 3 * passes(HEIGHT * WIDTH) == 30
    assert found.moved is not None
    assert found.moved.shape == (HEIGHT * WIDTH, len(LATER))


def test_black_pictures_keep_a_cost():
    """Where the network's limits hide every change, errors still cost something, and no latent is moved."""
    start = np.full((1, HEIGHT, WIDTH, 1), -0.5, np.float32)
    black = np.zeros((1, 4 * HEIGHT, 4 * WIDTH))
    found, costs, moves = fit(black, start, lambda _: np.zeros_like(black))
    assert np.array_equal(found, start)
    assert (costs > 1e-4).all()
    assert not moves.any()
