"""The app: `streamlit run app.py`."""

import streamlit as st

from cae.ui import playground

st.set_page_config(
    page_title="49 numbers: a convolutional autoencoder to touch", page_icon="cae/ui/icon.png", layout="wide"
)
st.navigation(
    [st.Page(playground.page, title="Playground", icon=":material/draw:", url_path="playground", default=True)],
    position="top",
).run()
