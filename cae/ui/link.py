"""What the address carries, so that a link or a reload shows the same: model, drawing, noise, and the edited code.

docs/address.md lists all parameters. Here are m, x, d (as `cae.imaging.stroke_text` writes it), fit, n, part and z.
"""

import string
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from cae.imaging.examples import Examples
from cae.imaging.noise import noise_of
from cae.imaging.reading import ImageError
from cae.imaging.stroke_text import LONGEST, strokes_from_text, strokes_to_text
from cae.model.specification import SCALE, SIDE
from cae.ui import resources
from cae.ui.components.carried import carried
from cae.ui.components.play import Edit
from cae.ui.state import Codes, Compress, Drawing, Playground, state

DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
STEP, ZERO = 0.01, 2048
CELLS = SIDE // SCALE


@dataclass
class Visit:
    """Whether the address that a visitor came with has been read."""

    restored: bool = False


def parameters(examples: Examples) -> dict[str, str | None]:
    """The parameters for the visitor's model, drawing and choices; None: not in the address."""
    own, strokes = state(Playground), state(Drawing).strokes
    example = next((name for name, drawing in examples.drawings.items() if drawing == strokes), None)
    drawn = None if example or not strokes else strokes_to_text(strokes)
    return {
        "m": own.model or None,
        "x": example,
        "d": drawn if drawn and len(drawn) <= LONGEST else None,
        "fit": None if own.fit else "0",
        "n": f"{own.noise[0]}-{own.noise[1]:.3g}" if own.noise else None,
        "z": code_to_text(own.edit.latent) if own.edit else None,
    }


def carry(page: str) -> None:
    """Show the visitor's picture on the page of that name, which is not Play, and let its address carry it."""
    own, found = state(Playground), resources.models()
    examples = resources.source(own.model if own.model in found else found[0]).examples
    carried(None if own.view is None else own.view.original, page, parameters(examples))


def restore() -> None:
    """Take over what the address carries, once a visit; what cannot be read is left out, and one sentence says so."""
    visit = state(Visit)
    if visit.restored:
        return
    visit.restored = True
    own, drawing = state(Playground), state(Drawing)
    unread = [
        name
        for name, take in _TAKEN.items()
        if name in st.query_params and not _taken(take, st.query_params[name], own, drawing)
    ]
    if unread:
        st.toast(
            "A part of this link could not be read; the rest is shown.", icon=":material/link_off:", duration="long"
        )


def code_to_text(latent: np.ndarray) -> str:
    """float32 (7, 7, 1) → 98 characters; values beyond ±20.47 are cut off."""
    symbols = np.clip(np.rint(latent.ravel() / STEP) + ZERO, 0, len(DIGITS) ** 2 - 1).astype(int)
    return "".join(DIGITS[symbol // len(DIGITS)] + DIGITS[symbol % len(DIGITS)] for symbol in symbols)


def code_from_text(text: str) -> np.ndarray:
    """The inverse of `code_to_text`, to a hundredth. Raises `ValueError` for any other text."""
    if len(text) != 2 * CELLS**2:
        raise ValueError(f"A code has {2 * CELLS**2} characters, not {len(text)}.")
    values = [DIGITS.index(digit) for digit in text]
    symbols = np.array(values[::2]) * len(DIGITS) + values[1::2]
    return ((symbols - ZERO) * STEP).astype(np.float32).reshape(CELLS, CELLS, 1)


def _taken(take: Callable[[str, Playground, Drawing], None], text: str, own: Playground, drawing: Drawing) -> bool:
    try:
        take(text, own, drawing)
    except (ValueError, KeyError, ImageError):
        return False
    return True


def _model(text: str, own: Playground, _: Drawing) -> None:
    if text not in resources.models():
        raise KeyError(text)
    own.model = state(Compress).model = text


def _example(text: str, own: Playground, drawing: Drawing) -> None:
    drawing.put(resources.source(own.model or resources.models()[0]).examples.drawings[text])


def _drawing(text: str, _: Playground, drawing: Drawing) -> None:
    drawing.put(strokes_from_text(text))


def _fit(text: str, own: Playground, _: Drawing) -> None:
    own.fit = text != "0"


def _noise(text: str, own: Playground, _: Drawing) -> None:
    kind, _hyphen, strength = text.rpartition("-")
    own.noise = noise_of(kind, float(strength))


def _code(text: str, own: Playground, _: Drawing) -> None:
    own.edit = Edit("", code_from_text(text))


def _part(text: str, _own: Playground, _: Drawing) -> None:
    if text not in ("between", "map"):
        raise ValueError(text)
    state(Codes).part = text


_TAKEN = {"m": _model, "x": _example, "d": _drawing, "fit": _fit, "n": _noise, "z": _code, "part": _part}
