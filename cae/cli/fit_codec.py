"""`fit-codec`: makes the codec of a model folder anew from the training images."""

import argparse

import numpy as np

from cae.cli import load_keras
from cae.cli.parser import MOST_EPOCHS, MOST_IMAGES, add_model, integer
from cae.codec.codec import Codec, network_name
from cae.data import mnist, photographs
from cae.engine.client import Engine
from cae.imaging.colour import planes
from cae.imaging.pixels import as_network_input
from cae.model.store import Pretrained
from cae.progress import progress_bar, say
from cae.training.model_card import write_model_card

BATCH = 640
SQUARE = 80
"""Pixels a side of the pieces of photographs."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    add_model(command)
    command.add_argument("--epochs", type=integer(1, MOST_EPOCHS), default=20, help="default: %(default)s")
    command.add_argument("--limit", type=integer(1, MOST_IMAGES), metavar="N", help="fit on at most N images")


def run(options: argparse.Namespace) -> None:
    codec = fit_codec(options.model, options.epochs, options.limit)
    say(f"The codec of {codec.model.name} is in {codec.model.folder}.")


def fit_codec(model: Pretrained, epochs: int, limit: int | None = None) -> Codec:
    """Fit the codec on at most `limit` training images of the model's data set, save it, and seal the folder.

    Raises:
        DatasetError, PretrainedError, EngineError: the data set or the model cannot be read.
        CodecError: the network gives hardly any latents to code.
    """
    load_keras()
    from cae.training.codec import fit

    chroma = None
    if model.data_set == photographs.NAME:
        images, chroma = (planes[:limit] for planes in photograph_squares())
    else:
        images = mnist.load(model.data_set).x_train[:limit]
    engine = Engine(model.folder.parent)

    def encode(variant: str, images: np.ndarray) -> np.ndarray:
        name, found = network_name(model.name, variant), []
        with progress_bar(f"Encoding with {name}", len(images)) as advance:
            for start in range(0, len(images), BATCH):
                found.append(engine.encode(name, as_network_input(images[start : start + BATCH])))
                advance(len(found[-1]))
        return np.concatenate(found)

    def decode(variant: str, latents: np.ndarray) -> np.ndarray:
        return engine.decode(network_name(model.name, variant), latents)

    try:
        codec = fit(model, images, encode, decode, epochs, chroma)
    finally:
        engine.close()
    codec.save()
    write_model_card(model.folder)
    return codec


def photograph_squares() -> tuple[np.ndarray, np.ndarray]:
    """The training photographs cut into squares, in a fixed random order: of luma, and of both kinds of colour.

    Both uint8 (N, 80, 80): large enough that most positions have all the neighbours that the context models look at.

    Raises:
        DatasetError: the photographs are not there.
    """
    pictures, _ = photographs.load()
    luma, blue, red = zip(*(planes(picture) for picture in pictures), strict=True)
    rng = np.random.default_rng(0)
    squares = (np.concatenate([_squares(plane) for plane in kind]) for kind in (luma, blue + red))
    return tuple(rng.permutation(kind) for kind in squares)


def _squares(plane: np.ndarray) -> np.ndarray:
    """All whole squares from the upper left: uint8 (N, 80, 80)."""
    rows, columns = (side // SQUARE for side in plane.shape)
    whole = plane[: rows * SQUARE, : columns * SQUARE]
    return whole.reshape(rows, SQUARE, columns, SQUARE).swapaxes(1, 2).reshape(-1, SQUARE, SQUARE)
