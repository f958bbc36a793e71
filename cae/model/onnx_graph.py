"""The network as ONNX graphs, one for each half: what ONNX Runtime runs without Keras and TensorFlow.

They are made of the weights of a model folder and lie in `FOLDER` within it, each named after the version of the model:
graphs of other weights are never taken for these.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cae.model import store
from cae.model.specification import DECODER, ENCODER, Convolution, Layer, Pool, Upsample
from cae.model.store import Pretrained

FOLDER = ".onnx"
HALVES: dict[str, tuple[str, tuple[Layer, ...]]] = {"encode": ("encoder", ENCODER), "decode": ("decoder", DECODER)}
OPSET, IR = 17, 8
"""The versions of ONNX that the graphs are written in: read by every ONNX Runtime since 1.14 (2023)."""


def path(model: Pretrained, part: str, half: str) -> Path:
    """Where the graph of a half, "encode" or "decode", of a network, "autoencoder" or "denoiser", lies."""
    return model.folder / FOLDER / f"{part}-{half}-{model.version[:16]}.onnx"


def parts(model: Pretrained) -> dict[str, tuple[str, ...]]:
    """The files with the weights of each of a model's networks, as `Pretrained.weights` takes them."""
    return {"autoencoder": ("encoder", "decoder")} | ({"denoiser": ("denoiser",)} if model.has_denoiser else {})


def export(model: Pretrained) -> None:
    """Write a model's graphs in place of those of an earlier version.

    Raises:
        PretrainedError: the weights cannot be read, or are not those of this network.
    """
    graphs = {}
    for part, files in parts(model).items():
        weights = model.weights(*files)
        for half in HALVES:
            try:
                graphs[path(model, part, half)] = graph(weights, half)
            except KeyError:
                raise store.PretrainedError(f"The weights of {model.name} are not those of this network.") from None
    shutil.rmtree(model.folder / FOLDER, ignore_errors=True)
    for file, content in graphs.items():
        store.write(model.folder, str(file.relative_to(model.folder)), content)


def graph(weights: Mapping[str, np.ndarray], half: str) -> bytes:
    """A half of the network as an ONNX file: input (N, 1, H, W) → output, float32, for any N, H and W.

    Raises:
        KeyError: a weight is missing.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    name, layers = HALVES[half]
    nodes, constants, x = [], [], "input"

    def constant(label: str, values: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(values, np.float32), label))
        return label

    for number, layer in enumerate(layers, start=1):
        label = f"{name}_{number:02d}"
        match layer:
            case Pool():
                nodes.append(helper.make_node("MaxPool", [x], [label], kernel_shape=[2, 2], strides=[2, 2]))
            case Upsample():
                scales = constant(f"{label}_scales", np.array([1, 1, 2, 2]))
                nearest = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
                nodes.append(helper.make_node("Resize", [x, "", scales], [label], **nearest))
            case Convolution():
                kernel = weights[f"{label}_conv/kernel"].transpose(3, 2, 0, 1)  # filters first, then channels
                inputs = [
                    x,
                    constant(f"{label}_kernel", kernel),
                    constant(f"{label}_bias", weights[f"{label}_conv/bias"]),
                ]
                edge = layer.kernel // 2
                nodes.append(helper.make_node("Conv", inputs, [label], pads=[edge] * 4))
                if layer.activation != "linear":
                    nodes.append(
                        helper.make_node(layer.activation.capitalize(), [label], [f"{label}_{layer.activation}"])
                    )
                    label = f"{label}_{layer.activation}"
        x = label
    shape: list[str | int | None] = ["N", 1, "H", "W"]
    value = helper.make_tensor_value_info
    nodes.append(helper.make_node("Identity", [x], ["output"]))
    whole = helper.make_graph(
        nodes, name, [value("input", TensorProto.FLOAT, shape)], [value("output", TensorProto.FLOAT, shape)], constants
    )
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    onnx.checker.check_model(model)
    return model.SerializeToString()
