"""A map of a model's codes: the codes of test images with their classes, and two ways to lay them out in the plane.

PCA is linear, so that any further code can be placed by two scalar products. UMAP keeps neighbours together; a further
code is placed among its neighbours. The codes are kept in 8 bits a cell, and both layouts are those of the kept codes.

Sources: K. Pearson, "On lines and planes of closest fit to systems of points in space", 1901; L. McInnes, J. Healy and
J. Melville, "UMAP: uniform manifold approximation and projection for dimension reduction", 2018 (`umap-learn`).
"""

import base64
import warnings

import numpy as np

from cae import CaeError
from cae.data.source import SmallImages
from cae.engine.client import Engine
from cae.model.store import Pretrained

MAP = "map.json"
"""In a model folder."""
IMAGES = 2_000
"""The first so many test images are on the map."""
NEIGHBOURS = 10
"""Of each code, when it is counted how many of them a layout keeps."""
MADE_FOR = ("encoder.safetensors", "decoder.safetensors")
"""The weights that a map belongs to."""


class MapError(CaeError):
    """A map cannot be made; the message says why, and what to do."""


def make(engine: Engine, model: Pretrained, data: SmallImages, images: int = IMAGES) -> dict:
    """The map of a model's codes.

    Returns:
        {"made_for": the SHA-256 of each file of weights, "classes": their names, "labels": of each image, "codes": 49
        bytes an image, row by row, "low" and "step": float32, for each cell, so that a value is low + step · byte,
        "pca": {"mean": 49, "components": 2·49, both float32, "variance": the share that the two hold, "kept"},
        "umap": {"points": two float32 an image, "kept"}}. What is not a number or a name is little-endian, in base64.
        "kept" is the mean share of a code's ten nearest codes that are among the ten nearest points of the layout.

    Raises:
        MapError: `umap-learn` is not installed, or there are too few images, or all get the same code.
        DatasetError, EngineError, PretrainedError: as `data`, `engine` and `model` raise them.
    """
    pictures, labels = data.dataset.x_test[:images], data.dataset.y_test[:images]
    if len(pictures) <= 2 * NEIGHBOURS:
        raise MapError(f"A map needs more than {2 * NEIGHBOURS} test images, and there are {len(pictures)}.")
    umap = _umap()
    latents = engine.encode(model.network(), pictures).reshape(len(pictures), -1)
    symbols, low, step = quantised(latents)
    codes = low + step * symbols
    if not step.any():
        raise MapError("The network gives every image the same code: there is nothing to lay out.")
    mean, components, variance = principal(codes)
    points = umap.UMAP(random_state=0, n_jobs=1).fit_transform(codes)
    return {
        "made_for": {name: model.checksums[name] for name in MADE_FOR},
        "classes": list(data.dataset.classes),
        "labels": _base64(labels.astype(np.uint8)),
        "codes": _base64(symbols),
        "low": _base64(low),
        "step": _base64(step),
        "pca": {
            "mean": _base64(mean),
            "components": _base64(components),
            "variance": round(variance, 4),
            "kept": round(kept_neighbours(codes, (codes - mean) @ components.T), 4),
        },
        "umap": {"points": _base64(points.astype("<f4")), "kept": round(kept_neighbours(codes, points), 4)},
    }


def read(model: Pretrained) -> dict | None:
    """The map in a model folder; None where there is none, or one of other weights than the folder's.

    Raises:
        PretrainedError: the file was altered or is damaged.
    """
    if MAP not in model.checksums:
        return None
    found = model.read_json(MAP)
    return found if found.get("made_for") == {name: model.checksums.get(name) for name in MADE_FOR} else None


def quantised(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes float32 (N, 49) → 8 bits uint8 (N, 49), and of each cell the lowest value and the step, float32 (49,)."""
    low = codes.min(axis=0).astype("<f4")
    step = ((codes.max(axis=0) - low) / 255).astype("<f4")
    scaled = np.divide(codes - low, step, out=np.zeros_like(codes), where=step > 0)
    return np.rint(scaled).clip(0, 255).astype(np.uint8), low, step


def principal(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """The mean (49,) and the two directions (2, 49) of the largest variance, float32, and their share of it in [0, 1].

    The signs are such that the largest weight of each direction is positive.
    """
    mean = codes.mean(axis=0, dtype=np.float64)
    variances, vectors = np.linalg.eigh(np.cov((codes - mean).T))
    components = vectors[:, :-3:-1].T
    components *= np.sign(components[[0, 1], np.abs(components).argmax(axis=1)])[:, np.newaxis]
    return mean.astype("<f4"), components.astype("<f4"), float(variances[-2:].sum() / variances.sum())


def kept_neighbours(codes: np.ndarray, points: np.ndarray) -> float:
    """The mean share of each code's nearest codes (N, D) that are also among the nearest points (N, 2) of its own."""
    near, shown = _nearest(codes), _nearest(points)
    return float(np.mean([len(np.intersect1d(a, b)) / NEIGHBOURS for a, b in zip(near, shown, strict=True)]))


def _nearest(points: np.ndarray) -> np.ndarray:
    """The indices (N, NEIGHBOURS) of the nearest other points."""
    squares = (points.astype(np.float64) ** 2).sum(axis=1)
    distances = squares[:, np.newaxis] + squares - 2 * points.astype(np.float64) @ points.astype(np.float64).T
    np.fill_diagonal(distances, np.inf)
    return np.argpartition(distances, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]


def _umap():
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its parts about one another
            import umap
    except ImportError:
        raise MapError("The map needs umap-learn: pip install umap-learn.") from None
    return umap


def _base64(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
