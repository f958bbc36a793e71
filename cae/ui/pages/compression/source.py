"""Where the compression page's picture comes from: the drawing pad, an example, or a file."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from cae.imaging.colour import luma
from cae.imaging.examples import Examples
from cae.imaging.pixels import quantise
from cae.imaging.preprocessing import fit_square, is_blank
from cae.imaging.reading import ImageError, Picture
from cae.imaging.strokes import rasterise
from cae.ui import uploads
from cae.ui.components.drawing_pad import drawing_pad
from cae.ui.pages.compression.study import views
from cae.ui.state import Compression, widget
from cae.ui.uploads import made

FIT, AS_IT_IS = "Fitted to 28×28", "As it is, in grey"


@dataclass(frozen=True)
class Source:
    """A picture that is read only when it is needed: a large one takes a while, and would fill the memory."""

    name: Hashable
    """The same as long as the picture is."""
    shape: tuple[int, ...]
    """(H, W) or (H, W, 3)."""
    views: Callable[[], dict[str, np.ndarray]]
    """Gives what is shown of the picture, as `study.views` does."""
    read: Callable[[], np.ndarray]
    """Gives the picture, uint8."""


def drawn(examples: Examples) -> Source | None:
    """What is on the pad, fitted to (28, 28); None where it is empty."""
    ink = rasterise(drawing_pad())
    return None if is_blank(ink) else _small(quantise(examples.fit(ink))[..., 0])


def uploaded(examples: Examples, in_colour: bool) -> Source | None:
    """A visitor's picture; None where there is none yet, or none that can be read.

    With `in_colour` it is as it is; else fitted to (28, 28), unless the visitor wants it as it is.
    """
    file = st.file_uploader("A picture: PNG, JPEG, WebP, BMP or GIF, up to 10 MB", key=widget(Compression, "upload"))
    if file is None:
        return None
    data = file.getvalue()
    try:
        facts = made(data, uploads.facts)
    except ImageError as problem:
        st.error(str(problem), icon=":material/broken_image:")
        return None
    how = AS_IT_IS
    if not in_colour:
        key = widget(Compression, "how")
        how = st.radio("How it is compressed", [FIT, AS_IT_IS], key=key, label_visibility="collapsed")
    st.caption("; ".join([f"{facts.width:,} × {facts.height:,} pixels", *facts.remarks]))
    if how == FIT:
        return _small(_fitted(data, facts, examples, file.file_id))
    if not in_colour:
        st.caption("The network has learned from small pictures of one kind only: of others it makes what it can.")
    shape = (facts.height, facts.width, 3) if facts.colour and in_colour else (facts.height, facts.width)
    return Source(
        file.file_id, shape, lambda: made(data, _views, len(shape)), lambda: made(data, _as_it_is, len(shape))
    )


def _as_it_is(picture: Picture, dimensions: int) -> np.ndarray:
    return picture.pixels if dimensions == 3 else luma(picture.pixels)


def _views(picture: Picture, dimensions: int) -> dict[str, np.ndarray]:
    return views(_as_it_is(picture, dimensions))


def _fitted(data: bytes, facts: uploads.Facts, examples: Examples, name: str) -> np.ndarray:
    """Cut out and centred as the training images are, uint8 (28, 28)."""
    if facts.blank:
        st.warning("The picture is one even grey: there is little in it to compress.", icon=":material/info:")
        return made(data, uploads.fitted, fit_square, False, False)
    inverted = st.checkbox(
        "Light and dark exchanged",
        value=facts.light,
        key=widget(Compression, "invert", name),
        help="The network has learned light things on black.",
    )
    fitted = made(data, uploads.fitted, examples.fit, inverted)
    if is_blank(fitted / np.float32(255)):
        return made(data, uploads.fitted, fit_square, inverted, False)
    return fitted


def _small(picture: np.ndarray) -> Source:
    return Source(picture.tobytes(), picture.shape, lambda: views(picture), lambda: picture)
