"""The denoised picture: a mixture of the denoiser's output and of twicing, by how noisy the reconstruction appears.

The denoiser is a second instance of the network, applied to the reconstruction. It removes noise, but each pass through
49 numbers also loses detail. A second pass of the autoencoder over its own reconstruction estimates that loss; adding
the loss back improves a clean reconstruction. This is twicing (Tukey, Exploratory Data Analysis, 1977) with an
autoencoder as the smoother. Both networks change a picture the less, the more it is like the clean pictures that they
were trained on, so the size of their changes decides the share of each.
"""

from typing import Any

import numpy as np

Array = Any
"""A NumPy array, or a tensor of Keras' backend."""
CHANGE_OF_NOISE = 2e-3
"""The geometric mean of both networks' mean squared changes at which the denoiser's output and twicing have equal
shares. Chosen on images held out of training, clean and with five kinds of noise: of ½, 1, 2, 4 and 8·10⁻³ the smallest
with which clean pictures still gain; a larger one costs more and more where there is noise."""


def denoised(reconstruction: Array, answer: Array, second_pass: Array, ops: Any = np) -> Array:
    """Mix the denoiser's output and twicing: pictures (N, H, W, 1) in [0, 1] → an array of that shape and range.

    Args:
        reconstruction: the autoencoder's output for the original.
        answer: the denoiser's output for the reconstruction.
        second_pass: the autoencoder's output for the reconstruction.
        ops: what has `mean` and `clip` for such arrays: NumPy, or `keras.ops` for tensors.
    """

    def change(after: Array) -> Array:
        return ops.mean((reconstruction - after) ** 2, axis=(1, 2, 3), keepdims=True)

    noise = change(answer) * change(second_pass)
    share = noise / (noise + CHANGE_OF_NOISE**2)
    return ops.clip(share * answer + (1 - share) * twiced(reconstruction, second_pass), 0.0, 1.0)


def twiced(reconstruction: Array, second_pass: Array) -> Array:
    """The reconstruction plus the difference that a second pass makes, not clipped."""
    return reconstruction + (reconstruction - second_pass)
