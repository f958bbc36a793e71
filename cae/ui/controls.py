"""What the pages with a drawing pad have in common: choices in a row, and examples that belong to a model."""

from typing import Any

import streamlit as st

from cae.imaging.examples import Examples, examples_for
from cae.ui import resources
from cae.ui.state import Drawing, state, widget

FIRST_EXAMPLES = {"mnist": "3", "fashion_mnist": "Ankle boot"}


def choice(label: str, options: list[str], **more: Any) -> str:
    """One of the options, side by side, the first unless another is chosen; the label is for those who cannot see."""
    chosen = st.segmented_control(label, options, required=True, label_visibility="collapsed", wrap=True, **more)
    return chosen if chosen in options else options[0]


def model_choice(models: list[str], key: str) -> None:
    """Which model, by its title."""
    choice("Which model", models, key=key, format_func=lambda name: resources.TITLES.get(name, name))


def prepare(model: str) -> Examples:
    """The examples for a model; puts one on the pad, unless the visitor has drawn something, here or elsewhere."""
    drawing, data_set = state(Drawing), resources.model(model).data_set
    examples = examples_for(data_set)
    if drawing.data_set != data_set:
        untouched = [()] if drawing.data_set is None else examples_for(drawing.data_set).drawings.values()
        drawing.data_set = data_set
        if drawing.strokes in untouched:
            drawing.put(examples.drawings[FIRST_EXAMPLES.get(data_set, "3")])
    return examples


def example_buttons(examples: Examples, page: type) -> None:
    """A button for each example."""
    with st.container(horizontal=True, gap="xxsmall", width="content"):
        for name, strokes in examples.drawings.items():
            st.button(name, key=widget(page, "example", name), on_click=state(Drawing).put, args=(strokes,))
