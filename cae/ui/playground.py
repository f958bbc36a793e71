"""The playground: draw or upload a picture and watch it go through the network."""

import secrets

import numpy as np
import streamlit as st

from cae.drawing import rasterise, strokes_from_json, strokes_to_json
from cae.engine import EngineError, Result
from cae.examples import DIGITS
from cae.images import fit_digit, fit_square, invert, is_blank, is_light_background, stretch_contrast
from cae.stored_examples import StoredExamples, example_image
from cae.ui import resources
from cae.ui.components.drawing_pad import drawing_pad
from cae.ui.components.pipeline import View, pipeline

MODEL = "mnist"
FIRST_EXAMPLE = "3"
DRAW, UPLOAD, TEST = "Draw", "Upload", "Test image"
NOTHING_YET = {DRAW: "Draw something, or pick an example.", UPLOAD: "Choose a picture."}


def page() -> None:
    """The whole page."""
    state = st.session_state
    state.setdefault("strokes", strokes_to_json(DIGITS[FIRST_EXAMPLE]))
    state.setdefault("strokes_version", 1)
    resources.engine()  # starts it, if this is the first visit
    sources = [DRAW, UPLOAD] if resources.test_images(MODEL) is None else [DRAW, UPLOAD, TEST]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("#### 784 pixels to 49 numbers, and back", width="content")
        source = st.segmented_control(
            "Where the picture comes from",
            sources,
            default=DRAW,
            required=True,
            key="source",
            label_visibility="collapsed",
        )
        if source == DRAW:
            _examples()
    # Little follows the pen, so that it follows fast. While the network starts, look again each second.
    st.fragment(_workbench, run_every=None if state.get("engine_seen") else 1.0)(source)


def _workbench(source: str) -> None:
    """The input on the left, what the network makes of it on the right."""
    if resources.engine().ready and not st.session_state.get("engine_seen"):
        st.session_state.engine_seen = True
        st.rerun()  # takes the one-second timer away
    inputs, outputs = st.columns([1, 2.9], gap="medium")
    with inputs:
        image = {DRAW: _drawn, UPLOAD: _uploaded, TEST: _test_image}[source]()
    with outputs:
        stored = resources.examples(MODEL)
        if image is None:
            view = View(np.zeros((28, 28, 1), np.float32), note=NOTHING_YET[source])
        else:
            view = _view(image, stored)
        pipeline(view, stored.latent_range, resources.loss_curves(MODEL))


def _examples() -> None:
    with st.container(horizontal=True, gap="xxsmall", width="content"):
        for name in DIGITS:
            st.button(name, key=f"example_{name}", on_click=_take_example, args=(name,))


def _take_example(name: str) -> None:
    st.session_state.strokes = strokes_to_json(DIGITS[name])
    st.session_state.strokes_version += 1


def _drawn() -> np.ndarray | None:
    """What is on the pad, as float32 (28, 28, 1) in [0, 1]; None where it is empty."""
    state = st.session_state
    state.strokes = drawing_pad(state.strokes, state.strokes_version)
    fitted = st.checkbox(
        "Fit as MNIST did",
        value=True,
        key="fit_drawing",
        help="Scales the ink into 20×20 pixels and puts its centre of mass at the centre, as in the training images.",
    )
    ink = rasterise(strokes_from_json(state.strokes))
    if is_blank(ink):
        return None
    return fit_digit(ink) if fitted else fit_square(ink)


def _uploaded() -> np.ndarray | None:
    file = st.file_uploader("A picture: PNG, JPEG, WebP, BMP or GIF, up to 10 MB", key="upload")
    if file is None:
        return None
    data = file.getvalue()
    upright = st.session_state.get("upright", True)
    picture = resources.picture(data, upright)
    if isinstance(picture, str):
        st.error(picture, icon=":material/broken_image:")
        return None
    pixels = picture.grey()
    width, height = picture.image.size
    remarks = [remark for remark in picture.remarks if not (picture.rotated and remark.startswith("turned"))]
    st.caption("; ".join([f"{width} × {height} pixels", *remarks, "done to it:"]))
    if picture.rotated or not upright:
        st.checkbox("Turned upright, as its EXIF data says", value=True, key="upright")
    if is_blank(pixels):
        st.warning("The picture is one even grey: there is nothing in it to compress.", icon=":material/info:")
        return fit_square(pixels)
    if st.checkbox(
        "Light and dark exchanged",
        value=is_light_background(pixels),
        key=f"invert_{file.file_id}",
        help="The network has learned light strokes on black.",
    ):
        pixels = invert(pixels)
    if st.checkbox("Contrast stretched to black and white", value=True, key=f"stretch_{file.file_id}"):
        pixels = stretch_contrast(pixels)
    digit = fit_digit(pixels)
    if st.checkbox(
        "Cut out and centred as MNIST did",
        value=not is_blank(digit),
        key=f"fit_{file.file_id}",
        help="Off: the whole picture, scaled into 28×28 pixels.",
    ):
        return digit
    return fit_square(pixels)


def _test_image() -> np.ndarray:
    images, state = resources.test_images(MODEL), st.session_state
    if st.button("Another one", icon=":material/shuffle:", key="random_test_image") or "test_index" not in state:
        state.test_index = secrets.randbelow(len(images))
    st.caption(f"Test image {state.test_index + 1:,} of {len(images):,}: the network has never seen it in training.")
    return images[state.test_index, ..., np.newaxis] / np.float32(255)


def _view(image: np.ndarray, stored: StoredExamples) -> View:
    """The picture and what the network makes of it; while it starts, what is stored of the examples."""
    engine, state = resources.engine(), st.session_state
    if not (engine.ready or state.get("engine_seen")):
        return _view_without_engine(image, stored)
    if "view" in state and np.array_equal(state.view.original, image):
        return state.view  # the pen was lifted, and nothing has changed since
    try:
        result = engine.run(MODEL, image[np.newaxis])  # if it has just died, this waits for the next one
    except EngineError as error:
        return View(image, note=str(error))
    state.view = _view_of(image, result, f"{result.milliseconds:.0f} ms in the network, on {engine.device}")
    return state.view


def _view_without_engine(image: np.ndarray, stored: StoredExamples) -> View:
    for name, result in stored.results.items():
        if np.array_equal(image, example_image(name)):
            return _view_of(image, result, "The network is starting; this is a stored result.")
    if resources.engine().status == "failed":
        return View(image, note="The network could not be started; the examples still show stored results.")
    return View(image, note="The network is starting …")


def _view_of(image: np.ndarray, result: Result, note: str) -> View:
    denoised = None if result.denoised is None else result.denoised[0]
    return View(image, result.latent[0], result.reconstruction[0], denoised, note)
