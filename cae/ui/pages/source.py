"""Where the figures come from: the command that made each, the models' cards, and the licences."""

import re

import streamlit as st

from cae.data import sources
from cae.evaluation.reports import Report
from cae.model import store
from cae.ui import resources
from cae.ui.controls import choice
from cae.ui.state import Gallery, widget

FIGURES = (
    ("Loss curves", "train MODEL", "history.json"),
    ("Loss curves of the denoiser", "train-denoiser MODEL", "history.json"),
    ("Errors of the experiments, with and without noise", "evaluate MODEL", "evaluation.json"),
    ("Compress: what each quality means", "fit-codec MODEL", "codec.json"),
    ("Compress: bytes and errors beside other codecs", "rate-distortion MODEL", "rate-distortion.json"),
    ("Codes: the map", "map MODEL", "map.json"),
    ("Collapse: how many trainings fail", "stability", "stability.json"),
    ("Recipes of training, in the README", "recipes", "recipes.json"),
)
"""What is shown, the command that measured it, and the file in the model's folder, or beside it, that it wrote."""

CARD = "README.md"


def section(_: list[Report]) -> None:
    """The whole section."""
    rows = [f"| {what} | `python -m cae {command}` | `{file}` |" for what, command, file in FIGURES]
    st.markdown(
        "\n".join(["## The command that made each figure", "", "| figure | command | file |", "|---|---|---|", *rows])
    )
    st.markdown("\n".join(["## Licences", "", *_licences()]))
    st.markdown("## Model cards")
    names = resources.models()
    name = choice("Model", names, default=names[0], key=widget(Gallery, "card"), format_func=resources.title)
    st.markdown(_card(resources.model(name)))


def _licences() -> list[str]:
    """Markdown lines: the licence of the program, and those of the data that the shipped models were trained on."""
    credits = dict.fromkeys(sources.of(model).credit for model in store.available(own=False)[0])
    return ["- This program and its weights: MIT licence", *(f"- {credit}" for credit in credits)]


def _card(model: store.Pretrained) -> str:
    """The model's card, without its title, its headings below those of the page."""
    if CARD not in model.checksums:
        return f"This model has no card yet: `python -m cae publish {model.argument}` writes one."
    body = model.read(CARD).decode().partition("\n")[2].strip()
    return re.sub(r"^(##+) ", r"#\1 ", body, flags=re.MULTILINE)
