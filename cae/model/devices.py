"""What the network runs on, whatever the Keras backend: the device's name, how many, and what it does well."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras

from cae.model.cores import usable_cores

STEPS_ON_GPU = 25
"""Training steps that a GPU takes at once."""


def describe() -> str:
    """The device that Keras uses, e.g. "NVIDIA H200", "2 × NVIDIA H200" or "CPU, 2 cores"."""
    distribution = keras.distribution.distribution()
    several = f"{distribution.num_model_replicas} × " if distribution else ""
    return several + (_gpu_name() or f"CPU, {usable_cores()} cores")


@contextmanager
def shared(*counts: int) -> Iterator[None]:
    """Build and train on several devices, each with an equal part of every batch (with JAX; else on one).

    As many take part as divide all `counts`: the images in a batch and in each set, whose last batch may be smaller.
    """
    devices = keras.distribution.list_devices() if keras.backend.backend() == "jax" else []
    taking_part = math.gcd(len(devices), *counts) if devices else 1
    if taking_part == 1:
        yield
        return
    with keras.distribution.DataParallel(devices=devices[:taking_part]).scope():
        yield


def has_gpu() -> bool:
    """Whether Keras uses a GPU."""
    return _gpu_name() is not None


def steps_per_execution() -> int:
    """Training steps between two visits to Python, for which a GPU would have to wait; a CPU gains nothing."""
    return STEPS_ON_GPU if has_gpu() else 1


def precision() -> str:
    """The Keras dtype policy that suits the device: mixed_bfloat16 where it is done in hardware, else float32."""
    return "mixed_bfloat16" if _has_bfloat16() else "float32"


@contextmanager
def dtype_policy() -> Iterator[None]:
    """Build under the precision that suits the device, and leave Keras as it was."""
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy(precision())
    try:
        yield
    finally:
        keras.mixed_precision.set_dtype_policy(before)


def _gpu_name() -> str | None:
    match keras.backend.backend():
        case "tensorflow":
            import tensorflow as tf

            for gpu in tf.config.list_physical_devices("GPU"):
                return tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name)
        case "jax":
            import jax

            if jax.default_backend() == "gpu":
                return jax.devices()[0].device_kind
        case "torch":
            import torch

            if torch.cuda.is_available():
                return torch.cuda.get_device_name()
    return None


def _has_bfloat16() -> bool:
    if _gpu_name():
        return _gpu_has_bfloat16()
    cpuinfo = Path("/proc/cpuinfo")
    flags = cpuinfo.read_text() if cpuinfo.exists() else ""
    return "avx512_bf16" in flags or "amx_bf16" in flags


def _gpu_has_bfloat16() -> bool:
    """Whether the GPU is of NVIDIA's Ampere generation (compute capability 8) or newer."""
    match keras.backend.backend():
        case "tensorflow":
            import tensorflow as tf

            gpu = tf.config.list_physical_devices("GPU")[0]
            return tf.config.experimental.get_device_details(gpu).get("compute_capability", (0, 0))[0] >= 8
        case "jax":
            import jax

            return float(getattr(jax.devices()[0], "compute_capability", 0)) >= 8
        case _:
            import torch

            return torch.cuda.is_bf16_supported()
