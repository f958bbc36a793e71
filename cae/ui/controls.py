"""What the pages with a drawing pad have in common: choices in a row, and examples that belong to a model."""

from typing import Any

import streamlit as st

from cae.imaging.examples import Examples
from cae.ui import resources
from cae.ui.state import Drawing, state, widget


def choice(label: str, options: list[str], **more: Any) -> str:
    """One of the options, side by side, the first unless another is chosen; the label is for those who cannot see."""
    chosen = st.segmented_control(label, options, required=True, label_visibility="collapsed", wrap=True, **more)
    return chosen if chosen in options else options[0]


def model_choice(models: list[str], key: str) -> None:
    """Which model, by its title."""
    choice("Which model", models, key=key, format_func=resources.title)


def prepare(model: str) -> Examples:
    """The examples for a model; puts one on the pad, unless the visitor has drawn something, here or elsewhere."""
    drawing, examples = state(Drawing), resources.source(model).examples
    if drawing.examples != examples:
        untouched = [()] if drawing.examples is None else drawing.examples.drawings.values()
        drawing.examples = examples
        if drawing.strokes in untouched:
            drawing.put(examples.drawings[examples.first])
    return examples


def example_buttons(examples: Examples, page: type) -> None:
    """A button for each example."""
    with st.container(horizontal=True, gap="xxsmall", width="content"):
        for name, strokes in examples.drawings.items():
            st.button(name, key=widget(page, "example", name), on_click=state(Drawing).put, args=(strokes,))
