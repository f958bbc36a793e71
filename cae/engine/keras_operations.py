"""A model's operations by Keras, on whatever backend it has: TensorFlow, JAX or PyTorch."""

from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from cae.model.denoising import denoised
from cae.model.devices import describe
from cae.model.network import build_like
from cae.model.store import Pretrained, PretrainedError

__all__ = ["describe", "operations"]


def operations(model: Pretrained) -> dict[str, Callable]:
    """What can be done with a model, by name."""
    encode, decode = _pair(model, "encoder", "decoder")
    further: tuple[Callable, ...] = ()
    if model.has_denoiser:
        encode_again, decode_again = _pair(model, "denoiser")
        further = (lambda y: denoised(y, decode_again(encode_again(y)), decode(encode(y)), ops),)

    def run(x):
        z = encode(x)
        y = decode(z)
        return z, y, *(each(y) for each in further)

    def redraw(z):
        y = decode(z)
        return y, *(each(y) for each in further)

    functions = {"encode": lambda x: (encode(x),), "decode": lambda z: (decode(z),), "run": run, "redraw": redraw}
    return {name: _compiled(function) for name, function in functions.items()}


def _pair(model: Pretrained, *parts: str) -> tuple[Callable, Callable]:
    """Encoder and decoder with the weights in those files, for any height and width; pictures come out in [0, 1]."""
    try:
        encoder, decoder = build_like(model.weights(*parts))
    except (KeyError, ValueError):
        raise PretrainedError(f"The weights of the model {model.name} are not those of this network.") from None
    return lambda x: encoder(x, training=False), lambda z: ops.clip(decoder(z, training=False), 0.0, 1.0)


def _compiled(function: Callable) -> Callable[[np.ndarray], list[np.ndarray]]:
    """The function as one graph, or as near to it as the Keras backend comes, from and to NumPy arrays."""
    match keras.backend.backend():
        case "tensorflow":
            import tensorflow as tf

            # One open signature: as fast as one for each shape, within 5 %, and never traced again.
            signature = [tf.TensorSpec((None, None, None, 1), tf.float32)]
            function = tf.function(function, input_signature=signature, autograph=False)
        case "jax":
            import jax

            function = jax.jit(function)
        case "torch":
            import torch

            function = torch.no_grad()(function)
    return lambda array: [np.asarray(keras.ops.convert_to_numpy(output)) for output in function(array)]
