"""What Streamlit lacks: components of our own, each in a folder with its Python, its style and its modules."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from cae.ui import assets


def register(name: str, html: str = "", styles: tuple[str, ...] = ()) -> Callable[..., Any]:
    """The component in the folder `name`: its styles, its adapter streamlit.js, and its page.

    What is returned shows it, given the `data` for the adapter, a `key` and callbacks.

    Args:
        name: the folder.
        html: what it starts with; if empty, this is in NAME.html.
        styles: the components whose styles it has; if empty, its own alone.
    """
    folder = assets.FOLDER / name
    mount = st.components.v2.component(
        f"cae_{name}",
        html=html or (folder / f"{name}.html").read_text("utf-8"),
        css=assets.style(styles or (name,)),
        js=assets.script(name),
    )

    def show(data: dict[str, Any] | None = None, **more: Any) -> Any:
        # In a list, since in a dictionary Streamlit looks for tables, for which it imports pandas: 0.5 s and 35 MB.
        return mount(data=None if data is None else [data], **more)

    return show
