"""A model's outputs for test images, ranked by their errors."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cae.engine.client import Result
from cae.imaging import metrics

STEP = 8
"""Images per request, and between two reports of progress."""


@dataclass(frozen=True)
class Outputs:
    """Test images, labels (N,), and the network's outputs; all pictures are uint8 (N, 28, 28)."""

    images: np.ndarray
    labels: np.ndarray
    reconstruction: np.ndarray
    denoised: np.ndarray | None
    errors: np.ndarray
    """Mean squared error of each reconstruction, (N,)."""
    denoised_errors: np.ndarray | None

    def ranked(self, label: int | None, count: int) -> dict[str, np.ndarray]:
        """The indices of the `count` images with the smallest, median and largest errors, of one class or of all.

        There are fewer in each group where images are few, since no image is in two groups.
        """
        chosen = np.arange(len(self.errors)) if label is None else np.flatnonzero(self.labels == label)
        order = chosen[np.argsort(self.errors[chosen], kind="stable")]
        count = min(count, len(order) // 3)
        middle = (len(order) - count) // 2
        return {
            "Best": order[:count],
            "Median": order[middle : middle + count],
            "Worst": order[len(order) - count :][::-1],
        }


def compute(
    run: Callable[[np.ndarray], Result], images: np.ndarray, labels: np.ndarray, advance: Callable[[int], None]
) -> Outputs:
    """Run a network over test images uint8 (N, 28, 28); `advance(n)` is called after each n images."""
    results = []
    for start in range(0, len(images), STEP):
        results.append(run(images[start : start + STEP]))
        advance(len(results[-1].latent))
    reconstruction = np.concatenate([result.reconstruction for result in results])
    has_denoiser = results[0].denoised is not None
    denoised = np.concatenate([result.denoised for result in results]) if has_denoiser else None
    return Outputs(
        images,
        labels,
        reconstruction,
        denoised,
        metrics.mse(reconstruction, images),
        None if denoised is None else metrics.mse(denoised, images),
    )
