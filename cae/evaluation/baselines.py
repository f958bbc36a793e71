"""Baselines for the network: a constant image, the mean image, principal components (PCA or KLT), a median filter.

Those that are fitted take training images uint8 (N, H, W); all give float32 (N, H, W, 1) in [0, 1], in steps of 1/255.
"""

from dataclasses import dataclass

import numpy as np

from cae.imaging.pixels import eight_bits

CHUNK = 5_000
"""Images held in float64 at a time."""


def constant_image(training: np.ndarray, count: int) -> np.ndarray:
    """The best single grey, the mean of all pixels of all training images, `count` times: (count, H, W, 1)."""
    grey = eight_bits(np.array(training.mean(dtype=np.float64) / 255))
    return np.full((count, *training.shape[1:], 1), grey)


def mean_image(training: np.ndarray, count: int) -> np.ndarray:
    """The best single image, each pixel's mean over the training images, `count` times: (count, H, W, 1)."""
    mean = eight_bits(training.mean(axis=0, dtype=np.float64) / 255)
    return np.repeat(mean[np.newaxis, ..., np.newaxis], count, axis=0)


def median_filter(images: np.ndarray) -> np.ndarray:
    """Noisy pictures float32 (N, H, W, 1) in [0, 1] → the same, each pixel the median of its 3×3 neighbourhood.

    Source: J. Tukey, "Exploratory data analysis", 1977; the border is repeated outwards.
    """
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    _, height, width, _ = images.shape
    shifted = [padded[:, y : y + height, x : x + width] for y in range(3) for x in range(3)]
    return np.median(np.stack(shifted), axis=0)


@dataclass(frozen=True)
class PCA:
    """The best linear code: the mean image (H, W) and orthonormal components (k, H·W), largest variance first."""

    mean: np.ndarray
    components: np.ndarray

    @classmethod
    def fit(cls, images: np.ndarray, components: int = 49) -> "PCA":
        """The eigenvectors with the largest eigenvalues of the pixels' covariance matrix, in float64.

        Source: K. Pearson, "On lines and planes of closest fit to systems of points in space", 1901.

        Raises:
            ValueError: `images` is not uint8 (N, H, W), or has fewer pixels than components are asked for.
        """
        _check(images)
        pixels = images[0].size
        if not 1 <= components <= pixels:
            raise ValueError(f"There are 1 to {pixels} components, not {components}.")
        mean = images.mean(axis=0, dtype=np.float64) / 255
        scatter = np.zeros((pixels, pixels))
        for start in range(0, len(images), CHUNK):
            centred = _rows(images[start : start + CHUNK]) - mean.ravel()
            scatter += centred.T @ centred
        _, vectors = np.linalg.eigh(scatter / len(images))  # ascending
        return cls(mean, np.ascontiguousarray(vectors[:, ::-1][:, :components].T))

    def first(self, components: int) -> "PCA":
        """The same with so many components, or all if there are fewer."""
        return PCA(self.mean, self.components[:components])

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Images uint8 (N, H, W) → codes float64 (N, k), unbounded. Raises `ValueError` for another kind of array."""
        _check(images)
        chunks = (images[start : start + CHUNK] for start in range(0, len(images), CHUNK))
        codes = [(_rows(chunk) - self.mean.ravel()) @ self.components.T for chunk in chunks]
        return np.concatenate(codes or [np.zeros((0, len(self.components)))])

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Codes (N, k) → images float32 (N, H, W, 1) in [0, 1], in steps of 1/255."""
        rows = codes @ self.components + self.mean.ravel()
        return eight_bits(rows).reshape(-1, *self.mean.shape, 1)


def _rows(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).astype(np.float64) / 255


def _check(images: np.ndarray) -> None:
    if images.dtype != np.uint8 or images.ndim != 3:
        raise ValueError(f"Images must be uint8 (N, H, W), not {images.dtype} {images.shape}.")
