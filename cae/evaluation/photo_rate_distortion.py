"""Rate and distortion of a model's codec on whole photographs, beside JPEG, WebP and the means of 4×4 blocks.

All methods get the same pictures: the photographs' luma planes, in grey. A point of a curve holds means over the
photographs at one setting: of each one's bits per pixel, squared error over [0, 1], PSNR in dB and SSIM; pictures are
rounded to 8 bits. "bpp" are the coded pixels alone, without headers, of JPEG and WebP as of this codec; "file_bpp" the
whole file. A photograph given back exactly has no PSNR, and neither has the point then.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from PIL import Image

from cae.codec import compression
from cae.codec.codec import Codec
from cae.codec.file_format import QUALITIES
from cae.codec.round_trip import RoundTrip
from cae.engine.client import Engine
from cae.evaluation import standard_codecs
from cae.evaluation.rate_distortion import each, interpolate
from cae.evaluation.standard_codecs import coded_bytes
from cae.imaging import colour
from cae.imaging.metrics import distortion
from cae.imaging.pixels import quantise
from cae.model.specification import SCALE

PICTURE_QUALITIES = (*range(21), *range(25, 101, 5))
"""Of JPEG and WebP as measured: one by one where this codec's rates are; the curves are smooth beyond."""
BLOCK_STEPS = (1, 2, 4, 8, 16, 32, 64)
"""Greys of 255 from one level of a block's mean to the next."""
RATES = (0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.3, 0.5, 1.0)
"""Bits per pixel at which the methods are compared."""
METHODS = ("codec", "jpeg", "webp", "block_means")
"""The curves in a result."""

Point = tuple[dict, dict]
"""A setting, and what it gives for one photograph."""


def measure(engine: Engine, codec: Codec, photographs: Sequence[np.ndarray], limit: int | None = None) -> dict:
    """Measure on the first `limit` photographs, uint8 (H, W, 3) each.

    Returns:
        {"model", "images", "codec": points with {"quality", "variant", "step", "exact"}, "jpeg" and "webp": points
        with {"quality"}, "block_means": points with {"step"} and the entropy as "bpp", "png" and "webp_lossless": bits
        per pixel of whole files, "psnr_at_bpp": by rate, the PSNR of each of `METHODS`, None where a curve does not
        reach, "ahead": for "jpeg" and "webp" the ranges of rates, as from `ahead`, where this codec's PSNR is higher}.
        "exact" tells that every file gave the very picture that the network had made of its symbols.

    Raises:
        EngineError, PretrainedError: the network gives no answer, or was altered.
    """
    lumas = [colour.planes(photograph)[0] for photograph in photographs[:limit]]
    result: dict[str, Any] = {"model": codec.model.name, "images": len(lumas)}
    result["codec"] = _curve("Codec", lumas, lambda luma: _codec_points(engine, codec, luma))
    for name in standard_codecs.LOSSY:
        result[name.lower()] = _curve(name, lumas, partial(_picture_points, name))
    result["block_means"] = _curve("Block means", lumas, _block_points)
    for name in standard_codecs.LOSSLESS:
        rates = each(name, lumas, lambda luma, name=name: _rate(standard_codecs.encode(luma, name), luma))
        result[name.lower()] = float(np.mean(rates))
    result["psnr_at_bpp"] = {str(rate): {name: psnr_at(result[name], rate) for name in METHODS} for rate in RATES}
    result["ahead"] = {name: ahead(result["codec"], result[name]) for name in ("jpeg", "webp")}
    return result


def psnr_at(points: list[dict], rate: float) -> float | None:
    """dB at so many bits per pixel: PSNR over log rate, linear between a curve's points; None beyond its ends."""
    return interpolate(_logarithmic(points), float(np.log(rate)))


def ahead(ours: list[dict], theirs: list[dict]) -> list[list[float]]:
    """Where our PSNR is higher at equal rate: ranges [from, to] of bits per pixel, among the rates of both curves."""
    curves = _logarithmic(ours), _logarithmic(theirs)
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


def block_means(picture: np.ndarray, step: int) -> tuple[np.ndarray, float]:
    """The plainest codec of as many values: each 4×4 block's mean in levels `step` apart, enlarged bicubically.

    Args:
        picture: uint8 (H, W).
        step: in greys of 255.

    Returns:
        The decoded picture uint8 (H, W), and the bits it takes by the empirical entropy of its levels, each
        on its own (order 0), the levels' frequencies not counted.
    """
    height, width = picture.shape
    padded = np.pad(picture, ((0, -height % SCALE), (0, -width % SCALE)), "edge")
    blocks = padded.reshape(padded.shape[0] // SCALE, SCALE, padded.shape[1] // SCALE, SCALE)
    levels = np.rint(blocks.mean((1, 3)) / step)
    _, counts = np.unique(levels, return_counts=True)
    small = Image.fromarray((levels * step).astype(np.float32))
    large = np.asarray(small.resize(padded.shape[::-1], Image.Resampling.BICUBIC))[:height, :width]
    return quantise(large / 255), float(-(counts * np.log2(counts / levels.size)).sum())


def _curve(description: str, lumas: list[np.ndarray], points_of: Callable[[np.ndarray], Iterator[Point]]) -> list[dict]:
    """The mean over the photographs at each setting."""
    measured = each(description, lumas, lambda luma: list(points_of(luma)))
    curve = []
    for same in zip(*measured, strict=True):
        figures = [figure for _, figure in same]
        curve.append(same[0][0] | {key: _mean([figure[key] for figure in figures]) for key in figures[0]})
    return curve


def _mean(values: list) -> float | bool | None:
    if isinstance(values[0], bool):
        return all(values)
    return float(np.mean(values)) if np.isfinite(values).all() else None


def _codec_points(engine: Engine, codec: Codec, luma: np.ndarray) -> Iterator[Point]:
    trip = RoundTrip(engine, codec, luma)
    for quality in QUALITIES:
        made, setting = trip.at(quality), codec.setting(quality)
        figures = {"bpp": 8 * made.payload / luma.size, "file_bpp": _rate(made.data, luma)}
        exact = np.array_equal(compression.decompress(engine, codec, made.data), made.decoded)
        yield (
            {"quality": quality, "variant": setting.variant, "step": setting.step / 1024},
            figures | asdict(made.distortion) | {"exact": exact},
        )


def _picture_points(name: str, luma: np.ndarray) -> Iterator[Point]:
    for quality in PICTURE_QUALITIES:
        file = standard_codecs.encode(luma, name, quality)
        figures = {"bpp": 8 * coded_bytes(file) / luma.size, "file_bpp": _rate(file, luma)}
        yield {"quality": quality}, figures | _distortion(luma, standard_codecs.decode(file))


def _block_points(luma: np.ndarray) -> Iterator[Point]:
    for step in BLOCK_STEPS:
        answer, bits = block_means(luma, step)
        yield {"step": step}, {"bpp": bits / luma.size} | _distortion(luma, answer)


def _distortion(luma: np.ndarray, decoded: np.ndarray) -> dict:
    return asdict(distortion(luma, decoded))


def _rate(file: bytes, luma: np.ndarray) -> float:
    return 8 * len(file) / luma.size


def _logarithmic(points: list[dict]) -> list[tuple[float, float]]:
    """Log rate and PSNR, of those points that have both."""
    return [(float(np.log(point["bpp"])), point["psnr"]) for point in points if point["bpp"] and point["psnr"]]
