"""Rate and distortion of a model's codec on test images, beside linear transform coding, PCA, JPEG, WebP and PNG.

A point of a curve is {"bytes", "mse", "psnr", …}: means over the images; bytes as written by the coder, MSE in squared
units of [0, 1], PSNR in dB as in `evaluate`; pictures are rounded to 8 bits. Each step advances a progress bar.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from cae.codec import compression
from cae.codec.codec import Codec
from cae.codec.file_format import QUALITIES, unpack
from cae.data.source import SmallImages
from cae.engine.client import Engine
from cae.evaluation import standard_codecs
from cae.evaluation.baselines import PCA
from cae.evaluation.klt import COMPONENTS, KLT
from cae.imaging import metrics
from cae.imaging.pixels import quantise
from cae.progress import progress_bar

FILE = "rate-distortion.json"
"""Where the result stands in the model folder."""

KLT_STEPS = (0.15, 0.2, 0.25, 0.3, 0.36, 0.44, 0.53, 0.65, 0.8, 1.0, 1.2, 1.5)
PCA_COMPONENTS = (10, 20, 49, 98, 128, 196)
PICTURE_QUALITIES = (*range(0, 100, 10), 95, 100)
"""Of JPEG and WebP as measured; the curves between them are smooth."""
BATCH = 640
CHECKED = 512
"""So many images go through the network a second time, straight from the quantiser, to compare with decode(encode)."""
SINGLE_FILES = 200
"""So many images are also written as files of their own, at each quality."""
TARGETS = (0.003, 0.004, 0.005, 0.006, 0.007, 0.008, 0.009, 0.01, 0.012, 0.015)
"""The distortions at which the codecs are compared."""


def measure(engine: Engine, codec: Codec, data: SmallImages, limit: int | None = None) -> dict:
    """Measure on the first `limit` test images.

    Returns:
        {"model", "images", "codec": points with {"quality", "variant", "step", "estimated_bytes", "file_bytes",
        "exact"}, "klt": points with {"step"}, "pca": [{"components", "mse", "psnr"}], "jpeg" and "webp": {"files",
        "mosaic"}, each points with {"quality"}, "png" and "webp_lossless": {"files", "mosaic"} in bytes,
        "bytes_at_mse": by distortion, each {"codec", "klt", "jpeg", "webp"} with None where a curve does not reach}.
        JPEG and WebP there are mosaics.

    Raises:
        EngineError, PretrainedError: the network gives no answer, or was altered.
    """
    test, training = data.test_pictures()[:limit], data.training_images()
    pca = PCA.fit(training, max(COMPONENTS, *PCA_COMPONENTS))
    codes = pca.encode(training)
    curve = codec_curve(engine, codec, test)
    klt = each(
        "KLT", KLT_STEPS, lambda step: _klt_point(KLT.fit(_first(pca, COMPONENTS), codes[:, :COMPONENTS], step), test)
    )
    result: dict[str, Any] = {"model": codec.model.name, "images": len(test), "codec": curve, "klt": klt}
    result["pca"] = each("PCA", PCA_COMPONENTS, lambda k: _pca_point(_first(pca, k), test))
    for name in standard_codecs.LOSSY:
        result[name.lower()] = {
            "files": each(
                f"{name} files", PICTURE_QUALITIES, lambda quality, name=name: _files_point(name, quality, test)
            ),
            "mosaic": each(
                f"{name} mosaic", PICTURE_QUALITIES, lambda quality, name=name: _mosaic_point(name, quality, test)
            ),
        }
    for name in standard_codecs.LOSSLESS:
        files = each(name, test, lambda image, name=name: len(standard_codecs.encode(image, name)))
        whole = len(standard_codecs.encode(standard_codecs.mosaic(test), name))
        result[name.lower()] = {"files": sum(files) / len(test), "mosaic": whole / len(test)}
    curves = {"codec": curve, "klt": klt, "jpeg": result["jpeg"]["mosaic"], "webp": result["webp"]["mosaic"]}
    result["bytes_at_mse"] = {
        str(mse): {name: bytes_at(points, mse) for name, points in curves.items()} for mse in TARGETS
    }
    return result


def codec_curve(engine: Engine, codec: Codec, images: np.ndarray) -> list[dict]:
    """A point for each quality, of images uint8 (N, H, W) as one archive.

    "exact" tells that the archive's symbols are those that were written, and that its first pictures equal those of the
    network with the quantised latents put straight into its decoder.
    """
    latents: dict[str, np.ndarray] = {}
    points = []
    with progress_bar("Codec", len(QUALITIES) * len(images)) as advance:
        for quality in QUALITIES:
            network = codec.network(quality)
            if network not in latents:
                latents[network] = compression.encode(engine, codec, images, quality)
            encoded = codec.encode(codec.header(quality, *images.shape[1:], count=len(images)), [latents[network]])
            _, (read,) = codec.read(encoded.data)
            decoded = []
            for start in range(0, len(read), BATCH):
                decoded.append(compression.decode(engine, codec, read[start : start + BATCH], quality))
                advance(len(decoded[-1]), f"quality {quality}")
            answers = np.concatenate(decoded)[:, : images.shape[1], : images.shape[2]]
            straight = compression.decode(engine, codec, encoded.symbols[0][:CHECKED], quality)[
                :, : images.shape[1], : images.shape[2]
            ]
            single = codec.header(quality, *images.shape[1:])
            files = [codec.write(single, [symbols[np.newaxis]]) for symbols in encoded.symbols[0][:SINGLE_FILES]]
            setting = codec.setting(quality)
            points.append(
                {
                    "quality": quality,
                    "variant": setting.variant,
                    "step": setting.step / 1024,
                    "bytes": len(unpack(encoded.data)[1]) / len(images),
                    "estimated_bytes": encoded.bits[0] / 8 / len(images),
                    "file_bytes": float(np.mean([len(file) for file in files])),
                    **_distortion(answers, images),
                    "exact": bool(
                        np.array_equal(read, encoded.symbols[0]) and np.array_equal(straight, answers[: len(straight)])
                    ),
                }
            )
    return points


def bytes_at(points: list[dict], mse: float) -> float | None:
    """Bytes at a distortion: log bytes over log MSE, linear between a curve's points; None beyond its ends."""
    logs = [(float(np.log(max(point["mse"], 1e-12))), float(np.log(max(point["bytes"], 1e-12)))) for point in points]
    found = interpolate(logs, float(np.log(mse)))
    return None if found is None else float(np.exp(found))


