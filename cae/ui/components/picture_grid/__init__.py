"""Small pictures side by side, each with its text; their pixels have hard edges, but for photographs."""

import base64
from dataclasses import asdict, dataclass

import numpy as np
from plotly.colors import sample_colorscale

from cae.imaging.pixels import quantise, to_png
from cae.ui.colours import ERROR_LIMIT, palette
from cae.ui.colours import ERROR_SCALE as ERROR_COLOURS
from cae.ui.components import register

HARD_EDGES = 64
"""Pictures of at most so many pixels a side show each pixel as a square; larger ones are shown smoothly."""


@dataclass(frozen=True)
class Picture:
    """A picture as a PNG in a data URL, and what it shows in words."""

    src: str
    alt: str


@dataclass(frozen=True)
class Column:
    """The heading over the pictures of a column, and the colour of the stage they come from."""

    label: str
    colour: str = ""


@dataclass(frozen=True)
class Row:
    """Pictures side by side, one for each column, and what stands below them, or with `captions_left` beside them."""

    pictures: list[Picture]
    caption: str = ""


@dataclass(frozen=True)
class Group:
    """Rows of pictures under one title."""

    rows: list[Row]
    title: str = ""
    columns: tuple[Column, ...] = ()


def picture_grid(
    groups: list[Group],
    *,
    key: str,
    width: int = 0,
    captions_left: bool = False,
    hide_after: int = 0,
    scale: tuple[str, str, str] | None = None,
    smooth: bool = False,
) -> None:
    """Show groups of pictures, as many beside each other as there is room for.

    Args:
        groups: what to show.
        key: a name of its own on the page.
        width: the least width of a group in pixels; 0: each takes a line of its own.
        captions_left: the rows' captions stand beside the pictures instead of below, where there is room.
        hide_after: on narrow screens only so many pictures of each row are shown; 0: all.
        scale: a colour bar below: the name of its colours as in `coloured`, the words at its ends.
        smooth: for photographs: in their own proportions, and without hard edges.
    """
    bar = scale and {"colours": _gradient(scale[0]), "low": scale[1], "high": scale[2]}
    data = {
        "groups": [asdict(group) for group in groups],
        "width": width,
        "captionsLeft": captions_left,
        "hideAfter": hide_after,
        "scale": bar,
        "smooth": smooth,
    }
    _component(key=key, data=data)


def picture(pixels: np.ndarray, alt: str) -> Picture:
    """A picture uint8 (H, W) or (H, W, 3), and what it shows in words."""
    return Picture("data:image/png;base64," + base64.b64encode(to_png(pixels)).decode(), alt)


def is_smooth(pixels: np.ndarray) -> bool:
    """Whether a picture is large enough to be shown without hard pixel edges."""
    return max(pixels.shape[:2]) > HARD_EDGES


def coloured(values: np.ndarray, low: float, high: float, colours: str, alt: str) -> Picture:
    """Values, (H, W) or (H, W, 1), in a Plotly colour scale from `low` to `high`."""
    steps = quantise((values - low) / (high - low)).reshape(values.shape[:2])
    return picture(palette(colours)[steps], alt)


def error_map(difference: np.ndarray, alt: str) -> Picture:
    """Answer minus original: red where it is too bright, blue where too dark, always from −0.5 to 0.5."""
    return coloured(difference, -ERROR_LIMIT, ERROR_LIMIT, ERROR_COLOURS, alt)


ERROR_SCALE = (ERROR_COLOURS, "−0.5: too dark", "0.5: too bright")


def _gradient(colours: str) -> str:
    return ", ".join(sample_colorscale(colours, np.linspace(0, 1, 9)))


_component = register("picture_grid", "<div class='grid'></div>")
