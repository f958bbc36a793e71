"""Codes: what lies between two pictures, for the network, and where the codes of many lie."""

import numpy as np
import streamlit as st

from cae.data import sources
from cae.evaluation import code_map as maps
from cae.imaging.drawing import seen
from cae.imaging.strokes import rasterise
from cae.ui import resources
from cae.ui.assets import examples_name
from cae.ui.components.between import between
from cae.ui.components.code_map import code_map
from cae.ui.components.play import Edit
from cae.ui.controls import choice, model_choice, prepare
from cae.ui.state import Codes, Drawing, Playground, kept, state

PARTS = {"between": "Between two", "map": "Map"}


def page() -> None:
    """The whole page; the model is that of Play."""
    models, own = resources.small_models(), state(Playground)
    key = kept(Playground, "model", models)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title("What lies between?", anchor=False, width="content")
        # Not bound to the address, which the parts write: from a page with bound parameters no code can lead to Play.
        part = choice("What to show", list(PARTS), key=kept(Codes, "part", list(PARTS)), format_func=PARTS.__getitem__)
        if len(models) > 1:
            model_choice(models, key)
    prepare(own.model)
    {"between": _between, "map": _map}[part]()


def _between() -> None:
    model = state(Playground).model
    source = resources.source(model)
    names = list(source.examples.drawings)
    first = (names[-1], names[len(names) // 2])
    between(_picture(), examples_name(source.examples), first, resources.model(model), fitted=bool(source.label))


def _map() -> None:
    own = state(Playground)
    model = resources.model(own.model)
    if maps.read(model) is None:
        st.info(f"There is no map of this model's codes yet: `{sources.command('map', model)}` makes one.")
        return
    taken = code_map(_picture(), model, resources.examples(own.model).latent_range)
    if taken is not None:
        own.edit = Edit("", taken)
        st.switch_page(st.Page(lambda: None, default=True))  # Streamlit looks at the path


def _picture() -> np.ndarray | None:
    """The visitor's picture, uint8 (28, 28): what Play shows, or else what is on the pad; None: there is none."""
    own, source = state(Playground), resources.source(state(Playground).model)
    if own.view is not None:
        return own.view.original
    drawn = seen(rasterise(state(Drawing).strokes), source.examples.fit if own.fit and source.label else None)
    return None if drawn is None else drawn.image
