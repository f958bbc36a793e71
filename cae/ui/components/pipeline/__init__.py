"""The row of panels: original ▸ (noisy) ▸ encoder ▸ latent ▸ decoder ▸ reconstruction ▸ denoised, and the error map."""

import base64
from dataclasses import dataclass

import numpy as np

from cae.imaging import metrics
from cae.ui.assets import model_file
from cae.ui.components import register


@dataclass(frozen=True)
class View:
    """What the panels show. Images are uint8 (28, 28), the latent is float32 (7, 7, 1); None: not there (yet).

    Where the original was given noise, `noisy` is what the encoder saw.
    """

    original: np.ndarray
    latent: np.ndarray | None = None
    reconstruction: np.ndarray | None = None
    denoised: np.ndarray | None = None
    noisy: np.ndarray | None = None
    note: str = ""


def pipeline(
    view: View, latent_range: tuple[float, float], model: str, published: dict[str, float], *, key: str = "pipeline"
) -> None:
    """Show the panels and the loss curves, which the browser fetches itself, once, from the model's history.

    Args:
        view: what the panels show.
        latent_range: the values that the ends of the latent's colour bar stand for.
        model: whose loss curves.
        published: losses by training, "autoencoder" or "denoiser", to compare with.
    """
    images = {
        "original": view.original,
        "noisy": view.noisy,
        "reconstruction": view.reconstruction,
        "denoised": view.denoised,
    }
    shown = {name: image for name, image in images.items() if image is not None}
    data = {
        "pixels": {name: _base64(image) for name, image in shown.items()},
        "latent": None if view.latent is None else _base64(view.latent.astype("<f4")),
        "latentRange": [float(limit) for limit in latent_range],
        "quality": _quality(shown),
        "note": view.note,
        "curves": {"history": model_file(model, "history.json"), "published": published},
    }
    _component(key=key, data=data)


def _quality(shown: dict[str, np.ndarray]) -> dict[str, dict[str, float | None]]:
    """MSE over [0, 1], PSNR in dB (None where the images are equal) and SSIM of each image but the original."""
    names = [name for name in shown if name != "original"]
    if not names:
        return {}
    images = np.stack([shown[name] for name in names])
    originals = np.broadcast_to(shown["original"], images.shape)
    figures = zip(
        metrics.mse(originals, images), metrics.psnr(originals, images), metrics.ssim(originals, images), strict=True
    )
    return {
        name: {"mse": float(mse), "psnr": float(psnr) if np.isfinite(psnr) else None, "ssim": float(ssim)}
        for name, (mse, psnr, ssim) in zip(names, figures, strict=True)
    }


def _base64(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


_component = register("pipeline", "<div class='pipeline'></div>")
