"""Train: a network that learns while one looks, what goes wrong when one learns, and what it learns from."""

import streamlit as st

from cae.ui.controls import choice
from cae.ui.pages import collapse, data, train_one
from cae.ui.state import TRAIN_TAB

ONE, COLLAPSE, DATA = "Train one", "Collapse", "Data"


def page() -> None:
    """The whole page; only the tab that is chosen is made."""
    # Not `st.tabs`: while the page answers, it takes the focus from the keyboard, and may go back to an earlier tab.
    tabs = {ONE: train_one.section, COLLAPSE: collapse.section, DATA: data.section}
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.title("How does it learn, and fail?", anchor=False, width="content")
        shown = choice("What to show", list(tabs), default=ONE, key=TRAIN_TAB, bind="query-params")
    tabs[shown]()
