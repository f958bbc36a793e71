"""`train` and `train-denoiser`: experiments 1 to 3, each ending with a complete model folder."""

import argparse
import re
from functools import partial
from pathlib import Path

from cae.cli import load_keras
from cae.cli.parser import (
    HIGHEST_SEED,
    MOST_EPOCHS,
    MOST_IMAGES,
    UsageError,
    add_weight_decay,
    data,
    integer,
    learning_rate,
    share,
)
from cae.cli.publish import publish
from cae.data.source import Source
from cae.data.sources import names, training_command
from cae.model import store
from cae.progress import say
from cae.training.keep import check_has_a_command


def add_arguments(command: argparse.ArgumentParser) -> None:
    is_denoiser = command.get_default("command") == "train-denoiser"
    epochs = 100 if is_denoiser else 20
    command.add_argument(
        "data",
        type=data,
        metavar="MODEL",
        help=f"{', '.join(names())}; or your own data, a folder of images or an .npz archive",
    )
    command.add_argument("--epochs", type=integer(1, MOST_EPOCHS), default=epochs, help="default: %(default)s")
    command.add_argument("--batch-size", type=integer(1, MOST_IMAGES), default=32, help="default: %(default)s")
    rate = "at its peak; default: 0.012, and 0.008 for a denoiser, which suit the default batch size"
    command.add_argument("--learning-rate", type=learning_rate, metavar="RATE", help=rate)
    add_weight_decay(command)
    if not is_denoiser:
        command.add_argument(
            "--varied",
            type=share("share"),
            default=0.0,
            metavar="SHARE",
            help="of the images: turned, stretched and moved a little at random, fewer with every epoch; default: 0; "
            "long trainings on digits gain by 0.5",
        )
    command.add_argument("--seed", type=integer(0, HIGHEST_SEED), default=0, help="default: %(default)s")
    command.add_argument(
        "--limit", type=integer(1, MOST_IMAGES), metavar="N", help="train and validate on at most N images each"
    )
    command.add_argument("--output", type=Path, metavar="DIR", help="the model folder; default: runs/MODEL")
    command.add_argument(
        "--resume",
        action="store_true",
        help="go on from the last finished epoch, or from a published model, to more --epochs, too",
    )


def run(options: argparse.Namespace) -> None:
    data = options.data
    folder = (options.output or Path(store.RUNS, data.name)).resolve()
    if not re.fullmatch(store.NAME, folder.name):
        raise UsageError(f"--output {folder} cannot be a model's name: letters, digits, spaces and . , + - _ can.")
    x_train, x_validation = data.training_images(), data.validation_images()
    load_keras()
    from cae.model.network import build_autoencoder
    from cae.training.autoencoder import DENOISER_PEAK_LEARNING_RATE, train, train_denoiser
    from cae.training.loop import Settings

    is_denoiser = options.command == "train-denoiser"
    usual = DENOISER_PEAK_LEARNING_RATE if is_denoiser else Settings.peak_learning_rate
    if is_denoiser:
        _check_autoencoder(folder, data)
    elif (folder / store.MANIFEST).exists():
        check_has_a_command(store.load(folder.name, folder.parent))
    (train_denoiser if is_denoiser else train)(
        x_train[: options.limit],
        x_validation[: options.limit],
        folder,
        Settings(
            epochs=options.epochs,
            batch_size=options.batch_size,
            seed=options.seed,
            peak_learning_rate=options.learning_rate or usual,
            weight_decay=options.weight_decay,
            varied=0.0 if is_denoiser else options.varied,
            data_set=data.name,
            data_path="" if data.argument == data.name else data.argument,
        ),
        resume=options.resume,
        **({} if is_denoiser else {"build": partial(build_autoencoder, side=x_train.shape[1])}),
    )
    publish(folder)
    say(f"The model is in {folder}.")


def _check_autoencoder(folder: Path, data: Source) -> None:
    from cae.training.loop import TrainingError

    data_set = data.name
    if not (folder / store.MANIFEST).exists():
        first = training_command("train", data, folder)
        raise TrainingError(f"There is no trained autoencoder in {folder}; {first} comes first.")
    model = store.load(folder.name, folder.parent)
    check_has_a_command(model)
    trained_on = model.history["autoencoder"].get("data_set", data_set)
    if trained_on != data_set:
        raise TrainingError(f"The autoencoder in {folder} was trained on {trained_on}, not on {data_set}.")
