"""Chooses the settings of the ten qualities: a variant of the network and a quantisation step for each.

Every candidate is measured on images held out. Those on the lower convex hull of rate and distortion are optimal for
some Lagrange multiplier (Y. Shoham, A. Gersho, "Efficient bit allocation for an arbitrary set of quantizers", 1988);
ten of these are kept, their rates spaced evenly on a logarithmic scale. The coarsest is bounded by a minimum rate; the
finest is the first beyond which finer steps gain little, since the network itself limits the distortion there.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cae.codec.codec import Setting, dequantise, quantised
from cae.codec.context_model import UNIT
from cae.codec.entropy_coder import SymbolCoder
from cae.codec.file_format import QUALITIES, CodecError
from cae.codec.fitting import Fitted
from cae.imaging import metrics

STEPS_PER_OCTAVE = 4
RATE_WEIGHTS = 0.08, 0.16
"""The Lagrange multipliers that are tried, in squared steps a bit: one a little less than a uniform quantiser's,
ln 2 / 6, and one more than it, which with fitted latents is the better one where bits are few."""
MIN_BITS = 0.5
"""Minimum bits per latent value: with fewer, most symbols are the same, and little is left of a picture."""
MIN_BITS_OF_PHOTOGRAPHS = 1.25
"""The same for pictures larger than 28×28: with fewer, large flat areas, like skies, break up into bands and tints."""
CHROMA_WEIGHT = 4
"""What a squared error in Cb or Cr counts, against one in Y: errors in colour are few levels, but cover whole areas."""
MIN_RELATIVE_GAIN = 0.02
"""Finer steps that lower the distortion by a smaller share are left out."""


@dataclass(frozen=True)
class OperatingPoint:
    """A setting, its quality still open; its rate in bits per latent value, its distortion as MSE over [0, 1]."""

    setting: Setting
    bits: float
    mse: float


def steps_between(finest: float, coarsest: float) -> list[int]:
    """The candidate steps in a range given in latent units, both ends included: in 1/1024, from fine to coarse."""
    count = 1 + max(0, round(STEPS_PER_OCTAVE * np.log2(coarsest / finest)))
    steps = np.geomspace(finest, coarsest, count) if count > 1 else np.array([coarsest])
    return sorted({max(1, int(step)) for step in np.rint(steps * UNIT)})


def measure(
    coder: SymbolCoder,
    setting: Setting,
    latents: Fitted,
    images: np.ndarray,
    decode: Callable[[np.ndarray], np.ndarray],
) -> OperatingPoint:
    """Rate and distortion of a setting.

    Args:
        coder: with the setting's step and alphabet.
        latents: of the images.
        images: uint8 (N, H, W).
        decode: latents → the network's outputs, uint8 (N, H, W).
    """
    symbols, bits = quantised(coder, latents, setting)
    outputs = decode(dequantise(symbols, setting))
    mse = float(metrics.mse(outputs, images).mean())
    return OperatingPoint(setting, bits / symbols.size, mse)


def choose(points: Sequence[OperatingPoint], min_bits: float = MIN_BITS) -> tuple[Setting, ...]:
    """The settings of qualities 1 to 10, each of a higher rate than the one before.

    Args:
        points: candidates. Those below `min_bits` bits per latent value are left out where enough are above it.

    Raises:
        CodecError: there are fewer than ten rates.
    """
    if (count := _rates(points)) < len(QUALITIES):
        raise CodecError(f"The network's latents allow {count} different rates, and a codec needs {len(QUALITIES)}.")
    best = convex_hull(points)
    informative, best_of_them = ([point for point in of if point.bits >= min_bits] for of in (points, best))
    if best_of_them and _rates(informative) >= len(QUALITIES):
        points, best = informative, best_of_them
    worthwhile = sum(point.mse > (1 + MIN_RELATIVE_GAIN) * best[-1].mse for point in best)
    best = best[: max(worthwhile + 1, len(QUALITIES))]
    if len(best) < len(QUALITIES):
        best = _near(best, points)
    rates = np.log([point.bits for point in best])
    kept = [int(np.abs(rates - rate).argmin()) for rate in np.linspace(rates[0], rates[-1], len(QUALITIES))]
    for i in range(1, len(kept)):
        kept[i] = max(kept[i], kept[i - 1] + 1)
    for i in range(len(kept)):
        kept[i] = min(kept[i], len(best) - len(kept) + i)
    return tuple(replace(best[i].setting, quality=quality) for quality, i in zip(QUALITIES, kept, strict=True))


def choose_chroma(
    points: Sequence[OperatingPoint], settings: Sequence[Setting], luma: Sequence[OperatingPoint]
) -> tuple[Setting, ...]:
    """The settings of Cb and Cr beside those of Y, each at the same Lagrange multiplier, and none coarser than before.

    Args:
        points: candidates, measured on planes of colour.
        settings: of Y, from `choose`.
        luma: the candidates that these were chosen from.
    """
    hull, chosen, least = convex_hull(luma), [], 0.0
    for setting in settings:
        place = min(range(len(hull)), key=lambda i: abs(hull[i].bits - _point(luma, setting).bits))
        multiplier = -_slope(hull[max(0, place - 1)], hull[min(len(hull) - 1, place + 1)])
        cost = {point: CHROMA_WEIGHT * point.mse + multiplier * point.bits for point in points if point.bits >= least}
        best = min(cost, key=cost.__getitem__)
        least = best.bits
        chosen.append(replace(best.setting, quality=setting.quality))
    return tuple(chosen)


def _point(points: Sequence[OperatingPoint], setting: Setting) -> OperatingPoint:
    return next(point for point in points if replace(point.setting, quality=setting.quality) == setting)


def convex_hull(points: Iterable[OperatingPoint]) -> list[OperatingPoint]:
    """The lower left part of the hull, from few bits to many; each further bit lowers the MSE by less."""
    hull: list[OperatingPoint] = []
    for point in sorted(points, key=lambda point: (point.bits, point.mse)):
        if hull and point.mse >= hull[-1].mse:
            continue
        while len(hull) > 1 and _slope(hull[-2], hull[-1]) >= _slope(hull[-1], point):
            hull.pop()
        hull.append(point)
    return hull


def _rates(points: Iterable[OperatingPoint]) -> int:
    return len({point.bits for point in points})


def _near(hull: Sequence[OperatingPoint], points: Iterable[OperatingPoint]) -> list[OperatingPoint]:
    """The hull, and as many of the points nearest above it as make ten, from few bits to many."""
    bits, distortions = [point.bits for point in hull], [point.mse for point in hull]
    nearest: dict[float, OperatingPoint] = {}
    for point in sorted(points, key=lambda point: point.mse - np.interp(point.bits, bits, distortions)):
        nearest.setdefault(point.bits, point)
    return sorted(list(nearest.values())[: len(QUALITIES)], key=lambda point: point.bits)


def _slope(left: OperatingPoint, right: OperatingPoint) -> float:
    """The change of MSE for a bit, a negative number."""
    return (right.mse - left.mse) / (right.bits - left.bits)
