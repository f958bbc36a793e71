"""The pages of the app and the way between them."""

from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl

import streamlit as st

from cae.ui import assets, link, resources
from cae.ui.components.lesson import lesson
from cae.ui.pages import codes, evidence, inside, playground, teachers, train
from cae.ui.pages.compress import page as compress

STYLE = """<style>
.stMainBlockContainer { padding: 3.9rem clamp(0.75rem, 2vw, 2rem) 0.75rem; }
.stMainBlockContainer h1 { font-size: 1.25rem; padding: 0; margin: 0; }
.stMainBlockContainer h2 { font-size: 1.125rem; padding: 0.25rem 0; }
.stMainBlockContainer > .stVerticalBlock { gap: 0.6rem; }
.stMain [data-testid="stFileUploaderDropzone"] { flex-direction: row; align-items: center; padding: 0.4rem 0.75rem; }
[data-testid="stTopNavLink"]:focus-visible { outline: 3px solid #7c3aed; outline-offset: 1px; }
@media (max-width: 430px) { .stMain .stButtonGroup button { padding-inline: 0.5rem; } }
@media (max-height: 500px) { .stMainBlockContainer h1 { display: none; } }
</style>"""
"""Less air than Streamlit leaves, so that a page fits on one screen, and three models in a row of a phone; and a ring
around the link that has the focus."""
MOVED = {
    "how-it-works": "inside",
    "compression": "compress",
    "results": "evidence",
    "results?show=Collapse": "train?tab=Collapse",
    "data": "train?tab=Data",
}
"""Old addresses of pages, which links out there still have."""
ICON = Path(__file__).with_name("icon.png")


def show() -> None:
    """Set up the browser's tab and run the page that the address names."""
    # First of all: until then, the browser asks Google for the picture of the page's icon.
    st.set_page_config(page_icon=str(ICON), layout="wide")
    pages = [
        st.Page(playground.page, title="Play", icon=":material/draw:", default=True),
        st.Page(inside.page, title="Inside", icon=":material/account_tree:", url_path="inside"),
        st.Page(codes.page, title="Codes", icon=":material/compare_arrows:", url_path="codes"),
        st.Page(compress.page, title="Compress", icon=":material/compress:", url_path="compress"),
        st.Page(train.page, title="Train", icon=":material/fitness_center:", url_path="train"),
        st.Page(evidence.page, title="Evidence", icon=":material/monitoring:", url_path="evidence"),
    ]
    chosen = st.navigation([*pages, *_for_teachers(), *_moved(pages)], position="top")
    st.set_page_config(f"{chosen.title} · 49 numbers: an autoencoder you can try")
    st.html(STYLE)
    st.html(f"<style>{assets.LESSON_ROOM}</style>")
    link.restore()
    resources.show_problems()
    lesson()
    if chosen not in pages[:2]:  # which show it themselves
        link.carry(chosen.url_path)
    chosen.run()


def _for_teachers() -> list[st.Page]:
    """Pages that are linked to, and not among the others."""
    return [
        st.Page(partial(teachers.page, name), title=title, url_path=name, visibility="hidden")
        for name, title in teachers.TITLES.items()
    ]


def _moved(pages: list[st.Page]) -> list[st.Page]:
    """What stands at the old addresses."""
    now = {page.url_path: page for page in pages}
    paths = [address for address in MOVED if "?" not in address]
    return [st.Page(partial(_lead_on, path, now), title="Moved", url_path=path, visibility="hidden") for path in paths]


def _lead_on(path: str, now: dict[str, st.Page]) -> None:
    """From an old path to the page that took its place, with what the address carries."""
    carried = st.query_params.to_dict()
    with_tab = f"{path}?show={carried.get('show')}"
    page, _, tab = MOVED.get(with_tab, MOVED[path]).partition("?")
    st.switch_page(now[page], query_params=carried | dict(parse_qsl(tab)))
