"""Reading measured curves between their points."""

from itertools import pairwise

import numpy as np
import pytest

from cae.evaluation.curves import ahead, bytes_at, interpolate, psnr_at


def test_interpolation():
    points = [(3.0, 10.0), (1.0, 0.0), (2.0, 4.0)]
    assert interpolate(points, 1.25) == pytest.approx(1)
    assert interpolate(points, 2.5) == pytest.approx(7)
    for x, y in points:
        assert interpolate(points, x) == y


@pytest.mark.parametrize("x", [0.99, 3.01])
def test_nothing_beyond_the_ends(x):
    assert interpolate([(3.0, 10.0), (1.0, 0.0)], x) is None
    assert interpolate([], x) is None


def test_bytes_at():
    points = [{"bytes": 10.0, "mse": 0.01}, {"bytes": 40.0, "mse": 0.0025}, {"bytes": 20.0, "mse": 0.005}]
    assert bytes_at(points, 0.005) == pytest.approx(20)
    assert bytes_at(points, 0.005 * 2**0.5) == pytest.approx(20 / 2**0.5)
    assert bytes_at(points, 0.02) is None
    assert bytes_at(points, 0.002) is None


def curve(*points: tuple[float, float | None]) -> list[dict]:
    return [{"bpp": rate, "psnr": ratio} for rate, ratio in points]


def test_psnr_is_linear_in_log_rate():
    points = curve((0.4, 26.0), (0.1, 20.0), (3.0, None), (0.0, 10.0))
    assert psnr_at(points, 0.2) == pytest.approx(23)
    assert psnr_at(points, 0.1 * 2**0.5) == pytest.approx(21.5)
    assert psnr_at(points, 0.4) == pytest.approx(26)
    for rate in (0.0999, 0.401, 3.0):
        assert psnr_at(points, rate) is None


def test_where_the_curves_cross():
    ours, theirs = curve((0.05, 20), (0.8, 28)), curve((0.1, 20), (1.6, 32))  # 2 dB and 3 dB an octave
    assert ahead(ours, theirs) == [[pytest.approx(0.1), pytest.approx(0.4)]]
    assert ahead(theirs, ours) == [[pytest.approx(0.4), pytest.approx(0.8)]]
    assert ahead(ours, ours) == []
    assert ahead(ours, curve((0.9, 20), (2, 30))) == []


@pytest.mark.parametrize("seed", range(5))
def test_ahead_as_counted_point_by_point(seed):
    rng = np.random.default_rng(seed)
    ours, theirs = (curve(*zip(rng.uniform(0.1, 1, 9), rng.uniform(20, 30, 9), strict=True)) for _ in range(2))
    ranges = ahead(ours, theirs)
    for rate in rng.uniform(0.1, 1, 400):
        mine, other = psnr_at(ours, rate), psnr_at(theirs, rate)
        leads = mine is not None and other is not None and mine > other
        assert leads == any(low < rate < high for low, high in ranges)
    assert all(before[1] < after[0] for before, after in pairwise(ranges))
