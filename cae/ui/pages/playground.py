"""The playground: draw or upload a picture and watch it go through the network."""

import secrets

import numpy as np
import streamlit as st

from cae.data.source import Source
from cae.engine.client import EngineError, Result
from cae.engine.stored_examples import StoredExamples
from cae.imaging.examples import Examples
from cae.imaging.noise import GAUSSIAN, SALT_AND_PEPPER, STRONGEST, noisy_picture
from cae.imaging.preprocessing import fit_square, is_blank
from cae.imaging.strokes import rasterise
from cae.ui import resources
from cae.ui.components.drawing_pad import drawing_pad
from cae.ui.components.pipeline import View, pipeline
from cae.ui.controls import choice, example_buttons, model_choice, prepare
from cae.ui.job import poll
from cae.ui.state import Playground, kept, state, widget
from cae.ui.upload import prepared, uploader

DRAW, UPLOAD, TEST = "Draw", "Upload", "Test image"
NOTHING_YET = {
    DRAW: "Draw something, or pick an example.",
    UPLOAD: "Choose a picture.",
    TEST: "The test images are no longer on this machine.",
}
NOISES = {"None": None, "Gaussian": GAUSSIAN, "Salt & pepper": SALT_AND_PEPPER}
STRENGTHS = {GAUSSIAN: "Standard deviation", SALT_AND_PEPPER: "Share of the pixels"}


def page() -> None:
    """The whole page."""
    resources.engine()  # starts it, if this is the first visit
    models, own = resources.models(), state(Playground)
    model_key = kept(Playground, "model", models)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("#### 784 pixels to 49 numbers, and back", width="content")
        if len(models) > 1:
            model_choice(models, model_key)
        examples, data = prepare(own.model), resources.source(own.model)
        sources = [DRAW, UPLOAD] if resources.test_images(data.argument) is None else [DRAW, UPLOAD, TEST]
        source = choice("Where the picture comes from", sources, key=kept(Playground, "source", sources))
        if source == DRAW:
            example_buttons(examples, Playground)
    # Little follows the pen, so that it follows fast.
    poll(_workbench, until=lambda: resources.engine().ready, every=1.0)(own.model, source)


def _workbench(model: str, source: str) -> None:
    """The input on the left, what the network makes of it on the right."""
    inputs, outputs = st.columns([1, 2.9], gap="medium")
    data = resources.source(model)
    with inputs:
        image = {DRAW: _drawn, UPLOAD: _uploaded, TEST: _test_image}[source](data)
        noise = _noise()
    with outputs:
        stored = resources.examples(model)
        if image is None:
            view = View(np.zeros((28, 28), np.uint8), note=NOTHING_YET[source])
        else:
            view = _view(model, image, noise, data.examples, stored)
        pipeline(view, stored.latent_range, model, data.published_losses)


def _drawn(source: Source) -> np.ndarray | None:
    """What is on the pad, uint8 (28, 28); None where it is empty."""
    strokes = drawing_pad()
    fitted = bool(source.label) and st.checkbox(
        f"Fit as {source.label} did", value=True, key=widget(Playground, "fit"), help=source.fit_help
    )
    ink = rasterise(strokes)
    if is_blank(ink):
        return None
    return (source.examples.fit if fitted else fit_square)(ink)


def _noise() -> tuple[str, float] | None:
    """Kind and strength of the noise that the visitor wants in the picture."""
    key = widget(Playground, "noise")
    kind = NOISES[choice("Noise", list(NOISES), default="None", key=key, label_visibility="visible")]
    if kind is None:
        return None
    strongest = STRONGEST[kind]
    key = widget(Playground, "strength", kind)
    strength = st.slider(STRENGTHS[kind], 0.0, strongest, 0.4 * strongest, strongest / 50, key=key)
    return kind, strength


def _uploaded(source: Source) -> np.ndarray | None:
    """The visitor's picture, uint8 (28, 28); None where there is none that can be read."""
    upload = uploader(Playground)
    return None if upload is None else prepared(upload, source, Playground)


def _test_image(source: Source) -> np.ndarray | None:
    """One of the test images, uint8 (28, 28); None where they are no longer there."""
    images, own = resources.test_images(source.argument), state(Playground)
    if images is None:
        return None
    another = st.button("Another one", icon=":material/shuffle:", key=widget(Playground, "another"))
    if another or own.test_index is None or own.test_index >= len(images):
        own.test_index = secrets.randbelow(len(images))
    st.caption(f"Test image {own.test_index + 1:,} of {len(images):,}: the network has never seen it in training.")
    return images[own.test_index]


def _view(
    model: str, image: np.ndarray, noise: tuple[str, float] | None, examples: Examples, stored: StoredExamples
) -> View:
    """The picture and what the network makes of it; while it starts, what is stored of the examples."""
    engine, own = resources.engine(), state(Playground)
    # Always the same noise, so that it does not flicker while the pen moves.
    noisy = noisy_picture(image, *noise, np.random.default_rng(0)) if noise else None
    network = resources.model(model).network()
    question = (network, image.tobytes(), noise)
    if own.view is not None and own.question == question:
        return own.view  # the pen was lifted, and nothing has changed since
    if not engine.ready:
        return _view_without_engine(image, noisy, examples, stored)
    try:
        result = engine.run(network, (image if noisy is None else noisy)[np.newaxis])
    except EngineError as error:
        return View(image, noisy=noisy, note=str(error))
    own.question = question
    own.view = _view_of(image, noisy, result, f"{result.milliseconds:.0f} ms in the network, on {engine.device}")
    return own.view


def _view_without_engine(
    image: np.ndarray, noisy: np.ndarray | None, examples: Examples, stored: StoredExamples
) -> View:
    for name, result in stored.results.items():
        if noisy is None and np.array_equal(image, examples.image(name)):
            return _view_of(image, noisy, result, "The network is starting; this is a stored result.")
    if resources.engine().status == "failed":
        return View(image, noisy=noisy, note="The network could not be started; the examples show stored results.")
    return View(image, noisy=noisy, note="The network is starting …")


def _view_of(image: np.ndarray, noisy: np.ndarray | None, result: Result, note: str) -> View:
    denoised = None if result.denoised is None else result.denoised[0]
    return View(image, result.latent[0], result.reconstruction[0], denoised, noisy, note)
