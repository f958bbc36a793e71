"""An autoencoder of a few narrow layers, for what is true of any: Keras builds, traces and trains it in a moment."""

import keras

from cae.model.network import build_network
from cae.model.specification import Convolution, Layer, Pool, Upsample

ENCODER: tuple[Layer, ...] = (Convolution(9, 3), Pool(), Pool(), Convolution(1, 1, "linear"))
DECODER: tuple[Layer, ...] = (Convolution(2, 1), Upsample(), Convolution(9, 3), Upsample(), Convolution(1, 3, "tanh"))


def small_autoencoder(seed: int) -> tuple[keras.Model, keras.Model]:
    """Images (N, 28, 28, 1) → codes (N, 7, 7, 1) → images. As in the full one, some layers are Muon's, some Adam's."""
    encoder = build_network("encoder", ENCODER, (28, 28, 1), seed)
    return encoder, build_network("decoder", DECODER, (7, 7, 1), seed + 1)
