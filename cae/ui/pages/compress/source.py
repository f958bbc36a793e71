"""Where the page Compress's picture comes from: the drawing pad, an example, or a file."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from cae.data.source import Source as DataSource
from cae.imaging.colour import luma
from cae.imaging.drawing import seen
from cae.imaging.examples import Examples
from cae.imaging.reading import Picture
from cae.imaging.strokes import rasterise
from cae.ui.components.drawing_pad import drawing_pad
from cae.ui.pages.compress.study import views
from cae.ui.state import Compress, Playground, state, widget
from cae.ui.upload import prepared, uploader
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
    """What the network sees of the pad, (28, 28), as on Play; None where it is empty."""
    found = seen(rasterise(drawing_pad()), examples.fit if state(Playground).fit else None)
    return None if found is None else _small(found.image)


def uploaded(data: DataSource, in_colour: bool) -> Source | None:
    """A visitor's picture; None where there is none yet, or none that can be read.

    With `in_colour` it is as it is; else fitted to (28, 28), unless the visitor wants it as it is.
    """
    upload = uploader(Compress)
    if upload is None:
        return None
    if not in_colour:
        key = widget(Compress, "how")
        if st.radio("How it is compressed", [FIT, AS_IT_IS], key=key, label_visibility="collapsed") == FIT:
            return _small(prepared(upload, data, Compress).image)
        st.caption("The network has learned from small pictures of one kind only: of others it makes what it can.")
    facts = upload.facts
    shape = (facts.height, facts.width, 3) if facts.colour and in_colour else (facts.height, facts.width)
    return Source(
        (upload.name, upload.upright),
        shape,
        lambda: made(upload.data, _views, len(shape), upright=upload.upright),
        lambda: made(upload.data, _as_it_is, len(shape), upright=upload.upright),
    )


def _as_it_is(picture: Picture, dimensions: int) -> np.ndarray:
    return picture.pixels if dimensions == 3 else luma(picture.pixels)


def _views(picture: Picture, dimensions: int) -> dict[str, np.ndarray]:
    return views(_as_it_is(picture, dimensions))


def _small(picture: np.ndarray) -> Source:
    return Source(picture.tobytes(), picture.shape, lambda: views(picture), lambda: picture)
