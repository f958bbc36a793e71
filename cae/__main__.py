"""The command line, `python -m cae COMMAND`. Each command is a module of `cae.cli` with a function `run`.

Exit status: 0 for success; 2 for bad usage or bad input, with one plain line on standard error; 130 after Ctrl-C.
"""

import argparse
import contextlib
import importlib
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from cae import CaeError

BACKENDS = ("tensorflow", "jax", "torch")
MOST_EPOCHS, MOST_IMAGES, HIGHEST_SEED = 10_000, 60_000, 1_000_000


class UsageError(CaeError):
    """The command was called in a way it does not understand."""


class Parser(argparse.ArgumentParser):
    """Raises `UsageError` where argparse prints the whole usage and exits."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


def parser() -> Parser:
    """All commands. A new one is one entry here and one module in `cae.cli`, whose name goes into `module`."""
    top = Parser(prog="python -m cae", description="A convolutional autoencoder for 28×28 images.", allow_abbrev=False)
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, module: str, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        command.set_defaults(command=name, module=module)
        return command

    json_help = "print one JSON object on standard output, and nothing else there"

    info = add("info", "info", "Show layers, parameters, device, versions and trained models.")
    info.add_argument("--json", action="store_true", help=json_help)

    for name, epochs, text in (
        ("train", 20, "Train the autoencoder on a data set."),
        ("train-denoiser", 100, "Train the denoiser of the autoencoder in the output folder."),
    ):
        train = add(name, "train", text)
        train.add_argument(
            "data",
            type=_data,
            metavar="MODEL",
            help="mnist, fashion_mnist or photos; or your own data, a folder of images or an .npz archive",
        )
        train.add_argument("--epochs", type=_integer(1, MOST_EPOCHS), default=epochs, help="default: %(default)s")
        train.add_argument("--batch-size", type=_integer(1, MOST_IMAGES), default=32, help="default: %(default)s")
        train.add_argument("--seed", type=_integer(0, HIGHEST_SEED), default=0, help="default: %(default)s")
        train.add_argument(
            "--limit", type=_integer(1, MOST_IMAGES), metavar="N", help="train and validate on at most N images each"
        )
        train.add_argument("--output", type=Path, metavar="DIR", help="the model folder; default: runs/MODEL")
        train.add_argument(
            "--resume", action="store_true", help="go on from the last finished epoch, to more --epochs, too"
        )

    evaluate = add("evaluate", "evaluate", "Measure a trained model on the test images of its data set.")
    evaluate.add_argument("model", type=_model, metavar="MODEL", help="a trained model's name, or its folder")
    evaluate.add_argument("--data", type=_data, metavar="DATA", help="your own data that the model was trained on")
    evaluate.add_argument("--json", action="store_true", help=json_help)

    publish = add("publish", "publish", "Make a model folder complete: stored examples, model card, checksums.")
    publish.add_argument("folder", type=Path, metavar="DIR")

    fit_codec = add("fit-codec", "fit_codec", "Make the codec of a model anew from its training images.")
    fit_codec.add_argument("model", type=_model, metavar="MODEL", help="a trained model's name, or its folder")
    fit_codec.add_argument("--epochs", type=_integer(1, MOST_EPOCHS), default=20, help="default: %(default)s")
    fit_codec.add_argument("--limit", type=_integer(1, MOST_IMAGES), metavar="N", help="fit on at most N images")

    rate = add("train-rate", "train_rate", "Train a model on for its codec: quantisation and rate join the loss.")
    rate.add_argument("model", type=_model, metavar="MODEL", help="a trained model's name, or its folder")
    rate.add_argument("--variant", type=_name, default="rate", metavar="NAME", help="default: %(default)s")
    rate.add_argument(
        "--steps",
        type=_step,
        nargs=2,
        default=(0.1, 1.0),
        metavar=("FINEST", "COARSEST"),
        help="the range of the quantiser's steps, in latent units; default: 0.1 1.0",
    )
    rate.add_argument("--epochs", type=_integer(1, MOST_EPOCHS), default=3, help="default: %(default)s")
    rate.add_argument("--batch-size", type=_integer(1, MOST_IMAGES), default=16, help="default: %(default)s")
    rate.add_argument("--seed", type=_integer(0, HIGHEST_SEED), default=0, help="default: %(default)s")
    rate.add_argument("--limit", type=_integer(1, MOST_IMAGES), metavar="N", help="train on at most N images")

    compress = add("compress", "compress", "Compress a picture, or a folder of pictures, into .cae files.")
    compress.add_argument("input", type=Path, metavar="IMAGE", help="a picture, or a folder of pictures")
    compress.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="FILE.cae",
        help="an archive or a folder, if IMAGE is a folder",
    )
    compress.add_argument("--model", type=_model, default="mnist", metavar="MODEL", help="default: %(default)s")
    compress.add_argument("--quality", type=_integer(1, 10), default=7, help="1 to 10, default: %(default)s")

    decompress = add("decompress", "decompress", "Make PNG pictures of .cae files.")
    decompress.add_argument("input", type=Path, metavar="FILE.cae", help="a file, an archive, or a folder of files")
    decompress.add_argument(
        "-o", "--output", type=Path, required=True, metavar="IMAGE.png", help="a folder, if there are several pictures"
    )
    decompress.add_argument("--model", type=_model, metavar="MODEL", help="default: the one that the file names")

    curves = add("rate-distortion", "rate_distortion", "Measure a codec beside KLT, PCA, JPEG, WebP and PNG.")
    curves.add_argument("model", type=_model, metavar="MODEL", help="a trained model's name, or its folder")
    curves.add_argument("--json", action="store_true", help=json_help)
    curves.add_argument("--limit", type=_integer(1, 10_000), metavar="N", help="measure on the first N test images")

    results = add("results", "results", "Evaluate all models in pretrained/ and put the figures into the README.")
    results.add_argument("--readme-only", action="store_true", help="from the evaluation.json files as they are")

    stability = add("stability", "stability", "Measure how many short trainings collapse, with two initialisations.")
    stability.add_argument("--seeds", type=_integer(1, 1000), default=10, help="default: %(default)s")
    stability.add_argument("--json", action="store_true", help=json_help)

    recipes = add("recipes", "recipes", "Try recipes of training, side by side, on a narrower network.")
    recipes.add_argument(
        "--limit", type=_integer(1, MOST_IMAGES), metavar="N", help="on at most N images, and keep no record of it"
    )
    recipes.add_argument("--json", action="store_true", help=json_help)

    benchmark = add("benchmark", "benchmark", "Measure the page in a real browser, the engine and the training.")
    benchmark.add_argument("--training-only", action="store_true", help="neither the page nor the engine")
    benchmark.add_argument("--json", action="store_true", help=json_help)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, given without the program's name; returns the exit status."""
    resumable = False
    try:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        if os.environ.setdefault("KERAS_BACKEND", BACKENDS[0]) not in BACKENDS:
            raise UsageError(f"KERAS_BACKEND must be one of {', '.join(BACKENDS)}.")
        options = parser().parse_args(arguments)
        resumable = options.module == "train"
        with _quiet():
            command = importlib.import_module(f"cae.cli.{options.module}")
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
        command.run(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        _say("Stopped; --resume goes on from the last finished epoch." if resumable else "Stopped.")
        return 130
    except BrokenPipeError:  # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except ModuleNotFoundError as error:
        _say(f"The module {error.name} is missing: pip install -r requirements.txt")
        return 2
    except OSError as error:
        _say(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        return 2
    except CaeError as error:
        _say(str(error))
        return 2
    return 0


def _integer(lowest: int, highest: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
        if not lowest <= value <= highest:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {lowest} to {highest}")
        return value

    return convert


def _data(text: str) -> str | Path:
    """The name of a published data set, or the place of one's own."""
    from cae.data.mnist import NAMES  # NumPy, too, is imported only where it is needed
    from cae.data.photographs import NAME

    if text in (*NAMES, NAME):
        return text
    if Path(text).exists():
        return Path(text)
    raise argparse.ArgumentTypeError(
        f"{text!r} is neither {' nor '.join((*NAMES, NAME))}, nor a folder of images, nor an .npz archive"
    )


def _name(text: str) -> str:
    if not (text.isascii() and text.replace("-", "").isalnum() and text.islower()):
        raise argparse.ArgumentTypeError(f"{text!r} is no name of lower-case letters, digits and hyphens")
    return text


def _step(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1 / 1024 <= value <= 8:
        raise argparse.ArgumentTypeError(f"{text!r} is no step from 1/1024 to 8")
    return value


def _model(text: str):
    from cae.model import store

    if text in store.names():
        return store.load(text)
    folder = Path(text).resolve()
    return store.load(folder.name, folder.parent) if folder.is_dir() else store.load(text)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep from standard error what TensorFlow's libraries write there, past Python, while they are imported."""
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _say(message: str) -> None:
    print(" ".join(message.splitlines()), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
