"""How a reconstruction is denoised: by what the denoiser makes of it, and by what a second pass would lose of it.

The denoiser is a second instance of the network, so that what it answers has passed through the code once more, and
every pass loses something. Of a reconstruction that carries what noise has left behind, it takes away far more than it
loses; to a clean one it can only do harm. But of that, the autoencoder's answer to its own reconstruction tells how
much a pass loses, and adding just that back makes a clean reconstruction better: twicing (Tukey, Exploratory Data
Analysis, 1977), with an autoencoder in the smoother's place. How much the two networks change the reconstruction tells
the two cases apart: both give a picture back the less changed, the more it is like the clean ones they have learned.
"""

from keras import ops

CHANGE_OF_NOISE = 2e-3
"""The mean squared change, the two networks' geometric mean, at which the denoiser's answer and twicing count alike;
chosen on clean and noisy training images."""


def denoised(reconstruction, answer, second_pass):
    """Pictures in [0, 1], tensors or arrays (N, H, W, 1) → denoised pictures in [0, 1], a tensor of that shape.

    Args:
        reconstruction: what the autoencoder made of the original.
        answer: what the denoiser's network makes of the reconstruction.
        second_pass: what the autoencoder makes of the reconstruction.
    """
    noise = _change(reconstruction, answer) * _change(reconstruction, second_pass)
    share = noise / (noise + CHANGE_OF_NOISE**2)
    return ops.clip(share * answer + (1 - share) * twiced(reconstruction, second_pass), 0.0, 1.0)


def twiced(reconstruction, second_pass):
    """A reconstruction with what a second pass loses of it added, not clipped."""
    return reconstruction + (reconstruction - second_pass)


def _change(before, after):
    return ops.mean((before - after) ** 2, axis=(1, 2, 3), keepdims=True)
