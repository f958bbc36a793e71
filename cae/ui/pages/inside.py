"""Inside: how the network computes what it makes of the visitor's picture, layer by layer, down to single products."""

import numpy as np
import streamlit as st

from cae.imaging.drawing import seen
from cae.imaging.noise import noisy_picture
from cae.imaging.strokes import rasterise
from cae.ui import link, resources
from cae.ui.components.inside import inside
from cae.ui.controls import prepare
from cae.ui.state import Drawing, Playground, kept, state

SOURCE = """An **autoencoder** is trained for one thing: to give back the picture that it was shown, although all of it
has to pass through the 49 numbers of the code. This one has 20 layers and {parameters:,} parameters. The **denoiser**
is a second instance of the same network, trained to turn reconstructions back into originals.

The layers are those of S. Bhattacharya, *Image Compression using Convolutional Autoencoder*, MSc research project,
National College of Ireland, 2020; the weights are trained anew. Everything on this page is computed in your browser."""


def page() -> None:
    """The whole page."""
    st.title("How is it computed?", anchor=False)
    models = resources.small_models()
    kept(Playground, "model", models)
    name = state(Playground).model
    model = resources.model(name)
    inside(*_pictures(name), model, resources.layers(model), link.parameters(prepare(name)))
    with st.expander("The network, and where it comes from"):
        st.markdown(SOURCE.format(parameters=resources.parameters(model)))


def _pictures(model: str) -> tuple[np.ndarray, np.ndarray]:
    """The original and what the network sees, uint8 (28, 28): as on Play, or else of the pad, which has an example."""
    own, examples = state(Playground), prepare(model)
    if own.view is not None:
        return own.view.original, own.view.original if own.view.noisy is None else own.view.noisy
    source = resources.source(model)
    found = seen(rasterise(state(Drawing).strokes), source.examples.fit if own.fit and source.label else None)
    image = examples.image(examples.first) if found is None else found.image
    return image, noisy_picture(image, *own.noise, np.random.default_rng(0)) if own.noise else image
