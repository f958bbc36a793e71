"""Train one: what can be trained on here, and the visitor's picture, for the component that does the rest."""

import numpy as np
import streamlit as st

from cae.data.folders import own_pictures
from cae.data.mnist import FASHION_MNIST, MNIST
from cae.data.source import SmallImages
from cae.imaging.drawing import seen
from cae.imaging.strokes import rasterise
from cae.training.live import DRAWINGS, OWN
from cae.ui import link, resources
from cae.ui.components.train import Offer, train
from cae.ui.controls import prepare
from cae.ui.pages.playground import DRAW
from cae.ui.state import Drawing, Playground, kept, state

EXAMPLES = slice(0, 10, 2)


def section() -> None:
    """The whole section."""
    models = resources.small_models()
    kept(Playground, "model", models)
    address = link.parameters(prepare(state(Playground).model))
    drawn = own_pictures(DRAWINGS, None)
    offers = [
        _offer(DRAWINGS, "built-in digits and your drawing", drawn),
        _offer(OWN, "your drawing alone", drawn),
        *(
            _offer(source.name, source.title, source)
            for source in (MNIST, FASHION_MNIST)
            if resources.small_images(source.name) is not None
        ),
    ]
    train(offers, state(Drawing).strokes, address)
    if len(offers) < 4:
        st.caption("The data sets are not on this machine: the tab Data can fetch them.")


def _offer(name: str, title: str, source: SmallImages) -> Offer:
    examples = source.examples.images()[EXAMPLES]
    return Offer(name, title, _own(source), examples)


def _own(source: SmallImages) -> np.ndarray:
    """The visitor's picture: what is drawn, prepared as the source's are, or the upload or test image of Play."""
    own = state(Playground)
    if own.source not in ("", DRAW) and own.view is not None:
        return own.view.original
    found = seen(rasterise(state(Drawing).strokes), source.examples.fit if source.label else None)
    return source.examples.image(source.examples.first) if found is None else found.image
