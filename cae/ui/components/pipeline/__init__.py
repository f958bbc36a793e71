"""The row of panels: original ▸ (noisy) ▸ encoder ▸ latent ▸ decoder ▸ reconstruction ▸ denoised, and the error map."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from plotly.colors import sample_colorscale

from cae.imaging import metrics
from cae.imaging.pixels import quantise
from cae.model.specification import DECODER, ENCODER, LayerSize, layer_sizes
from cae.ui import colours

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class View:
    """What the panels show. Images are float32 (28, 28, 1) in [0, 1], the latent is (7, 7, 1); None: not there (yet).

    Where the original was given noise, `noisy` is what the encoder saw.
    """

    original: np.ndarray
    latent: np.ndarray | None = None
    reconstruction: np.ndarray | None = None
    denoised: np.ndarray | None = None
    noisy: np.ndarray | None = None
    note: str = ""


def pipeline(view: View, latent_range: tuple[float, float], curves: list[dict], *, key: str = "pipeline") -> None:
    """Show the panels and the loss curves.

    Args:
        view: what the panels show.
        latent_range: the values that the ends of the latent's colour bar stand for.
        curves: a training each, {"name", "loss": […], "val_loss": […], "published": number or None}.
    """
    images = {
        "original": view.original,
        "noisy": view.noisy,
        "reconstruction": view.reconstruction,
        "denoised": view.denoised,
    }
    shown = {name: quantise(image) for name, image in images.items() if image is not None}
    data = {
        "pixels": {name: _base64(image) for name, image in shown.items()},
        "latent": None if view.latent is None else _base64(view.latent.astype("<f4")),
        "latentRange": [float(limit) for limit in latent_range],
        "quality": _quality(shown),
        "note": view.note,
        "curves": curves,
    }
    _component(key=key, data=data)


def _quality(shown: dict[str, np.ndarray]) -> dict[str, dict[str, float | None]]:
    """MSE over [0, 1], PSNR in dB (None where the images are equal) and SSIM of each 8-bit image but the original."""
    names = [name for name in shown if name != "original"]
    if not names:
        return {}
    images = np.stack([shown[name] for name in names]).reshape(-1, 28, 28, 1) / 255
    originals = np.broadcast_to(shown["original"].reshape(1, 28, 28, 1) / 255, images.shape)
    figures = zip(
        metrics.mse(originals, images), metrics.psnr(originals, images), metrics.ssim(originals, images), strict=True
    )
    return {
        name: {"mse": float(mse), "psnr": float(psnr) if np.isfinite(psnr) else None, "ssim": float(ssim)}
        for name, (mse, psnr, ssim) in zip(names, figures, strict=True)
    }


def _base64(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def _colours(scale: str) -> str:
    """256 RGB triples of a Plotly colour scale."""
    triples = sample_colorscale(scale, np.linspace(0, 1, 256), colortype="tuple")
    return _base64(np.rint(np.array(triples) * 255).astype(np.uint8))


def _funnel(layers: list[LayerSize]) -> list[dict]:
    return [
        {"name": layer.description, "side": layer.side, "channels": layer.channels, "parameters": layer.parameters}
        for layer in layers
    ]


_FIXED = {
    "colours": {"latent": _colours("Viridis"), "error": _colours("RdBu_r")},
    "stages": {
        "encoder": colours.ENCODER,
        "latent": colours.LATENT,
        "decoder": colours.DECODER,
        "denoiser": colours.DENOISER,
    },
    "layers": {"encoder": _funnel(layer_sizes(ENCODER, 28)), "decoder": _funnel(layer_sizes(DECODER, 7))},
}

# What never changes is part of the script: little has to travel when the pen moves.
_component = st.components.v2.component(
    "cae_pipeline",
    html="<div class='pipeline'></div>",
    css=(_HERE / "pipeline.css").read_text("utf-8"),
    js=f"const FIXED = {json.dumps(_FIXED)};\n"
    + (_HERE / "loss_curves.js").read_text("utf-8")
    + (_HERE / "pipeline.js").read_text("utf-8"),
)
