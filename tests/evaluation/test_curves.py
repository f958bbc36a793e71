"""Reading measured curves between their points."""

import sys
from itertools import pairwise

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from cae.evaluation.curves import ahead, bd_rates, bytes_at, interpolate, psnr_at


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


def straight(factor: float, *decibels: float) -> list[dict]:
    """Six decibels more for twice the bytes."""
    return [{"bytes": factor * 2 ** (db / 6), "psnr": db, "mse": 10 ** (-db / 10)} for db in decibels]


def test_bd_rates():
    """Of straight lines they are the factor, over the decibels in common, in whichever field these are."""
    ours = straight(0.25, 20, 23, 27, 30)
    others = {"wide": straight(1.0, 10, 25, 40), "one": straight(0.2, 28, 29, 33), "apart": straight(1.0, 31, 33)}
    found = bd_rates(ours, others, "bytes", "psnr")
    assert found["wide"] == pytest.approx({"percent": -75, "low": 20, "high": 30})
    assert found["one"] == pytest.approx({"percent": 25, "low": 28, "high": 30})
    assert found["apart"] is None
    assert bd_rates(ours, others, "bytes", "mse")["wide"] == pytest.approx(found["wide"])


def test_bd_rates_against_a_second_implementation():
    """Encodings by libx265, and the mean of the difference in place of its integral."""
    rates = (9487.76, 4593.60, 2486.44, 1358.24), (9787.80, 4469.00, 2451.52, 1356.24)
    ratios = (40.037, 38.615, 36.845, 34.851), (40.121, 38.651, 36.970, 34.987)
    anchor, test = (
        [{"bpp": rate, "psnr": ratio} for rate, ratio in zip(*pair, strict=True)]
        for pair in zip(rates, ratios, strict=True)
    )
    [found] = bd_rates(test, {"anchor": anchor}, "bpp", "psnr").values()
    x = np.linspace(34.987, 40.037, 20_001)
    logs = [PchipInterpolator(ratio[::-1], np.log(rate)[::-1])(x) for rate, ratio in zip(rates, ratios, strict=True)]
    assert found["percent"] == pytest.approx(100 * np.expm1(np.mean(logs[1] - logs[0])), abs=1e-3)


def test_bd_rates_leave_out_what_is_no_point_of_a_curve():
    """Points without loss, and those that another one beats both in bytes and in quality."""
    ours = straight(0.5, 20, 25, 30)
    odd = [{"bytes": 20.0, "psnr": 21.0, "mse": 0.008}, {"bytes": 90.0, "psnr": None, "mse": 0.0}]
    for distortion in ("psnr", "mse"):
        [found] = bd_rates([*odd, *ours], {"other": straight(1.0, 20, 25, 30)}, "bytes", distortion).values()
        assert found == pytest.approx({"percent": -50, "low": 20, "high": 30})
    assert bd_rates(ours[:1], {"other": straight(1.0, 10, 30)}, "bytes", "psnr") == {"other": None}


def test_without_the_library_bd_rates_are_left_out(monkeypatch, capfd):
    monkeypatch.setitem(sys.modules, "bjontegaard", None)
    assert bd_rates(straight(1.0, 20, 30), {"other": straight(1.0, 20, 30)}, "bytes", "psnr") == {}
    assert "pip install bjontegaard" in capfd.readouterr().err
