"""Rate–distortion curves: interpolation between measured points, and where one method is ahead of another.

A curve is a list of points as `rate_distortion.curve` gives them, in any order.
"""

import math
from collections.abc import Iterable
from itertools import pairwise
from operator import itemgetter

import numpy as np

from cae.progress import say


def interpolate(points: Iterable[tuple[float, float]], x: float) -> float | None:
    """y at x, linear between points (x, y) in any order; None beyond the first and the last."""
    ordered = sorted(points)
    if not ordered or not ordered[0][0] <= x <= ordered[-1][0]:
        return None
    xs, ys = zip(*ordered, strict=True)
    return float(np.interp(x, xs, ys))


def bytes_at(points: list[dict], mse: float) -> float | None:
    """Bytes a picture at a distortion: log bytes over log MSE, linear between the points; None beyond the ends."""
    logs = [(x, float(np.log(size))) for x, size in _over_log(points, "mse", "bytes")]
    found = interpolate(logs, float(np.log(mse)))
    return None if found is None else float(np.exp(found))


def psnr_at(points: list[dict], rate: float) -> float | None:
    """dB at so many bits per pixel: PSNR over log rate, linear between the points; None beyond the ends."""
    return interpolate(_over_log(points, "bpp", "psnr"), float(np.log(rate)))


def ahead(ours: list[dict], theirs: list[dict]) -> list[list[float]]:
    """Where our PSNR is higher at equal rate: ranges [from, to] of bits per pixel, among the rates of both curves."""
    curves = _over_log(ours, "bpp", "psnr"), _over_log(theirs, "bpp", "psnr")
    knots = sorted({rate for curve in curves for rate, _ in curve})
    leads = []
    for knot in knots:
        mine, other = (interpolate(curve, knot) for curve in curves)
        if mine is not None and other is not None:
            leads.append((knot, mine - other))
    found: list[list[float]] = []
    for (left, before), (right, after) in pairwise(leads):
        if max(before, after) > 0:
            crossing = left + (right - left) * before / (before - after) if before * after < 0 else left
            start, end = (left if before >= 0 else crossing), (right if after >= 0 else crossing)
            if found and found[-1][1] == start:
                found[-1][1] = end
            else:
                found.append([start, end])
    return [[float(np.exp(limit)) for limit in limits] for limits in found]


def bd_rates(ours: list[dict], others: dict[str, list[dict]], rate: str, distortion: str) -> dict[str, dict | None]:
    """How much more our curve takes than each other at equal distortion: the Bjøntegaard delta rates.

    Source: G. Bjøntegaard, "Calculation of average PSNR differences between RD-curves", ITU-T VCEG-M33, 2001; between
    the points piecewise cubic (PCHIP), as in JVET's common test conditions (JVET-T2010).

    Args:
        ours, others: points of curves.
        rate: the field of the rate.
        distortion: the field of the distortion, "psnr", or "mse", which is taken in decibels.

    Returns:
        By name {"percent", "low", "high"}: the mean difference of the logarithmic rates over the distortions from `low`
        to `high` decibels, which both curves reach, as a percentage; None where they have none in common. Empty, with a
        line on standard error, where the library is not installed.
    """
    try:
        import bjontegaard
    except ImportError:
        say("BD-rates are left out: they need bjontegaard (pip install bjontegaard).")
        return {}
    test, result = _rising(ours, rate, distortion), {}
    for name, points in others.items():
        anchor, found = _rising(points, rate, distortion), None
        if len(test[0]) > 1 < len(anchor[0]):
            low, high = max(test[1][0], anchor[1][0]), min(test[1][-1], anchor[1][-1])
            if low < high:
                percent = bjontegaard.bd_rate(*anchor, *test, "pchip", require_matching_points=False, min_overlap=0)
                found = {"percent": float(percent), "low": low, "high": high}
        result[name] = found
    return result


def _rising(points: list[dict], rate: str, distortion: str) -> tuple[list[float], list[float]]:
    """Rates and decibels of a curve, without points that another one beats in both or that are without loss."""
    found: list[tuple[float, float]] = []
    for point in sorted(points, key=itemgetter(rate)):
        if point[rate] and (value := point[distortion]):
            decibels = -10 * math.log10(value) if distortion == "mse" else value
            if not found or decibels > found[-1][1]:
                found.append((point[rate], decibels))
    return [size for size, _ in found], [decibels for _, decibels in found]


def _over_log(points: list[dict], x: str, y: str) -> list[tuple[float, float]]:
    """The logarithm of one figure and another figure, of those points where neither is zero or missing."""
    return [(float(np.log(point[x])), point[y]) for point in points if point[x] and point[y]]
