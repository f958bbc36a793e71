"""`train` and `train-denoiser`: experiments 1 to 3, each ending with a complete model folder."""

import argparse
from pathlib import Path

from cae import datasets, own_data, pretrained
from cae.commands.publish import publish
from cae.progress import say
from cae.training import DENOISER_PEAK_LEARNING_RATE, Settings, TrainingError, train, train_denoiser


def run(options: argparse.Namespace) -> None:
    name = options.data if isinstance(options.data, str) else own_data.name_of(options.data)
    folder = (options.output or Path(pretrained.RUNS, name)).resolve()
    is_denoiser = options.command == "train-denoiser"
    if is_denoiser:
        _check_autoencoder(folder, name)
    data = own_data.load(options.data) if isinstance(options.data, Path) else datasets.load(name)
    (train_denoiser if is_denoiser else train)(
        data.x_train[: options.limit],
        data.x_validation[: options.limit],
        folder,
        Settings(
            epochs=options.epochs,
            batch_size=options.batch_size,
            seed=options.seed,
            peak_learning_rate=DENOISER_PEAK_LEARNING_RATE if is_denoiser else Settings.peak_learning_rate,
            data_set=name,
        ),
        resume=options.resume,
    )
    publish(folder)
    say(f"The model is in {folder}.")


def _check_autoencoder(folder: Path, data_set: str) -> None:
    trained_on = pretrained.load(folder.name, folder.parent).history["autoencoder"].get("data_set", data_set)
    if trained_on != data_set:
        raise TrainingError(f"The autoencoder in {folder} was trained on {trained_on}, not on {data_set}.")
