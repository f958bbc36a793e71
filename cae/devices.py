"""What the network runs on, whatever the Keras backend: the device's name, and whether it computes in bfloat16."""

import os
from pathlib import Path

import keras


def describe() -> str:
    """The device that Keras uses, e.g. "NVIDIA H200" or "CPU, 2 cores"."""
    return (
        _gpu_name()
        or f"CPU, {len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()} cores"
    )


def precision() -> str:
    """The Keras dtype policy that suits the device: mixed_bfloat16 where it is done in hardware, else float32."""
    return "mixed_bfloat16" if _has_bfloat16() else "float32"


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
