"""What is kept of one visitor: everything in `st.session_state`, typed, and the keys of all widgets.

No other module touches `st.session_state`. `state(Drawing)` is the visitor's own `Drawing`, there from the first time
that somebody asks for it until the visitor goes. What a widget holds lives under its key and is forgotten by Streamlit
as soon as a page does not show it; `kept` makes it a field, which stays.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from cae.codec.round_trip import RoundTrip
from cae.imaging.examples import Examples
from cae.imaging.noise import Noise
from cae.imaging.strokes import Stroke
from cae.ui.components.play import Edit, View
from cae.ui.job import OwnJob
from cae.ui.pages.compress.study import Study

DATA_SET, EVIDENCE_TAB, TRAIN_TAB = "set", "show", "tab"
"""Keys of widgets that are also parameters of the address."""


@dataclass
class Drawing:
    """What is on the drawing pad; the same on all pages that show it."""

    strokes: tuple[Stroke, ...] = ()
    version: int = 0
    """Counts the drawings that were put on the pad from here; the pad then shows them in place of its own."""
    examples: Examples | None = None
    """Those that were offered last."""
    handed_over: dict[str, Any] | None = None
    """What the pad was given; it stays the same as long as the visitor draws, so that it need not be sent again."""

    def put(self, strokes: tuple[Stroke, ...]) -> None:
        """Put a drawing on the pad."""
        self.strokes = strokes
        self.version += 1


@dataclass
class Uploaded:
    """The picture that the visitor has uploaded; the same on all pages."""

    data: bytes | None = None
    """The file's content; None: there is none."""
    name: str = ""
    """Another one for each upload."""
    title: str = ""
    """What the file is called."""
    square: tuple[int, int, int] | None = None
    """Left, top and side, in pixels, of what the visitor wants of it; None: it is found."""
    ticks: dict[str, bool] = field(default_factory=dict)
    """What the visitor has ticked or unticked of its preparation."""


@dataclass
class Playground:
    """The playground's choices, and its last result."""

    model: str = ""
    source: str = ""
    test_index: int | None = None
    fit: bool = True
    """Whether drawings are centred and resized as the training images were."""
    noise: Noise | None = None
    edit: Edit | None = None
    """Of the code of the picture that it names."""
    view: View | None = None
    """What the network made of a picture last."""


@dataclass
class Codes:
    """The choice on the page Codes."""

    part: str = ""
    """ "between" or "map"."""


@dataclass
class Compress:
    """The page Compress's choices, its background job and its last results."""

    model: str = ""
    source: str = ""
    quality: int = 5
    job: OwnJob = field(default_factory=OwnJob)
    trip: tuple[Hashable, RoundTrip] | None = None
    """Of the picture on the page, if it is a small one, by the names of picture, codec and engine."""
    study: Study | None = None
    """Of the picture on which the pen rested last, or that was compressed last."""
    opened: tuple[str, list[np.ndarray], bytes] | None = None
    """A hash of the .cae file that was opened last, its pictures as large as is shown, and the first as a PNG."""


@dataclass
class Data:
    """The data page's choice of samples."""

    seed: int | None = None


class Gallery:
    """The gallery's widgets alone."""


class Collapse:
    """The collapse's widgets alone."""


Kind = TypeVar("Kind")


def state(kind: type[Kind]) -> Kind:
    """The visitor's own instance of one of the classes above."""
    name = kind.__name__
    if name not in st.session_state:
        st.session_state[name] = kind()
    return st.session_state[name]


def put(instance: object) -> None:
    """Let `instance` be the visitor's own of its kind from now on."""
    st.session_state[type(instance).__name__] = instance


def held(key: str) -> Any:
    """What the widget of that key holds; None where there is nothing."""
    return st.session_state.get(key)


def widget(kind: type, name: str, *of: str) -> str:
    """The key of a widget on a page.

    Args:
        kind: the page's class above.
        name: of the widget.
        of: what the widget's value belongs to, such as an upload's `file_id`, so that nothing of it leaks to the next.
    """
    return "_".join((kind.__name__.lower(), name, *of))


def kept(kind: type, name: str, options: Sequence) -> str:
    """The key of a widget that chooses the field `name` of `state(kind)`; to be asked for before field and widget.

    A choice that is not, or no longer, among the options gives way to the field's last value, or to the first option.
    """
    page: Any = state(kind)
    key = widget(kind, name)
    choices = (st.session_state.get(key), getattr(page, name), options[0])
    chosen = next(choice for choice in choices if choice in options)
    setattr(page, name, chosen)
    st.session_state[key] = chosen  # at each run: the browser forgets a widget that a fragment leaves out once
    return key


def run_anew_if_changed(kind: type, *names: str) -> None:
    """In a fragment: run the whole page if a widget of `kept` holds another choice than the page was run with.

    The browser sends changes of the same moment in one message; if one of them comes from a fragment, it asks for that
    fragment alone, and the page would never be run with a choice made beside it.
    """
    page: Any = state(kind)
    if any(held(widget(kind, name)) not in (None, getattr(page, name)) for name in names):
        st.rerun()


def reported(component: str, name: str) -> Any:
    """What a component in the browser has reported under a name, unchecked; None before it did."""
    try:
        return st.session_state[component][name]
    except (AttributeError, KeyError, TypeError):
        return None
