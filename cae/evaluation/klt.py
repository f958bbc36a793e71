"""Linear transform coding, to compare a learned codec with: KLT, dead-zone quantiser, one table for each coefficient.

The range coder is the learned codec's.

Sources: V. Goyal, "Theoretical foundations of transform coding", 2001; the dead zone: G. Sullivan, "Efficient scalar
quantization of exponential and Laplacian random variables", 1996.
"""

from dataclasses import dataclass

import numpy as np

from cae.codec.range_coder import RangeDecoder, RangeEncoder, from_counts
from cae.evaluation.baselines import PCA

COMPONENTS = 300
"""Coefficients that are coded; at the finest step measured, the others are zero in nearly all images."""
ROUNDING = 1 / 3
"""Magnitudes are rounded down below n + 2/3, so that zero's bin is 4/3 of a step wide."""


@dataclass(frozen=True)
class KLT:
    """A codec for images uint8 (N, H, W), all in one stream without header."""

    pca: PCA
    step: float
    """The quantiser's step, for pixels in [0, 1]."""
    limits: np.ndarray
    """int64 (k,): the largest magnitude of each coefficient's symbols."""
    frequencies: tuple[np.ndarray, ...]
    """For each coefficient, int64 (2·limit + 1,): frequencies of the symbols from −limit to limit, 2²⁴ in all."""
    points: tuple[np.ndarray, ...]
    """For each coefficient, float64 (2·limit + 1,): each symbol's value, the mean of the training data in its bin."""

    @classmethod
    def fit(cls, pca: PCA, codes: np.ndarray, step: float) -> "KLT":
        """Fit the tables on the PCA's codes (N, k) of the training images."""
        limits, tables, points = [], [], []
        for column in codes.T:
            symbols = _quantise(column, step)
            limit = int(np.abs(symbols).max())
            counts = np.bincount(symbols + limit, minlength=2 * limit + 1)
            sums = np.bincount(symbols + limit, column, minlength=2 * limit + 1)
            centres = np.arange(-limit, limit + 1) * step
            limits.append(limit)
            tables.append(from_counts(counts))
            points.append(np.divide(sums, counts, out=centres, where=counts > 0))
        return cls(pca, step, np.array(limits), tuple(tables), tuple(points))

    def encode(self, images: np.ndarray) -> bytes:
        """Images → payload. Coefficients are clipped to the range of the training images'."""
        encoder = RangeEncoder()
        symbols = _quantise(self.pca.encode(images), self.step)
        for column, limit, table in zip(symbols.T, self.limits, self.frequencies, strict=True):
            if limit:
                encoder.encode(np.clip(column, -limit, limit) + limit, table)
        return encoder.finish()

    def decode(self, payload: bytes, count: int) -> np.ndarray:
        """Payload → `count` images float32 (count, H, W, 1) in [0, 1], in steps of 1/255."""
        decoder = RangeDecoder(payload)
        codes = np.empty((count, len(self.limits)))
        for index, (limit, table, points) in enumerate(zip(self.limits, self.frequencies, self.points, strict=True)):
            codes[:, index] = points[decoder.decode(table, count)] if limit else points[0]
        return self.pca.decode(codes)


def _quantise(values: np.ndarray, step: float) -> np.ndarray:
    return (np.sign(values) * np.floor(np.abs(values) / step + ROUNDING)).astype(np.int64)
