"""What the pages with a drawing pad have in common: choices in a row, and examples that belong to a model."""

import streamlit as st

from cae.imaging.examples import Examples, examples_for
from cae.imaging.strokes import strokes_to_json
from cae.ui import resources

FIRST_EXAMPLES = {"mnist": "3", "fashion_mnist": "Ankle boot"}


def choice(label: str, options: list[str], **more) -> str:
    """One of the options, side by side; the label is for those who cannot see them."""
    return st.segmented_control(label, options, required=True, label_visibility="collapsed", wrap=True, **more)


def model_choice(models: list[str], key: str) -> None:
    """Which model, by its title."""
    choice("Which model", models, key=key, format_func=lambda name: resources.TITLES.get(name, name))


def prepare(model: str) -> Examples:
    """The examples for a model; puts one on the pad, unless the visitor has drawn something, here or elsewhere."""
    state = st.session_state
    state.setdefault("strokes_version", 0)
    data_set = resources.model(model).data_set
    examples = examples_for(data_set)
    if state.get("strokes_model") != model:
        before = examples_for(resources.model(state.strokes_model).data_set) if "strokes_model" in state else None
        state.strokes_model = model
        if before is None or any(state.strokes == strokes_to_json(strokes) for strokes in before.drawings.values()):
            _take_example(examples, FIRST_EXAMPLES.get(data_set, "3"))
    return examples


def example_buttons(examples: Examples, key: str) -> None:
    """A button for each example, with the key `key` and its name."""
    with st.container(horizontal=True, gap="xxsmall", width="content"):
        for name in examples.drawings:
            st.button(name, key=f"{key}_{name}", on_click=_take_example, args=(examples, name))


def _take_example(examples: Examples, name: str) -> None:
    st.session_state.strokes = strokes_to_json(examples.drawings[name])
    st.session_state.strokes_version += 1
