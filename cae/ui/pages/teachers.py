"""For teachers: the plans and the worksheet of `docs`, as pages with working links, which can be printed."""

from pathlib import Path

import streamlit as st

from cae.model import store

DOCS = store.FOLDER.parent / "docs"
TITLES = {"teachers": "For teachers", "worksheet": "Worksheet", "answers": "Answers"}
"""The pages by the names of their files and addresses."""
PRINTED = """<style>
.stMainBlockContainer h1 { padding-bottom: 0.6rem; }
[data-testid="stMarkdownContainer"] :is(p, li) { max-width: 46rem; }
@media print { [data-testid="stHeader"] { display: none; } .stMainBlockContainer { padding: 0; } }
</style>"""


def page(name: str) -> None:
    """The page of that name."""
    st.html(PRINTED)
    title, _, text = Path(DOCS, f"{name}.md").read_text("utf-8").partition("\n")
    st.title(title.removeprefix("# "), anchor=False)
    st.markdown(text)
