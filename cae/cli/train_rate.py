"""`train-rate`: trains a model on for its codec, with the rate in the loss, into a folder within its own: a variant."""

import argparse

import numpy as np

from cae.data import mnist, photographs
from cae.model import store
from cae.progress import say
from cae.training.rate import RateSettings, train_for_rate


def run(options: argparse.Namespace) -> None:
    model = options.model
    folder = model.folder / options.variant
    train_for_rate(
        model.weights("encoder", "decoder"),
        training_images(model)[: options.limit],
        folder,
        RateSettings(
            epochs=options.epochs,
            batch_size=options.batch_size,
            seed=options.seed,
            finest=options.steps[0],
            coarsest=options.steps[1],
            data_set=model.data_set,
        ),
    )
    store.write_manifest(model.folder)
    say(f"The variant is in {folder}; fit-codec and rate-distortion come next.")


def training_images(model: store.Pretrained) -> np.ndarray:
    """What the model was trained on: uint8 (N, H, W)."""
    if model.data_set == photographs.NAME:
        return photographs.training_crops()
    return mnist.load(model.data_set).x_train