def interpolate(points: Iterable[tuple[float, float]], x: float) -> float | None:
    """y at x, linear between points (x, y) in any order; None beyond the first and the last."""
    ordered = sorted(points)
    if not ordered or not ordered[0][0] <= x <= ordered[-1][0]:
        return None
    xs, ys = zip(*ordered, strict=True)
    return float(np.interp(x, xs, ys))


def each(description: str, items: Sequence | np.ndarray, measured: Callable) -> list:
    """What `measured` says of each item, with a progress bar."""
    results = []
    with progress_bar(description, len(items)) as advance:
        for item in items:
            results.append(measured(item))
            advance(1)
    return results


def _klt_point(klt: KLT, images: np.ndarray) -> dict:
    payload = klt.encode(images)
    return {"step": klt.step, "bytes": len(payload) / len(images)} | _distortion(
        quantise(klt.decode(payload, len(images))[..., 0]), images
    )


def _first(pca: PCA, components: int) -> PCA:
    return PCA(pca.mean, pca.components[:components])


def _pca_point(pca: PCA, images: np.ndarray) -> dict:
    return {"components": len(pca.components)} | _distortion(quantise(pca.decode(pca.encode(images))[..., 0]), images)


def _files_point(name: str, quality: int, images: np.ndarray) -> dict:
    files = [standard_codecs.encode(image, name, quality) for image in images]
    decoded = np.stack([standard_codecs.decode(file) for file in files])
    size = sum(len(file) for file in files) / len(images)
    return {"quality": quality, "bytes": size} | _distortion(decoded, images)


def _mosaic_point(name: str, quality: int, images: np.ndarray) -> dict:
    file = standard_codecs.encode(standard_codecs.mosaic(images), name, quality)
    decoded = standard_codecs.pieces(standard_codecs.decode(file), *images.shape)
    return {"quality": quality, "bytes": len(file) / len(images)} | _distortion(decoded, images)


def _distortion(decoded: np.ndarray, images: np.ndarray) -> dict[str, float | None]:
    """Decoded images uint8 (N, H, W) beside the originals; an image given back exactly has no PSNR."""
    ratios = metrics.psnr(decoded, images)
    finite = ratios[np.isfinite(ratios)]
    return {"mse": float(metrics.mse(decoded, images).mean()), "psnr": float(finite.mean()) if finite.size else None}
