"""Play: draw or upload a picture, watch it go through the network, change its code, and go back in training."""

import secrets
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from cae.data.source import Source
from cae.engine.client import EngineError, EngineRestarts, Result
from cae.engine.stored_examples import StoredExamples
from cae.imaging.drawing import seen
from cae.imaging.examples import Examples
from cae.imaging.noise import Noise, noisy_picture
from cae.imaging.strokes import rasterise
from cae.ui import link, resources
from cae.ui.assets import examples_name
from cae.ui.components import play
from cae.ui.components.drawing_pad import taken_from
from cae.ui.components.play import View
from cae.ui.controls import choice, model_choice, prepare
from cae.ui.job import poll
from cae.ui.state import Playground, kept, reported, run_anew_if_changed, state, widget
from cae.ui.upload import prepared, shown, shown_small, take_square, uploader

DRAW, UPLOAD, TEST = "Draw", "Upload", "Test image"
NOTHING_YET = {
    DRAW: "Draw something, or pick an example.",
    UPLOAD: "Choose a picture.",
    TEST: "The test images on this machine cannot be read.",
}


@dataclass(frozen=True)
class Input:
    """Where the picture comes from; the last three as for `play`."""

    image: np.ndarray | None
    """uint8 (28, 28); None where there is nothing yet."""
    pad: dict[str, Any] | None = None
    frame: tuple[float, float, float] | None = None
    picture: dict[str, Any] | None = None


def page() -> None:
    """The whole page."""
    resources.engine()  # starts it, if this is the first visit
    models, own = resources.small_models(), state(Playground)
    model_key = kept(Playground, "model", models)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title("784 pixels to 49 numbers, and back", anchor=False, width="content")
        examples, data = prepare(own.model), resources.source(own.model)
        sources = [DRAW, UPLOAD, TEST] if resources.has_test_images(data.argument) else [DRAW, UPLOAD]
        source = choice("Where the picture comes from", sources, key=kept(Playground, "source", sources))
        if len(models) > 1:
            model_choice(models, model_key)
    # Little follows the pen, so that it follows fast.
    poll(_workbench, until=lambda: resources.engine().ready, every=1.0)(own.model, source, examples)


def _workbench(model: str, source: str, examples: Examples) -> None:
    """The input, and what the network makes of it."""
    run_anew_if_changed(Playground, "model", "source")
    own, data = state(Playground), resources.source(model)
    found = play.choices(reported(play.KEY, "choices"))
    if found is not None:
        own.fit, own.noise = found
    given = {DRAW: _drawn, UPLOAD: _uploaded, TEST: _test_image}[source](data)
    stored = resources.examples(model)
    if given.image is None:
        view = View(np.zeros((28, 28), np.uint8), note=NOTHING_YET[source])
    else:
        view = _view(model, given.image, own.noise, data.examples, stored)
    play.play(
        view,
        resources.model(model),
        stored.latent_range,
        data.published_losses,
        pad=given.pad,
        drawn=play.drawn_at(reported(play.KEY, "drawing")),
        frame=given.frame,
        picture=given.picture,
        layers=resources.layers(resources.model(model)),
        examples=examples_name(examples),
        fit={"label": data.label, "help": data.fit_help},
        chosen=(own.fit, own.noise),
        address=link.parameters(examples),
    )


def _drawn(source: Source) -> Input:
    """What is on the pad."""
    strokes, pad = taken_from(play.KEY)
    found = seen(rasterise(strokes), source.examples.fit if state(Playground).fit and source.label else None)
    if found is None:
        return Input(None, pad)
    return Input(found.image, pad, (found.left, found.top, found.side))


def _uploaded(source: Source) -> Input:
    """The visitor's picture; none where there is none that can be read."""
    take_square(reported(play.KEY, "square"))
    upload = uploader(Playground)
    if upload is None:
        return Input(None)
    result = prepared(upload, source, Playground)
    return Input(result.image, picture=shown(upload, result))


def _test_image(source: Source) -> Input:
    """One of the test images; none where they are no longer there."""
    images, own = resources.test_images(source.argument), state(Playground)
    if images is None:
        return Input(None)
    with st.container(horizontal=True, vertical_alignment="center"):
        another = st.button("Another one", icon=":material/shuffle:", key=widget(Playground, "another"))
        if another or own.test_index is None or own.test_index >= len(images):
            own.test_index = secrets.randbelow(len(images))
        st.caption(f"Test image {own.test_index + 1:,} of {len(images):,}: the network has never seen it in training.")
    image = images[own.test_index]
    return Input(image, picture=shown_small(image))


def _view(model: str, image: np.ndarray, noise: Noise | None, examples: Examples, stored: StoredExamples) -> View:
    """The picture and what the network makes of it; while it starts, what is stored of the examples."""
    own, network = state(Playground), resources.model(model).network()
    # Always the same noise, so that it does not flicker while the pen moves.
    noisy = noisy_picture(image, *noise, np.random.default_rng(0)) if noise else None
    view = View(image, noisy=noisy, name=play.name_of(network, image, noisy))
    if own.view is not None and own.view.name == view.name:
        view = replace(own.view, edited=None)
    elif not resources.engine().ready:
        return _view_without_engine(view, examples, stored)
    try:
        return _answered(view, network)
    except EngineRestarts:
        raise
    except EngineError as error:
        return replace(view, note=str(error))


def _answered(view: View, network: str) -> View:
    """The view with what the network makes of the picture, and of its code where the visitor has edited it."""
    engine, own = resources.engine(), state(Playground)
    if view.latent is None:
        result = engine.run(network, (view.original if view.noisy is None else view.noisy)[np.newaxis])
        view = _with(view, result, f"{result.milliseconds:.0f} ms in the network, on {engine.device}")
    own.view = view
    edited = play.edited(reported(play.KEY, "code"), view.name, own.edit)
    own.edit = edited
    if edited is None:
        return view
    redrawn = engine.redraw(network, edited.latent[np.newaxis])
    return replace(_with(view, redrawn, view.note), latent=view.latent, edited=edited.latent)


def _view_without_engine(view: View, examples: Examples, stored: StoredExamples) -> View:
    for name, result in stored.results.items():
        if view.noisy is None and np.array_equal(view.original, examples.image(name)):
            return _with(view, result, "The network is starting; this is a stored result.")
    if resources.engine().status == "failed":
        return replace(view, note="The network could not be started; the examples show stored results.")
    return replace(view, note="The network is starting …")


def _with(view: View, result: Result, note: str) -> View:
    denoised = None if result.denoised is None else result.denoised[0]
    return replace(view, latent=result.latent[0], reconstruction=result.reconstruction[0], denoised=denoised, note=note)
