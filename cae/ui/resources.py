"""What all visitors share: the engine, the models and the test images, each loaded once."""

import contextlib
import os
from dataclasses import replace

import numpy as np
import streamlit as st

from cae.codec.codec import Codec
from cae.codec.file_format import CodecError
from cae.data import sources
from cae.data.source import DatasetError, SmallImages, Source
from cae.engine import stored_examples
from cae.engine.client import Engine
from cae.engine.stored_examples import StoredExamples
from cae.model import store
from cae.model.specification import Layer, layer_sizes, layers_of
from cae.model.store import Pretrained
from cae.training.room import Room

PATIENCE = 0.3
"""Seconds after which a page says that the network is starting again, in place of an answer."""
SPARE_AFTER = None if os.environ.get("CAE_SPARE") == "0" else 30.0
"""Seconds after which the network gets a spare process, unless the environment forbids it."""


def _new_engine() -> Engine:
    return Engine(patience=PATIENCE, spare_after=SPARE_AFTER)


_engine = _new_engine()
_room = Room()


def engine() -> Engine:
    """The process that holds the network, started at the first call, which returns at once.

    It is a global of this module and not a cached resource, since every visitor may ask Streamlit to empty its caches,
    which would forget the running engine and start another one beside it.
    """
    _engine.start()
    return _engine


def close_engine() -> None:
    """End the engine; the next call of `engine` starts a new one."""
    global _engine
    _engine.close()
    _engine = _new_engine()


def room() -> Room:
    """Where visitors train; the same for all of them."""
    return _room


def close_room() -> None:
    """End all trainings; the next are of a new room."""
    global _room
    _room.close()
    _room = Room()


once_a_version = st.cache_resource(
    show_spinner=False, max_entries=64, hash_funcs={Pretrained: lambda model: (model.name, model.version)}
)
"""Keeps what a function makes of a model as long as the model's files stay the same."""

_codec = once_a_version(Codec.load)
_examples = once_a_version(stored_examples.read)


@once_a_version
def check(model: Pretrained) -> None:
    """Raises `PretrainedError` where a page could not show the model."""
    _examples(model)
    if not all({"loss", "val_loss"} <= set(epoch) for part in model.history.values() for epoch in part["epochs"]):
        raise model.damaged(store.HISTORY)
    with contextlib.suppress(CodecError):  # it may have none yet
        _codec(model)


def models() -> list[str]:
    """The models to choose from, MNIST's first; where there are none, the page says so and ends."""
    found, _ = store.available(also=check)
    if not found:
        st.info("There is no trained model: `python -m cae train mnist` makes one.", icon=":material/info:")
        st.stop()
    return [model.name for model in found]


def small_models() -> list[str]:
    """The models of 28×28 pictures, to choose from; as `models` where there is no other."""
    found = models()
    return [name for name in found if isinstance(source(name), SmallImages)] or found


def show_problems() -> None:
    """A sentence for each model folder that is left out, since one of its files is missing, altered or damaged."""
    for problem in store.available(also=check)[1]:
        st.warning(problem, icon=":material/folder_off:")


def model(name: str) -> Pretrained:
    """The model as its folder is now. What is made of it is kept by its version."""
    return store.load(name)


@once_a_version
def layers(model: Pretrained) -> tuple[tuple[Layer, ...], tuple[Layer, ...]]:
    """The layers of a model's encoder and decoder; those that visitors have trained may be narrower."""
    return layers_of(model.weights("encoder", "decoder"))


def parameters(model: Pretrained) -> int:
    """How many a model has."""
    return sum(size.parameters for half in layers(model) for size in layer_sizes(half, 1))


def source(name: str) -> Source:
    """What a model was trained on."""
    return sources.of(model(name))


def title(name: str) -> str:
    """What a model or a data set is called on the pages."""
    known = sources.known_as(name)
    return known.title if known else name


def codec(name: str) -> Codec:
    """The codec of a model; raises `CodecError` where there is none for its weights."""
    return _codec(model(name))


def examples(name: str) -> StoredExamples:
    """The stored results of a model."""
    return _examples(model(name))


@st.cache_resource(show_spinner=False)
def small_images(argument: str) -> SmallImages | None:
    """The 28×28 images of that name or at that path, or None where there are none on this machine.

    Cleared when a data set has been downloaded.
    """
    try:
        found = replace(sources.source(argument), may_download=False)
    except DatasetError:
        return None
    return found if isinstance(found, SmallImages) and found.is_here() else None


def has_test_images(argument: str) -> bool:
    """Whether there are files of test images of that name or at that path, which take a while to read."""
    try:
        found = sources.source(argument)
    except DatasetError:
        return False
    return isinstance(found, SmallImages) and found.has_files()


def test_images(argument: str) -> np.ndarray | None:
    """The test images uint8 (N, 28, 28) of that name or at that path, or None where there are none on this machine."""
    found = small_images(argument)
    return None if found is None else found.test_pictures()
