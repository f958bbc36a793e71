"""The network once more in plain NumPy, one kernel tap after the other: what the Keras models are tested against."""

from collections.abc import Mapping

import numpy as np


def encode(weights: Mapping[str, np.ndarray], images: np.ndarray) -> np.ndarray:
    """Images (N, H, W, 1) → latents float64 (N, H/4, W/4, 1)."""
    x = images
    for index in (1, 2):
        x = relu(convolve(x, weights, f"encoder_{index:02d}"))
    x = pool(x)
    for index in (4, 5, 6):
        x = relu(convolve(x, weights, f"encoder_{index:02d}"))
    x = pool(x)
    for index in (8, 9):
        x = relu(convolve(x, weights, f"encoder_{index:02d}"))
    return convolve(x, weights, "encoder_10")


def decode(weights: Mapping[str, np.ndarray], latents: np.ndarray) -> np.ndarray:
    """Latents (N, h, w, 1) → images float64 (N, 4h, 4w, 1) in (−1, 1)."""
    x = latents
    for index in (1, 2, 3):
        x = relu(convolve(x, weights, f"decoder_{index:02d}"))
    x = upsample(x)
    for index in (5, 6, 7):
        x = relu(convolve(x, weights, f"decoder_{index:02d}"))
    x = relu(convolve(upsample(x), weights, "decoder_09"))
    return np.tanh(convolve(x, weights, "decoder_10"))


def convolve(x: np.ndarray, weights: Mapping[str, np.ndarray], layer: str) -> np.ndarray:
    kernel = weights[f"{layer}_conv/kernel"].astype(np.float64)
    n, height, width, _ = x.shape
    side = kernel.shape[0]
    edge = side // 2
    padded = np.zeros((n, height + 2 * edge, width + 2 * edge, x.shape[3]))
    padded[:, edge : edge + height, edge : edge + width] = x
    y = np.zeros((n, height, width, kernel.shape[3])) + weights[f"{layer}_conv/bias"]
    for row in range(side):
        for column in range(side):
            y += padded[:, row : row + height, column : column + width] @ kernel[row, column]
    return y


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def pool(x: np.ndarray) -> np.ndarray:
    left, right = np.maximum(x[:, ::2], x[:, 1::2])[:, :, ::2], np.maximum(x[:, ::2], x[:, 1::2])[:, :, 1::2]
    return np.maximum(left, right)


def upsample(x: np.ndarray) -> np.ndarray:
    return x.repeat(2, axis=1).repeat(2, axis=2)
