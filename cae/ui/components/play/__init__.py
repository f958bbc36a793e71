"""Play: the pad, the panels from the picture to the denoised picture, the code that can be edited, the loss curves.

The browser reports four things under the component's key: "drawing", as every pad does; "choices", whether drawings are
fitted and what noise is wanted; "code", what the code was changed to; and "square", what is to be taken of an uploaded
picture. `cae.ui.pages.playground` answers them.
"""

import base64
import contextlib
import hashlib
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from cae.imaging.noise import Noise, noise_of
from cae.model import store
from cae.model.specification import DECODER, ENCODER, Layer
from cae.ui.assets import curves, layer_figures, model_file
from cae.ui.components import register

KEY = "play"
MOST = 1000.0
"""The largest magnitude of an edited value."""


@dataclass(frozen=True)
class Edit:
    """What a visitor has changed the code of a picture to."""

    of: str
    """The name of the view whose latent it replaces; "": of the next one, whatever it is."""
    latent: np.ndarray
    """float32 (7, 7, 1)."""


@dataclass(frozen=True)
class View:
    """What the panels show. Images are uint8 (28, 28), latents float32 (7, 7, 1); None: not there (yet).

    Where the original was given noise, `noisy` is what the encoder saw. Where the code was edited, `reconstruction` and
    `denoised` are of `edited`, and not of `latent`.
    """

    original: np.ndarray
    latent: np.ndarray | None = None
    reconstruction: np.ndarray | None = None
    denoised: np.ndarray | None = None
    noisy: np.ndarray | None = None
    edited: np.ndarray | None = None
    name: str = ""
    """The same for the same picture, noise and network."""
    note: str = ""


def choices(reported: object) -> tuple[bool, Noise | None] | None:
    """Whether drawings are fitted, and the noise, as the browser reports them; None for anything else."""
    match reported:
        case {"fit": bool(fit), "noise": None}:
            return fit, None
        case {"fit": bool(fit), "noise": [str(kind), int() | float() as strength]}:
            with contextlib.suppress(ValueError):
                return fit, noise_of(kind, float(strength))
    return None


def drawn_at(reported: object) -> int | None:
    """The time, by the browser's clock, that it gives with the drawing it reports; None for anything else."""
    match reported:
        case {"time": int(time)}:
            return time
    return None


def edited(reported: object, name: str, kept: Edit | None) -> Edit | None:
    """The edited code of the view of that name: as the browser reports it, or else as it is kept; None: not edited."""
    match reported:
        case {"of": str(of), "values": None} if of == name:
            return None
        case {"of": str(of), "values": str(values)} if of == name:
            latent = code_of(values)
            if latent is not None:
                return Edit(name, latent)
    return Edit(name, kept.latent) if kept is not None and kept.of in ("", name) else None


def code_of(reported: object) -> np.ndarray | None:
    """The code that the browser reports: 49 little-endian float32 in base64 → (7, 7, 1); None for anything else."""
    try:
        code = np.frombuffer(base64.b64decode(str(reported), validate=True), "<f4").reshape(7, 7, 1)
    except ValueError:
        return None
    return code if np.isfinite(code).all() and np.abs(code).max() <= MOST else None


def name_of(network: str, image: np.ndarray, noisy: np.ndarray | None) -> str:
    """A hash that is the same for the same network, picture and noise."""
    parts = [network.encode(), image.tobytes(), b"" if noisy is None else noisy.tobytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def play(
    view: View,
    model: store.Pretrained,
    latent_range: tuple[float, float],
    published: dict[str, float],
    *,
    pad: dict[str, Any] | None,
    drawn: int | None,
    frame: tuple[float, float, float] | None,
    picture: dict[str, Any] | None,
    layers: tuple[tuple[Layer, ...], tuple[Layer, ...]],
    examples: str,
    fit: dict[str, str],
    chosen: tuple[bool, Noise | None],
    address: dict[str, str | None],
) -> None:
    """Show everything; what the browser reports is there in the next run.

    Args:
        view: what the panels show.
        model: whose weights, snapshots and loss curves the browser fetches itself, when it needs them.
        latent_range: the values that the ends of the latent's colour bar stand for.
        published: losses by training, "autoencoder" or "denoiser", to compare with.
        pad: what the pad is handed; None where the picture does not come from it.
        drawn: `drawn_at` of the drawing that the view is of, or None: so that the browser knows an answer that its hand
            has overtaken.
        frame: left, top and side, in pad units, of the square that the network sees.
        picture: what the pad gives way to: "url" of a small copy, "size" of the picture, "square" that is taken of it
            (left, top and side in its pixels; None: as it is), and "of", its name, which the report names, too.
        layers: of the model's encoder and decoder.
        examples: the set of drawings to offer, as `constants.js` names it.
        fit: "label" and "help" of the choice whether drawings are fitted; the label is empty where there is none.
        chosen: the choices to begin with.
        address: parameters for the address of the page.
    """
    images = {
        "original": view.original,
        "noisy": view.noisy,
        "reconstruction": view.reconstruction,
        "denoised": view.denoised,
    }
    parts = {"encoder": "encoder", "decoder": "decoder"} | ({"denoiser": "denoiser"} if model.has_denoiser else {})
    data: dict[str, Any] = {
        "pad": pad,
        "drawn": drawn,
        "frame": frame,
        "picture": picture,
        "examples": examples,
        "fit": fit,
        "choices": {"fit": chosen[0], "noise": chosen[1]},
        "pixels": {name: _base64(image) for name, image in images.items() if image is not None},
        "latent": None if view.latent is None else _base64(view.latent.astype("<f4")),
        "code": None if view.edited is None else _base64(view.edited.astype("<f4")),
        "latentRange": [float(limit) for limit in latent_range],
        "name": view.name,
        "note": view.note,
        "model": {part: model_file(model, f"{file}.safetensors") for part, file in parts.items()},
        "curves": curves(model, published, partial(model_file, model)),
        "address": address,
    }
    if layers != (ENCODER, DECODER):  # which the browser knows
        data["layers"] = layer_figures(*layers)
    _mount(
        key=KEY,
        data=data,
        on_drawing_change=lambda: None,
        on_choices_change=lambda: None,
        on_code_change=lambda: None,
        on_square_change=lambda: None,
    )


def _base64(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


_mount = register("play", "<div class='play'><div class='pad'></div></div>", styles=("drawing_pad", "play"))
