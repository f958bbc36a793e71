"""For teachers: the plans and the worksheet of `docs`, as pages with working links, which can be printed."""

import re
from pathlib import Path

import streamlit as st

from cae.model import store

DOCS = store.FOLDER.parent / "docs"
TITLES = {"teachers": "For teachers", "worksheet": "Worksheet", "answers": "Answers"}
"""The pages by the names of their files and addresses."""
ADDRESS = "address"
"""The file of all parameters, which the page for teachers ends with."""
PRINTED = """<style>
.stMainBlockContainer h1 { padding-bottom: 0.6rem; }
[data-testid="stMarkdownContainer"] :is(p, li) { max-width: 46rem; }
@media print {
  [data-testid="stHeader"] { display: none; }
  .stMainBlockContainer { padding: 0; }
  [data-testid="stMarkdownContainer"] :is(p, li, tr) { max-width: none; break-inside: avoid; }
  [data-testid="stMarkdownContainer"] :is(h2, h3) { break-after: avoid; }
}
[data-testid="stCode"] :is(pre, code, span) { white-space: pre-wrap !important; overflow-wrap: anywhere; }
[data-testid="stMarkdownContainer"] td, [data-testid="stMarkdownContainer"] td code { overflow-wrap: anywhere; }
</style>"""
ROOM = """<style>@media print {
  [data-testid="stMarkdownContainer"] p + p { padding-bottom: 1.7cm; border-bottom: 1px solid #999; }
}</style>"""
"""To write in, below each question."""


def page(name: str) -> None:
    """The page of that name."""
    st.html(PRINTED)
    if name == "worksheet":
        st.html(ROOM)
    title, text = _document(name)
    st.title(title, anchor=False)
    st.markdown(text)
    if name == "teachers":
        st.markdown(_document(ADDRESS)[1])


def _document(name: str) -> tuple[str, str]:
    """Title and text of a file of `docs`."""
    title, _, text = Path(DOCS, f"{name}.md").read_text("utf-8").partition("\n")
    return title.removeprefix("# "), re.sub(r"<!--.*?-->\n", "", text)  # where commands put figures
