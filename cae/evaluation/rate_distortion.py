"""Rate and distortion of a model's codec on test pictures, beside JPEG, WebP, AVIF, PNG and simpler methods.

All methods get the same grey pictures. A point of a curve holds what a method gives at one setting: the setting, the
rates as `methods` describes them, "mse" in squared units of [0, 1], "psnr" in dB and "ssim". All figures are means over
the pictures, rounded to 8 bits; a picture that is given back exactly has no PSNR.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from cae.codec.codec import Codec
from cae.codec.file_format import QUALITIES
from cae.data.source import SmallImages, Source
from cae.engine.client import Engine
from cae.evaluation import methods, standard_codecs
from cae.evaluation.baselines import PCA
from cae.evaluation.curves import ahead, bd_rates, bytes_at, psnr_at
from cae.evaluation.klt import COMPONENTS
from cae.evaluation.methods import Sample
from cae.imaging import colour, metrics
from cae.progress import progress_bar

KLT_STEPS = (0.15, 0.2, 0.25, 0.3, 0.36, 0.44, 0.53, 0.65, 0.8, 1.0, 1.2, 1.5)
PCA_COMPONENTS = (10, 20, 49, 98, 128, 196)
LOSSY = tuple(name.lower() for name in standard_codecs.LOSSY)
"""What the lossy reference codecs are called in the figures."""
BLOCK_STEPS = (1, 2, 4, 8, 16, 32, 64)
PICTURE_QUALITIES = (*range(0, 100, 10), 95, 100)
"""Of JPEG, WebP and AVIF as measured on small images; the curves between them are smooth."""
PHOTOGRAPH_QUALITIES = (*range(21), *range(25, 101, 5))
"""Of JPEG, WebP and AVIF as measured on photographs: one by one where this codec's rates are."""
DISTORTIONS = (0.003, 0.004, 0.005, 0.006, 0.007, 0.008, 0.009, 0.01, 0.012, 0.015)
"""The MSE at which the methods are compared on small images."""
RATES = (0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.3, 0.5, 1.0)
"""Bits per pixel at which the methods are compared on photographs."""


def measure(engine: Engine, codec: Codec, data: Source, limit: int | None = None) -> dict:
    """Measure on the first `limit` test pictures.

    Returns:
        {"model", "images", "codec": points with {"quality", "variant", "step", "exact"}} and, as `small_images` and
        `photographs` describe it, the methods beside the codec and what comparing them gives.

    Raises:
        DatasetError: the data set is missing, truncated or altered.
        EngineError, PretrainedError: the network gives no answer, or was altered.
    """
    pictures = data.test_pictures()[:limit]
    if isinstance(data, SmallImages):
        found = small_images(engine, codec, np.asarray(pictures), data.training_images())
    else:
        found = photographs(engine, codec, list(pictures))
    return {"model": codec.model.name, "images": len(pictures)} | found


def small_images(engine: Engine, codec: Codec, images: np.ndarray, training: np.ndarray) -> dict:
    """All methods on images uint8 (N, H, W) that lie in one archive or mosaic, so that headers do not count.

    Returns:
        {"codec", "klt": points with {"step"}, "pca": points with {"components"} and no rate, "jpeg", "webp" and
        "avif": {"files", "mosaic"}, each points with {"quality"} and the rates of whole files, "png" and
        "webp_lossless": {"files", "mosaic"} in bytes an image, "bytes_at_mse": by distortion, each {"codec", "klt",
        "jpeg", "webp", "avif"} with None where a curve does not reach, of those three their mosaics, "bd_rate" as from
        `bd_rates`, over PSNRs of the mean MSE}.
    """
    pca = PCA.fit(training, max(COMPONENTS, *PCA_COMPONENTS))
    coded = pca.first(COMPONENTS)
    result: dict[str, Any] = {
        "codec": curve("Codec", [images], QUALITIES, partial(methods.archive, engine, codec)),
        "klt": curve("KLT", [images], KLT_STEPS, partial(methods.klt, coded, coded.encode(training))),
        "pca": curve("PCA", [images], PCA_COMPONENTS, partial(methods.principal_components, pca)),
    }
    for name in standard_codecs.LOSSY:
        result[name.lower()] = {
            "files": curve(f"{name} files", [images], PICTURE_QUALITIES, partial(methods.files, name, len)),
            "mosaic": curve(f"{name} mosaic", [images], PICTURE_QUALITIES, partial(methods.mosaic, name)),
        }
    for name in standard_codecs.LOSSLESS:
        whole = len(standard_codecs.encode(standard_codecs.mosaic(images), name))
        result[name.lower()] = {"files": _lossless(name, images, "bytes"), "mosaic": whole / len(images)}
    curves = {"codec": result["codec"], "klt": result["klt"]}
    curves |= {name: result[name]["mosaic"] for name in LOSSY}
    deltas = bd_rates(result["codec"], {name: curves[name] for name in LOSSY}, "bytes", "mse")
    return result | {"bytes_at_mse": _at(DISTORTIONS, curves, bytes_at), "bd_rate": deltas}


