"""What the pages with a drawing pad have in common: choices in a row, and examples that belong to a model."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

from cae.imaging.examples import Examples
from cae.ui import resources
from cae.ui.state import Drawing, state, widget

T = TypeVar("T")


def choice(
    label: str,
    options: Sequence[T],
    *,
    default: T | None = None,
    control: Callable[..., Any] = st.segmented_control,
    label_visibility: str = "collapsed",
    **more: Any,
) -> T:
    """One of the options, side by side: the default, or else the first, where a browser says that none is chosen."""
    chosen = control(
        label, options, default=default, required=True, label_visibility=label_visibility, wrap=True, **more
    )
    return chosen if chosen is not None and chosen in options else default or options[0]


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
