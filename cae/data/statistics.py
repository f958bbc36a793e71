"""Statistics of a data set: mean and variance images, counts of pixel values and classes."""

from dataclasses import dataclass

import numpy as np

CHUNK = 5_000
"""Images squared at a time."""


@dataclass(frozen=True)
class Description:
    """Figures of N images; means and variances are over [0, 1], float64."""

    means: np.ndarray
    """(classes + 1, H, W): of all images, then of each class."""
    variances: np.ndarray
    """(classes + 1, H, W)."""
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
    return Description(means, _with_total(squares) / totals / 255**2 - means**2, counts, histogram)


def _with_total(by_class: np.ndarray) -> np.ndarray:
    return np.concatenate([by_class.sum(axis=0, keepdims=True), by_class])
