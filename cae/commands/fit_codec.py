"""`fit-codec`: makes the codec of a model folder anew from the training images."""

import argparse

import numpy as np

from cae import datasets
from cae.codec import Codec
from cae.codec_fitting import fit
from cae.engine import Engine
from cae.model_card import write_model_card
from cae.pretrained import Pretrained
from cae.progress import progress_bar, say

BATCH = 640


def run(options: argparse.Namespace) -> None:
    codec = fit_codec(options.model, options.epochs, options.limit)
    say(f"The codec of {codec.model.name} is in {codec.model.folder}.")


def fit_codec(model: Pretrained, epochs: int, limit: int | None = None) -> Codec:
    """Fit the codec on at most `limit` training images of the model's data set, save it, and seal the folder.

    Raises:
        DatasetError, PretrainedError, EngineError: the data set or the model cannot be read.
    """
    images = datasets.load(model.data_set).x_train[:limit]
    engine = Engine(model.folder.parent)

    def latents_of(variant: str) -> np.ndarray:
        name = f"{model.name}/{variant}" if variant else model.name
        found = []
        with progress_bar(f"Encoding with {name}", len(images)) as advance:
            for start in range(0, len(images), BATCH):
                batch = images[start : start + BATCH]
                found.append(engine.encode(name, datasets.as_network_input(batch)))
                advance(len(batch))
        return np.concatenate(found)

    try:
        codec = fit(model, latents_of, epochs)
    finally:
        engine.close()
    codec.save()
    write_model_card(model.folder)
    return codec
