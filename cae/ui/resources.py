"""What all visitors share: the engine, the models and the test images, each loaded once."""

import numpy as np
import streamlit as st

from cae.codec.codec import Codec
from cae.data import mnist
from cae.engine import stored_examples
from cae.engine.client import Engine
from cae.imaging.reading import ImageError, Picture, read_image
from cae.model import store

PUBLISHED_LOSS = {"mnist": {"autoencoder": 0.0022}, "fashion_mnist": {"autoencoder": 0.0064, "denoiser": 0.1242}}
"""What the thesis reports, section 6: experiments 1, 2 and 3."""

TITLES = {"mnist": "MNIST digits", "fashion_mnist": "Fashion-MNIST clothes", "photos": "Photographs"}
"""The data sets, and the models of the same name, as visitors read them."""


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


@st.cache_resource(show_spinner=False)
def codec(name: str) -> Codec:
    """The codec of a model; raises `CodecError` where there is none for its weights."""
    return Codec.load(store.load(name))


@st.cache_resource(show_spinner=False)
def examples(name: str) -> stored_examples.StoredExamples:
    return stored_examples.read(model(name))


def published_losses(name: str) -> dict[str, float]:
    """What the thesis reports for the model's data set, by training."""
    return PUBLISHED_LOSS.get(model(name).data_set, {})


@st.cache_resource(show_spinner=False)
def dataset(name: str) -> mnist.Dataset | None:
    """The data set, or None where it is not on this machine; cleared when it has been downloaded."""
    try:
        return mnist.load(name, download=False)
    except mnist.DatasetError:
        return None


def test_images(name: str) -> np.ndarray | None:
    """The test images uint8 (10000, 28, 28), or None where the data set is not on this machine."""
    data = dataset(name)
    return None if data is None else data.x_test


@st.cache_data(show_spinner=False, max_entries=32)
def picture(data: bytes, upright: bool) -> Picture | str:
    """An uploaded file as a picture, or the sentence that says what is wrong with it."""
    try:
        return read_image(data, upright=upright)
    except ImageError as error:
        return str(error)
