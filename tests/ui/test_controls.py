"""Choices: whatever a browser says is chosen, the page goes on with one of the options."""

import pytest
from streamlit.testing.v1 import AppTest


def chooser() -> None:
    """One choice with a default in the middle, one without, one as pills."""
    import streamlit as st

    from cae.ui.controls import choice

    options = ["a", "b", "c"]
    chosen = [
        choice("First", options, key="first"),
        choice("Middle", options, key="middle", default="b"),
        choice("Pills", options, key="pills", default="c", control=st.pills),
    ]
    st.text(" ".join(chosen))


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_function(chooser).run()
    assert not app.exception
    return app


def test_at_first_the_default(app):
    assert app.text[0].value == "a b c"


def test_what_is_chosen(app):
    for control in app.segmented_control:
        control.set_value("c")
    app.pills[0].set_value("a")
    assert app.run().text[0].value == "c c a"


@pytest.mark.parametrize("value", [None, "d"], ids=["empty list", "unknown"])
def test_what_cannot_be_chosen(app, value):
    """Without a default Streamlit itself keeps the option before where it does not know the new one."""
    for control in (*app.segmented_control, *app.pills):
        control.set_value(value)
    app.run()
    assert not app.exception
    assert app.text[0].value == "a b c"
