"""`train-rate`: trains a model on for its codec, with the rate in the loss, into a folder within its own: a variant."""

import argparse

from cae.cli import load_keras
from cae.cli.data import add_data, data_of
from cae.cli.parser import (
    HIGHEST_SEED,
    MOST_EPOCHS,
    MOST_IMAGES,
    add_model,
    add_weight_decay,
    integer,
    learning_rate,
    number,
)
from cae.data import sources
from cae.progress import say


def add_arguments(command: argparse.ArgumentParser) -> None:
    add_model(command)
    add_data(command)
    command.add_argument("--variant", type=_name, default="rate", metavar="NAME", help="default: %(default)s")
    command.add_argument(
        "--steps",
        type=_step,
        nargs=2,
        default=(0.1, 1.0),
        metavar=("FINEST", "COARSEST"),
        help="the range of the quantiser's steps, in latent units; default: 0.1 1.0",
    )
    command.add_argument("--epochs", type=integer(1, MOST_EPOCHS), default=3, help="default: %(default)s")
    command.add_argument("--batch-size", type=integer(1, MOST_IMAGES), default=16, help="default: %(default)s")
    command.add_argument(
        "--learning-rate", type=learning_rate, default=6e-3, metavar="RATE", help="at its peak; default: %(default)s"
    )
    add_weight_decay(command)
    command.add_argument("--seed", type=integer(0, HIGHEST_SEED), default=0, help="default: %(default)s")
    command.add_argument("--limit", type=integer(1, MOST_IMAGES), metavar="N", help="train on at most N images")


def run(options: argparse.Namespace) -> None:
    images = data_of(options).training_images()
    load_keras()
    from cae.training.rate import RateSettings, train_for_rate

    model = options.model
    folder = model.folder / options.variant
    train_for_rate(
        model.weights("encoder", "decoder"),
        images[: options.limit],
        folder,
        RateSettings(
            epochs=options.epochs,
            batch_size=options.batch_size,
            seed=options.seed,
            peak_learning_rate=options.learning_rate,
            weight_decay=options.weight_decay,
            finest=options.steps[0],
            coarsest=options.steps[1],
            data_set=model.data_set,
        ),
    )
    first, then = (sources.command(name, model) for name in ("fit-codec", "rate-distortion"))
    say(f"The variant is in {folder}; next: {first}, then {then}.")


def _name(text: str) -> str:
    if not (text.isascii() and text.replace("-", "").isalnum() and text.islower()):
        raise argparse.ArgumentTypeError(f"{text!r} is no name of lower-case letters, digits and hyphens")
    return text


def _step(text: str) -> float:
    value = number(text)
    if not 1 / 1024 <= value <= 8:
        raise argparse.ArgumentTypeError(f"{text!r} is no step from 1/1024 to 8")
    return value
