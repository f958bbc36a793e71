"""Latents fitted to pictures, beside least squares done in full."""

import numpy as np
import pytest
from golden_files import GOLDEN, MODEL, smooth

from cae.codec.codec import Codec
from cae.codec.context_model import coding_order
from cae.codec.fitting import AT_ONCE, DAMPING, fitted, passes, sequential
from cae.imaging.pixels import quantise
from cae.model import store

SHAPE = (3, 4)
RNG = np.random.default_rng(0)
MIX = RNG.normal(0, 0.04, (12, 48)) + 0.3 * np.eye(12).repeat(4, 1)


def decode(latents: np.ndarray) -> np.ndarray:
    """Pictures of 6×8 that are linear in 3×4 latents, but for the rounding."""
    return quantise(0.5 + latents.reshape(-1, 12) @ MIX).reshape(-1, 6, 8)


@pytest.fixture(scope="module")
def codec() -> Codec:
    return Codec.load(store.load(MODEL, GOLDEN))


@pytest.fixture(scope="module")
def case() -> tuple[np.ndarray, np.ndarray]:
    """More pictures than are fitted at once, and latents that are some way off."""
    best = RNG.normal(0, 0.5, (AT_ONCE + 9, *SHAPE, 1))
    return decode(best), (best + RNG.normal(0, 0.2, best.shape)).astype(np.float32)


def test_least_squares(case):
    pictures, start = case
    counted = []
    found = fitted(pictures, start, decode, counted.append)
    assert sum(counted) == len(pictures)
    exact = MIX @ MIX.T / 48
    damped = exact + DAMPING * np.trace(exact) / 12 * np.eye(12)
    costs, moves = sequential(damped[np.newaxis], coding_order(*SHAPE))
    assert np.abs(found.costs.mean(0) - costs[0]).max() < 0.15 * costs.max()  # rounding adds to it
    assert np.corrcoef(found.moves.mean(0).ravel(), moves.ravel())[0, 1] > 0.9
    missing = pictures.reshape(-1, 48) / 255 - 0.5 - start.reshape(-1, 12) @ MIX
    best = start.reshape(-1, 12) + np.linalg.solve(damped, MIX @ missing.T / 48).T
    before, after, least = (np.square(decode(z) / 255 - pictures / 255).mean() for z in (start, found.latents, best))
    assert after < 2 * least
    assert after < 0.5 * before


def test_passes(case):
    pictures, start = case
    shown = []

    def counting(latents: np.ndarray) -> np.ndarray:
        shown.append(len(latents))
        return decode(latents)

    fitted(pictures, start, counting)
    assert sum(shown) == passes(12) * len(pictures)


def test_later_latents_make_good_what_they_can():
    """Each cost and each move, by minimising over the later latents."""
    roots = RNG.normal(0, 1, (5, 12, 12))
    curvature = roots @ roots.swapaxes(1, 2) + np.eye(12)
    order = RNG.permutation(12)
    costs, moves = sequential(curvature, order)
    for matrix, cost, move in zip(curvature, costs, moves, strict=True):
        for rank, place in enumerate(order):
            later = order[rank + 1 :]
            best = -np.linalg.solve(matrix[np.ix_(later, later)], matrix[later, place])
            errors = np.zeros(12)
            errors[place], errors[later] = 1, best
            assert cost[place] == pytest.approx(errors @ matrix @ errors, rel=1e-4)
            assert move[place] == pytest.approx(np.where(np.arange(12) == place, 0, errors), abs=1e-3)


def test_quantised_by_curvature(codec: Codec):
    """Where errors of neighbours add up, the quantiser lets them cancel: less error for the bits."""
    coder = codec.coder(5)
    scaled = smooth(200, 7, 7, seed=5) * np.float32(1024 / coder.step)
    rows, columns = np.divmod(np.arange(49), 7)
    apart = np.hypot(rows[:, np.newaxis] - rows, columns[:, np.newaxis] - columns)
    matrix = np.exp(-apart) + 0.1 * np.eye(49)
    costs, moves = sequential(np.broadcast_to(matrix, (200, 49, 49)), coding_order(7, 7))
    scale = costs.mean()

    def cost(symbols: np.ndarray, bits: float, weight: float) -> float:
        errors = (symbols - scaled).reshape(-1, 49)
        return float(np.einsum("ni,ij,nj->", errors, matrix, errors) / scale + weight * bits)

    for weight in (0.01, 0.15):
        alone, together = (
            coder.quantise(scaled, weight),
            coder.quantise(scaled, weight, costs=costs / scale, moves=moves, moved=np.tile(np.arange(49), (49, 1))),
        )
        assert cost(*together, weight) < cost(*alone, weight)
        assert cost(*together, 0) < 0.85 * cost(*alone, 0)
        assert together[1] == pytest.approx(coder.bits(together[0]))
