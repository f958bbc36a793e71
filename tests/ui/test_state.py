"""What is kept of a visitor: theirs alone, and only what can be chosen."""

import re

import pytest
from places import ROOT
from streamlit.testing.v1 import AppTest

from cae.ui.state import Playground, widget

SOURCES = sorted((ROOT / "cae").rglob("*.py"))


def test_one_module_alone_touches_the_session():
    users = {path.relative_to(ROOT) for path in SOURCES if re.search(r"\bst\.session_state\b", path.read_text())}
    assert [str(path) for path in users] == ["cae/ui/state.py"]


def test_widgets_of_another_file_or_page_have_another_key():
    keys = {
        widget(Playground, "upload"),
        widget(Playground, "invert", "file 1"),
        widget(Playground, "invert", "file 2"),
        widget(Playground, "cut_out", "file 1"),
    }
    assert len(keys) == 4


def chooser() -> None:
    """A script with a choice that a field keeps, and a page without it."""
    import streamlit as st

    from cae.ui.state import Playground, kept, state

    if st.checkbox("On this page", value=True):
        options = ["one", "two"] if st.checkbox("Two options", value=True) else ["two"]
        key = kept(Playground, "model", options)
        chosen = state(Playground).model
        assert st.segmented_control("Which", options, required=True, key=key) == chosen
    st.text(state(Playground).model)


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_function(chooser).run()
    assert not app.exception
    return app


def shown(app: AppTest) -> str:
    app.run()
    assert not app.exception
    return app.text[0].value


def test_the_first_option_is_chosen_at_first(app):
    assert shown(app) == "one"


def test_a_choice_outlives_its_widget(app):
    app.segmented_control[0].set_value("two")
    assert shown(app) == "two"
    for on in (False, True):
        app.checkbox[0].set_value(on)
        assert shown(app) == "two"
    assert app.segmented_control[0].value == "two"


def test_what_is_no_option_gives_way(app):
    app.checkbox[1].uncheck()
    assert shown(app) == "two"


@pytest.mark.parametrize("value", [[], None, "three"], ids=repr)
def test_no_choice_leaves_the_last_one(app, value):
    app.segmented_control[0].set_value("two").run()
    app.session_state[widget(Playground, "model")] = value
    assert shown(app) == "two"


def test_each_visitor_has_an_own_state():
    def script() -> None:
        import streamlit as st

        from cae.ui.state import Drawing, state

        st.text(state(Drawing).version)
        state(Drawing).version += 1

    first, second = AppTest.from_function(script).run(), AppTest.from_function(script)
    assert [shown(first), shown(first), shown(second)] == ["1", "2", "0"]
