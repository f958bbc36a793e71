"""Noise that a picture may carry: Gaussian, and salt and pepper; and what the denoiser is trained against."""

import numpy as np

from cae.imaging.pixels import quantise

GAUSSIAN, SALT_AND_PEPPER = "gaussian", "salt_and_pepper"
STRONGEST = {GAUSSIAN: 0.5, SALT_AND_PEPPER: 0.2}
"""The standard deviation over [0, 1], and the share of pixels, up to which the denoiser is trained."""
Noise = tuple[str, float]
"""A kind and its strength."""
CLEAN_SHARE = 0.25
"""Of the denoiser's training images, so that it tells them from those with noise."""


def noise_of(kind: str, strength: float) -> Noise:
    """That noise; raises `ValueError` where it is none that the denoiser is trained against."""
    if kind not in STRONGEST or not 0 <= strength <= STRONGEST[kind]:
        raise ValueError(f"There is no noise {kind!r} of strength {strength}.")
    return kind, strength


def add_noise(images: np.ndarray, kind: str, strength: float | np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Images (N, H, W, 1) in [0, 1] → the same with noise, float32 in [0, 1].

    Gaussian noise of standard deviation `strength` is added, and what leaves [0, 1] is clipped. Salt and pepper turns
    the share `strength` of the pixels white or black, as many one as the other on average. A strength for each image
    comes as an array (N, 1, 1, 1).

    Raises:
        ValueError: there is no such kind of noise.
    """
    images = np.asarray(images, np.float32)
    if kind == GAUSSIAN:
        noise = rng.standard_normal(images.shape, np.float32)
        return np.clip(images + noise * np.float32(strength), 0, 1)
    if kind == SALT_AND_PEPPER:
        chance = rng.random(images.shape, np.float32)
        return np.where(chance < strength, (chance < np.divide(strength, 2)).astype(np.float32), images)
    raise ValueError(f"There is no noise of the kind {kind!r}, only {GAUSSIAN} and {SALT_AND_PEPPER}.")


def noisy_picture(picture: np.ndarray, kind: str, strength: float, rng: np.random.Generator) -> np.ndarray:
    """A picture uint8 (H, W) with noise, rounded to 8 bits again; arguments and errors as of `add_noise`."""
    return quantise(add_noise(picture / np.float32(255), kind, strength, rng))


def add_training_noise(images: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Corrupt three quarters of the images, as in one epoch of the denoiser's training.

    Args:
        images: float32 (N, H, W, 1) in [0, 1].

    Returns:
        The indices of the noisy images, (M,), and these images with noise, float32 (M, H, W, 1). Every other one has
        Gaussian noise, the others salt and pepper; strengths are uniform from 0 to the strongest.
    """
    chosen = rng.permutation(len(images))[: round(len(images) * (1 - CLEAN_SHARE))]
    noisy = np.empty((len(chosen), *images.shape[1:]), np.float32)
    for offset, (kind, strongest) in enumerate(STRONGEST.items()):
        part = chosen[offset :: len(STRONGEST)]
        strengths = rng.uniform(0, strongest, (len(part), 1, 1, 1)).astype(np.float32)
        noisy[offset :: len(STRONGEST)] = add_noise(images[part], kind, strengths, rng)
    return chosen, noisy
