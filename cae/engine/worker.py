"""The engine's child: loads the models into Keras and answers the requests of `cae.engine.client`.

    python -m cae.engine.worker ROOT

It reads pickled requests from standard input, writes pickled answers to standard output, and ends when standard input
does.
"""

import contextlib
import os
import pickle
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from cae.engine.process import FROM_CODE
from cae.model import store
from cae.model.store import PretrainedError

WARMED = (1, 2, 4, 8, 16)
"""The sizes of the batches in which requests of several visitors are answered together."""
MOST_KEPT = 24
"""Networks in memory; the one that has not been asked for longest is forgotten first."""


def _serve(root: Path) -> None:
    """Load and warm the first model, say what it runs on, then answer requests until standard input ends.

    The other models, and batches of other sizes, are warmed while nobody asks for anything.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the answers
    requests: queue.SimpleQueue = queue.SimpleQueue()
    threading.Thread(target=_read_requests, args=(requests,), daemon=True).start()

    from cae.model import devices

    networks = Networks(root)
    names = [model.name for model in store.available(root)[0]]
    cold = [(name, count) for count in WARMED for name in names]
    if cold:
        _warm(networks, *cold.pop(0))
    message: Any = devices.describe()
    while True:
        pickle.dump(message, answers, protocol=5)
        answers.flush()
        while cold and requests.empty():
            _warm(networks, *cold.pop(0))
        message = _answer(networks, *requests.get())


def _warm(networks: "Networks", name: str, count: int) -> None:
    """Do every operation once on so many images, since the first time may take seconds."""
    with contextlib.suppress(PretrainedError):  # the first request for it reports the error
        for operation, function in networks.get(name).items():
            function(np.zeros((count, 7, 7, 1) if operation in FROM_CODE else (count, 28, 28, 1), np.float32))


def _read_requests(requests: queue.SimpleQueue) -> None:
    """A thread of its own, so that the end of the parent is noticed during a computation, too."""
    while True:
        try:
            requests.put(pickle.load(sys.stdin.buffer))
        except (EOFError, pickle.UnpicklingError):
            os._exit(0)


def _answer(networks: "Networks", operation: str, name: str, array: np.ndarray) -> tuple:
    try:
        network = networks.get(name)
        start = perf_counter()
        outputs = network[operation](array)
        return "done", outputs, 1000 * (perf_counter() - start)
    except PretrainedError as error:
        return "unavailable", str(error)
    except Exception:
        return "failed", traceback.format_exc()


class Networks:
    """The models' operations, kept from the first request for a model until a newer version of it is asked for."""

    def __init__(self, root: Path, most: int = MOST_KEPT) -> None:
        self.root, self.most = root, most
        self._kept: dict[str, tuple[str, dict[str, Callable]]] = {}  # version and operations by name, the latest last

    def get(self, network: str) -> dict[str, Callable]:
        """The operations of NAME, as its folder is now, or of NAME@VERSION.

        Raises:
            PretrainedError: the folder is missing or broken, or holds neither that version nor is it kept.
        """
        name, _, version = network.partition("@")
        kept, operations = self._kept.get(name, ("", {}))
        if not version or version != kept:
            model = store.load(name, self.root)
            if version not in ("", model.version):
                raise PretrainedError(f"The model {name} has changed since it was loaded: load it again.")
            if model.version != kept:
                kept, operations = model.version, _operations(model)
        self._kept.pop(name, None)
        self._kept[name] = kept, operations
        if len(self._kept) > self.most:
            del self._kept[next(iter(self._kept))]
        return operations


def _operations(model: store.Pretrained) -> dict[str, Callable]:
    """What can be done with a model, by name."""
    encode, decode = _pair(model, "encoder", "decoder")
    further: tuple[Callable, ...] = ()
    if model.has_denoiser:
        from cae.model.denoising import denoised

        encode_again, decode_again = _pair(model, "denoiser")
        further = (lambda y: denoised(y, decode_again(encode_again(y)), decode(encode(y))),)

    def run(x):
        z = encode(x)
        y = decode(z)
        return z, y, *(each(y) for each in further)

    def redraw(z):
        y = decode(z)
        return y, *(each(y) for each in further)

    functions = {"encode": lambda x: (encode(x),), "decode": lambda z: (decode(z),), "run": run, "redraw": redraw}
    return {name: _compiled(function) for name, function in functions.items()}


def _pair(model: store.Pretrained, *parts: str) -> tuple[Callable, Callable]:
    """Encoder and decoder with the weights in those files, for any height and width; pictures come out in [0, 1]."""
    from keras import ops

    from cae.model.network import build_decoder, build_encoder, set_weights

    encoder, decoder = build_encoder(height=None, width=None), build_decoder(height=None, width=None)
    try:
        set_weights(model.weights(*parts), encoder, decoder)
    except (KeyError, ValueError):
        raise PretrainedError(f"The weights of the model {model.name} are not those of this network.") from None
    return lambda x: encoder(x, training=False), lambda z: ops.clip(decoder(z, training=False), 0.0, 1.0)


def _compiled(function: Callable) -> Callable[[np.ndarray], list[np.ndarray]]:
    """The function as one graph, or as near to it as the Keras backend comes, from and to NumPy arrays."""
    import keras

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


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
