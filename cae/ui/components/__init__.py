"""What Streamlit lacks: components of our own, each in a folder with its Python, its style and its modules."""

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from cae.ui import assets


def register(name: str, html: str = "", styles: tuple[str, ...] = ()) -> ComponentRenderer:
    """The component in the folder `name`: its styles, its adapter streamlit.js, and its page.

    Args:
        name: the folder.
        html: what it starts with; if empty, this is in NAME.html.
        styles: the components whose styles it has; if empty, its own alone.
    """
    folder = assets.FOLDER / name
    return st.components.v2.component(
        f"cae_{name}",
        html=html or (folder / f"{name}.html").read_text("utf-8"),
        css=assets.style(styles or (name,)),
        js=assets.script(name),
    )
