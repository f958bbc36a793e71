"""What all visitors share: the engine, the models and the test images, each loaded once."""

from dataclasses import replace

import numpy as np
import streamlit as st

from cae.codec.codec import Codec
from cae.data import sources
from cae.data.source import DatasetError, SmallImages, Source
from cae.engine import stored_examples
from cae.engine.client import Engine
from cae.model import store

_engine = Engine()


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
    _engine = Engine()


@st.cache_data(show_spinner=False, ttl=60)
def models() -> list[str]:
    """The models to choose from, MNIST's first; looked up again each minute, since a visitor may be training one."""
    return store.all_names()


@st.cache_resource(show_spinner=False)
def model(name: str) -> store.Pretrained:
    return store.load(name)


def source(name: str) -> Source:
    """What a model was trained on."""
    return sources.of(model(name))


def title(name: str) -> str:
    """What a model or a data set is called on the pages."""
    known = sources.known_as(name)
    return known.title if known else name


@st.cache_resource(show_spinner=False)
def codec(name: str) -> Codec:
    """The codec of a model; raises `CodecError` where there is none for its weights."""
    return Codec.load(store.load(name))


@st.cache_resource(show_spinner=False)
def examples(name: str) -> stored_examples.StoredExamples:
    return stored_examples.read(model(name))


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


def test_images(argument: str) -> np.ndarray | None:
    """The test images uint8 (N, 28, 28) of that name or at that path, or None where there are none on this machine."""
    found = small_images(argument)
    return None if found is None else found.test_pictures()
