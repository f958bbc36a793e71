"""Statistics of a data set: mean and variance images, counts of pixel values and classes.

The counts of the published data sets are kept beside this file, and can be told where the sets themselves are missing.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CHUNK = 5_000
"""Images squared at a time."""


FIGURES = Path(__file__).with_name("figures.json")
"""`tools/describe_data.py` writes it."""


@dataclass(frozen=True)
class Counts:
    """What can be counted in N images; mean and variance are over [0, 1]."""

    counts: np.ndarray
    """(classes,): images of each class."""
    histogram: np.ndarray
    """(256,): pixels of each value."""

    @property
    def mean(self) -> float:
        """The mean of all pixels."""
        return float(self.histogram @ np.arange(256) / self.histogram.sum() / 255)

    @property
    def variance(self) -> float:
        """The variance of all pixels: the loss of the best constant grey image."""
        return float(self.histogram @ np.square(np.arange(256) / 255) / self.histogram.sum() - self.mean**2)


@dataclass(frozen=True)
class Description(Counts):
    """The same with images, float64."""

    means: np.ndarray
    """(classes + 1, H, W): of all images, then of each class."""
    variances: np.ndarray
    """(classes + 1, H, W)."""


@dataclass(frozen=True)
class Published(Counts):
    """The counts of a published data set's training images, with its classes and the test images of each."""

    classes: tuple[str, ...]
    test_counts: np.ndarray


def published(name: str) -> Published:
    """The counts of "mnist" or "fashion_mnist", which need no data set on this machine."""
    figures = json.loads(FIGURES.read_text("utf-8"))[name]
    counts, histogram, test_counts = (np.array(figures[key]) for key in ("counts", "histogram", "test_counts"))
    return Published(counts, histogram, tuple(figures["classes"]), test_counts)


def describe(images: np.ndarray, labels: np.ndarray, classes: int = 10) -> Description:
    """The figures of images uint8 (N, H, W) with labels (N,) from 0 to `classes` − 1, each occurring at least once."""
    sums = np.zeros((classes, *images.shape[1:]), np.uint64)
    squares = np.zeros_like(sums)
    histogram = np.zeros(256, np.int64)
    for start in range(0, len(images), CHUNK):
        chunk, chunk_labels = images[start : start + CHUNK], labels[start : start + CHUNK]
        histogram += np.bincount(chunk.ravel(), minlength=256)
        for label in np.unique(chunk_labels):
            of_class = chunk[chunk_labels == label].astype(np.uint32)
            sums[label] += of_class.sum(axis=0, dtype=np.uint64)
            squares[label] += np.square(of_class).sum(axis=0, dtype=np.uint64)
    counts = np.bincount(labels, minlength=classes)
    totals = np.concatenate([[counts.sum()], counts])[:, None, None]
    means = _with_total(sums) / totals / 255
    return Description(counts, histogram, means, _with_total(squares) / totals / 255**2 - means**2)


def _with_total(by_class: np.ndarray) -> np.ndarray:
    return np.concatenate([by_class.sum(axis=0, keepdims=True), by_class])
