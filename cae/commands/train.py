"""`train` and `train-denoiser`: experiments 1 to 3, each ending with a complete model folder."""

import argparse
from pathlib import Path

from cae import datasets, pretrained
from cae.commands.publish import publish
from cae.progress import say
from cae.training import DENOISER_PEAK_LEARNING_RATE, Settings, TrainingError, train, train_denoiser


def run(options: argparse.Namespace) -> None:
    folder = (options.output or Path("runs", options.data_set)).resolve()
    is_denoiser = options.command == "train-denoiser"
    if is_denoiser:
        _check_autoencoder(folder, options.data_set)
    data = datasets.load(options.data_set)
    (train_denoiser if is_denoiser else train)(
        data.x_train[: options.limit],
        data.x_validation[: options.limit],
        folder,
        Settings(
            epochs=options.epochs,
            batch_size=options.batch_size,
            seed=options.seed,
            peak_learning_rate=DENOISER_PEAK_LEARNING_RATE if is_denoiser else Settings.peak_learning_rate,
            data_set=options.data_set,
        ),
        resume=options.resume,
    )
    publish(folder)
    say(f"The model is in {folder}.")


def _check_autoencoder(folder: Path, data_set: str) -> None:
    trained_on = pretrained.load(folder.name, folder.parent).history["autoencoder"].get("data_set", data_set)
    if trained_on != data_set:
        raise TrainingError(f"The autoencoder in {folder} was trained on {trained_on}, not on {data_set}.")
