"""Codes: what lies between two pictures, for the network."""

import streamlit as st

from cae.imaging.drawing import seen
from cae.imaging.strokes import rasterise
from cae.ui import resources
from cae.ui.assets import examples_name
from cae.ui.components.between import between
from cae.ui.controls import model_choice, prepare
from cae.ui.state import Drawing, Playground, kept, state


def page() -> None:
    """The whole page; the model is that of Play."""
    models, own = resources.small_models(), state(Playground)
    key = kept(Playground, "model", models)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title("What lies between?", anchor=False, width="content")
        if len(models) > 1:
            model_choice(models, key)
    prepare(own.model)
    source = resources.source(own.model)
    names = list(source.examples.drawings)
    drawn = seen(rasterise(state(Drawing).strokes), source.examples.fit if own.fit and source.label else None)
    picture = None if drawn is None else drawn.image
    picture = picture if own.view is None else own.view.original
    first = (names[-1], names[len(names) // 2])
    between(picture, examples_name(source.examples), first, resources.model(own.model), fitted=bool(source.label))
