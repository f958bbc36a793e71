"""A model's operations by ONNX Runtime: the light engine, without Keras and TensorFlow, for hosts with little memory.

It runs graphs that `cae export-onnx` has made of the models' weights.
"""

from collections.abc import Callable

import numpy as np
import onnxruntime

from cae.model import onnx_graph
from cae.model.cores import usable_cores
from cae.model.denoising import denoised
from cae.model.store import Pretrained, PretrainedError

Operation = Callable[[np.ndarray], list[np.ndarray]]


def describe() -> str:
    """What the network runs on, e.g. "CPU, 2 cores, ONNX Runtime"."""
    return f"CPU, {usable_cores()} cores, ONNX Runtime"


def operations(model: Pretrained) -> dict[str, Operation]:
    """What can be done with a model, by name; each takes and gives float32 arrays (N, H, W, 1).

    Raises:
        PretrainedError: the model's graphs have not been made.
    """
    halves = {part: [_half(model, part, half) for half in onnx_graph.HALVES] for part in onnx_graph.parts(model)}
    encode, decode_unclipped = halves["autoencoder"]

    def decode(z: np.ndarray) -> np.ndarray:
        return np.clip(decode_unclipped(z), 0, 1)

    def drawn(z: np.ndarray) -> list[np.ndarray]:
        y = decode(z)
        if "denoiser" not in halves:
            return [y]
        encode_again, decode_again = halves["denoiser"]
        return [y, denoised(y, np.clip(decode_again(encode_again(y)), 0, 1), decode(encode(y)))]

    def run(x: np.ndarray) -> list[np.ndarray]:
        z = encode(x)
        return [z, *drawn(z)]

    return {
        "encode": lambda x: [encode(x)],
        "decode": lambda z: [decode(z)],
        "run": run,
        "redraw": drawn,
    }


def _half(model: Pretrained, part: str, half: str) -> Callable[[np.ndarray], np.ndarray]:
    """Half a network: (N, H, W, 1) → (N, H', W', 1)."""
    path = onnx_graph.path(model, part, half)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = usable_cores()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # the threads of all graphs would spin
    options.enable_cpu_mem_arena = False  # it keeps the memory of the largest picture ever seen
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own, which have no base in common
        raise PretrainedError(
            f"The model {model.name} has no ONNX graphs of its present weights: run `cae export-onnx`."
        ) from error

    def compute(array: np.ndarray) -> np.ndarray:
        # With one channel, channels first and channels last are the same numbers in the same order.
        n, height, width, _ = array.shape
        (output,) = session.run(None, {"input": array.reshape(n, 1, height, width)})
        return output.transpose(0, 2, 3, 1)

    return compute
