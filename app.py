"""The app: `streamlit run app.py`."""

import streamlit as st

from cae.ui.pages import data, how_it_works, playground, results
from cae.ui.pages.compression import page

st.set_page_config(
    page_title="49 numbers: a convolutional autoencoder to touch", page_icon="cae/ui/icon.png", layout="wide"
)
pages = [
    st.Page(playground.page, title="Playground", icon=":material/draw:", default=True),
    st.Page(page.page, title="Compression", icon=":material/compress:", url_path="compression"),
    st.Page(results.page, title="Results", icon=":material/monitoring:", url_path="results"),
    st.Page(data.page, title="Data", icon=":material/dataset:", url_path="data"),
    st.Page(how_it_works.page, title="How it works", icon=":material/account_tree:", url_path="how-it-works"),
]
st.navigation(pages, position="top").run()
