"""Rate–distortion curves: interpolation between measured points, and where one method is ahead of another.

A curve is a list of points as `rate_distortion.curve` gives them, in any order.
"""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np


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


def _over_log(points: list[dict], x: str, y: str) -> list[tuple[float, float]]:
    """The logarithm of one figure and another figure, of those points where neither is zero or missing."""
    return [(float(np.log(point[x])), point[y]) for point in points if point[x] and point[y]]
