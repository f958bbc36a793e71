"""The parser of the command line. Each command's module adds the command's own arguments, when the command is chosen.

A command is an entry of `COMMANDS` and a module of `cae.cli` with two functions: `add_arguments(parser)` and
`run(options)`. The module is imported before its arguments are read, so it imports Keras within `run` alone: bad usage
is answered at once.
"""

import argparse
import importlib
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from cae import CaeError

COMMANDS = {
    "info": "Show layers, parameters, device, versions and trained models.",
    "train": "Train the autoencoder on a data set.",
    "train-denoiser": "Train the denoiser of the autoencoder in the output folder.",
    "evaluate": "Measure a trained model on the test images of its data set.",
    "publish": "Make a model folder complete: stored examples, model card, checksums.",
    "fit-codec": "Make the codec of a model anew from its training images.",
    "train-rate": "Train a model on for its codec: quantisation and rate join the loss.",
    "compress": "Compress a picture, or a folder of pictures, into .cae files.",
    "decompress": "Make PNG pictures of .cae files.",
    "rate-distortion": "Measure a codec beside KLT, PCA, JPEG, WebP, AVIF and PNG.",
    "map": "Lay out the codes of test images in the plane, for the page Codes.",
    "results": "Evaluate all models in pretrained/ and put the figures into the README.",
    "stability": "Measure how many short trainings collapse, with two initialisations.",
    "recipes": "Try recipes of training, side by side, on a narrower network.",
    "export-static": "Write Play as plain files, which any web server serves without Python behind it.",
    "export-onnx": "Write models as ONNX graphs, for the light engine without TensorFlow.",
    "engine": "Run the network for several apps.",
    "serve": "Run the app in several processes behind nginx, with one engine for all.",
    "benchmark": "Measure the page in a real browser, the engine and the training.",
}
"""The commands with their help texts. A command's module has its name, with underscores."""
MODULES = {"train-denoiser": "train"}
"""The modules of those commands that share one."""
MOST_EPOCHS, MOST_IMAGES, HIGHEST_SEED = 10_000, 60_000, 1_000_000


class UsageError(CaeError):
    """The command was called in a way it does not understand."""


class Parser(argparse.ArgumentParser):
    """Raises `UsageError` where argparse prints the whole usage and exits."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


class Command(Parser):
    """The parser of one command; it gets its arguments when it is used."""

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> tuple[Any, list[str]]:  # type: ignore[override]
        importlib.import_module(f"cae.cli.{self.get_default('module')}").add_arguments(self)
        return super().parse_known_args(args, namespace)


def parser() -> Parser:
    """The parser of all commands; the options that it returns name the command and its `module`."""
    program = "cae" if Path(sys.argv[0]).name == "cae" else "python -m cae"
    top = Parser(prog=program, description="A convolutional autoencoder for 28×28 images.", allow_abbrev=False)
    commands = top.add_subparsers(metavar="COMMAND", required=True, parser_class=Command)
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        command.set_defaults(command=name, module=MODULES.get(name, name.replace("-", "_")))
    return top


def add_json(command: argparse.ArgumentParser) -> None:
    """The option --json, which scripts use."""
    command.add_argument(
        "--json", action="store_true", help="print one JSON object on standard output, and nothing else there"
    )


def add_model(command: argparse.ArgumentParser) -> None:
    """The argument MODEL, which becomes the loaded model."""
    command.add_argument("model", type=model, metavar="MODEL", help="a trained model's name, or its folder")


def add_weight_decay(command: argparse.ArgumentParser) -> None:
    """The option --weight-decay of a training."""
    which = "of the wide layers at each step, in learning rates; default: 0; photographs need about 0.1"
    command.add_argument("--weight-decay", type=share("weight decay"), default=0.0, metavar="SHARE", help=which)


def integer(lowest: int, highest: int) -> Callable[[str], int]:
    """The type of an argument that is a whole number within both bounds."""

    def convert(text: str) -> int:
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
        if not lowest <= value <= highest:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {lowest} to {highest}")
        return value

    return convert


def number(text: str) -> float:
    """The number that a text is; NaN, which lies in no range, where it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def learning_rate(text: str) -> float:
    """The type of an argument that is a learning rate."""
    rate = number(text)
    if not 0 < rate <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no learning rate above 0 and up to 1")
    return rate


def share(what: str) -> Callable[[str], float]:
    """The type of an argument that is a part of a whole, from 0 to 1; `what` it is called where it is refused."""

    def convert(text: str) -> float:
        part = number(text)
        if not 0 <= part <= 1:
            raise argparse.ArgumentTypeError(f"{text!r} is no {what} from 0 to 1")
        return part

    return convert


def data(text: str) -> Any:
    """The data source (`cae.data.source.Source`) of that name, or of the pictures at that path."""
    from cae.data.sources import source

    return source(text)


def model(text: str) -> Any:
    """The model folder (`cae.model.store.Pretrained`) of that name or at that place."""
    from cae.model import store

    return store.find(text)
