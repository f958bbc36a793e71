"""`fit-codec`: makes the codec of a model folder anew from the training images."""

import argparse
from collections.abc import Callable

import numpy as np

from cae.cli import load_keras
from cae.cli.data import add_data, data_of
from cae.cli.parser import MOST_EPOCHS, MOST_IMAGES, add_model, integer
from cae.codec.codec import Codec
from cae.data.source import Source
from cae.engine.client import Engine
from cae.model.store import Pretrained
from cae.progress import progress_bar, say
from cae.training.model_card import write_model_card

BATCH = 640


def add_arguments(command: argparse.ArgumentParser) -> None:
    add_model(command)
    add_data(command)
    command.add_argument("--epochs", type=integer(1, MOST_EPOCHS), default=20, help="default: %(default)s")
    command.add_argument("--limit", type=integer(1, MOST_IMAGES), metavar="N", help="fit on at most N images")


def run(options: argparse.Namespace) -> None:
    codec = fit_codec(options.model, data_of(options), options.epochs, options.limit)
    say(f"The codec of {codec.model.name} is in {codec.model.folder}.")


def fit_codec(model: Pretrained, data: Source, epochs: int, limit: int | None = None) -> Codec:
    """Fit the codec on at most `limit` images of the data that the model was trained on, and save it.

    Raises:
        DatasetError, PretrainedError, EngineError: the data set or the model cannot be read.
        CodecError: the network gives hardly any latents to code.
    """
    load_keras()
    from cae.training.codec import fit

    images, held_out = data.codec_images(), data.held_out_codec_images()
    engine = Engine(model.folder.parent)

    def through(network: Callable[[str, np.ndarray], np.ndarray], name: str) -> Callable[[str, np.ndarray], np.ndarray]:
        def batches(variant: str, inputs: np.ndarray) -> np.ndarray:
            found = []
            with progress_bar(f"{name} {variant}".strip(), len(inputs)) as advance:
                for start in range(0, len(inputs), BATCH):
                    found.append(network(model.network(variant), inputs[start : start + BATCH]))
                    advance(len(found[-1]))
            return np.concatenate(found)

        return batches

    encode, decode = through(engine.encode, "Encoding"), through(engine.decode, "Decoding")
    try:
        codec = fit(model, images.first(limit), held_out.first(limit), encode, decode, epochs)
    finally:
        engine.close()
    codec.save()
    write_model_card(model.folder)
    return codec