def photographs(engine: Engine, codec: Codec, pictures: Sequence[np.ndarray]) -> dict:
    """All methods on photographs uint8 (H, W, 3), on the luma plane of each by itself.

    Returns:
        {"codec", "jpeg", "webp" and "avif": points with {"quality"}, "block_means": points with {"step"}, "png" and
        "webp_lossless": bits per pixel of whole files, "psnr_at_bpp": by rate, each {"codec", "jpeg", "webp",
        "avif", "block_means"} in dB with None where a curve does not reach, "ahead": for the lossy codecs the ranges of
        rates, as from `ahead`, where this codec's PSNR is higher, "bd_rate" as from `bd_rates`, over mean PSNRs}.
        Rates are of coded pixels alone, without headers.
    """
    lumas = [colour.planes(picture)[0][np.newaxis] for picture in pictures]
    result: dict[str, Any] = {"codec": curve("Codec", lumas, QUALITIES, partial(methods.round_trip, engine, codec))}
    for name in standard_codecs.LOSSY:
        code = partial(methods.files, name, standard_codecs.coded_bytes)
        result[name.lower()] = curve(name, lumas, PHOTOGRAPH_QUALITIES, code)
    result["block_means"] = curve("Block means", lumas, BLOCK_STEPS, methods.block_means)
    compared = _at(RATES, dict(result), psnr_at)
    for name in standard_codecs.LOSSLESS:
        result[name.lower()] = _lossless(name, [luma[0] for luma in lumas], "bpp")
    leads = {name: ahead(result["codec"], result[name]) for name in LOSSY}
    deltas = bd_rates(result["codec"], {name: result[name] for name in LOSSY}, "bpp", "psnr")
    return result | {"psnr_at_bpp": compared, "ahead": leads, "bd_rate": deltas}


def curve(
    description: str,
    batches: Sequence[np.ndarray],
    settings: Sequence,
    code: Callable[[np.ndarray, Sequence], Iterator[Sample]],
) -> list[dict]:
    """A method's point at each setting, with a progress bar.

    Args:
        description: for the bar.
        batches: pictures uint8 (N, H, W), as many in each; the method codes those of a batch together.
        settings: in the method's order.
        code: one of `methods`, with all but its last two arguments.
    """
    measured: list[list[tuple[dict, dict]]] = []
    with progress_bar(description, len(batches) * len(settings)) as advance:
        for batch in batches:
            measured.append([])
            for setting, figures, decoded in code(batch, settings):
                errors = metrics.mse(decoded, batch)
                distortion = {"mse": errors, "psnr": metrics.decibels(errors), "ssim": metrics.ssim(decoded, batch)}
                measured[-1].append((setting, figures | distortion))
                advance(1)
    return [
        same[0][0] | {key: _mean([figures[key] for _, figures in same]) for key in same[0][1]}
        for same in zip(*measured, strict=True)
    ]


def _mean(values: Sequence) -> float | bool | None:
    """Over all batches: of those numbers that are finite, None if none is; of truths, whether all are true."""
    joined = np.concatenate([np.atleast_1d(value) for value in values])
    if joined.dtype == bool:
        return bool(joined.all())
    finite = joined[np.isfinite(joined)]
    return float(finite.mean()) if finite.size else None


def _lossless(name: str, pictures: Sequence[np.ndarray] | np.ndarray, unit: str) -> float:
    """The mean rate of whole files, a picture each."""
    files = methods.at_once(partial(standard_codecs.encode, codec=name), list(pictures))
    return float(np.mean([methods.rates(len(file), picture[np.newaxis])[unit] for picture, file in files]))


def _at(values: Sequence[float], curves: dict[str, list[dict]], read: Callable[[list[dict], float], Any]) -> dict:
    """What `read` finds on each curve at each of the values, which are keys as JSON has them."""
    return {str(value): {name: read(points, value) for name, points in curves.items()} for value in values}
