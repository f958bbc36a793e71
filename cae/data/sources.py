"""All data sources: by name, by path, and by the model that was trained on them."""

import shlex
from dataclasses import replace
from pathlib import Path

from cae.data.folders import OwnPictures, name_of, own_pictures
from cae.data.mnist import FASHION_MNIST, MNIST
from cae.data.photographs import PHOTOGRAPHS
from cae.data.source import DatasetError, Source
from cae.model.store import Pretrained, PretrainedError

KNOWN: tuple[Source, ...] = (MNIST, FASHION_MNIST, PHOTOGRAPHS)


def names() -> tuple[str, ...]:
    """What published data sets are called on the command line."""
    return tuple(source.name for source in KNOWN)


def source(name_or_path: str | Path) -> Source:
    """A published data set by its name, or the pictures of one's own at a path; nothing is read yet.

    Raises:
        DatasetError: it is neither a name nor an existing path.
    """
    if (known := known_as(str(name_or_path))) is not None:
        return known
    path = Path(name_or_path)
    if path.exists():
        return own_pictures(name_of(path, taken=names()), path.resolve())
    raise DatasetError(
        f"{str(name_or_path)!r} is neither {' nor '.join(names())}, nor a folder of images, nor an .npz archive."
    )


def known_as(name: str) -> Source | None:
    """The published data set of this name, or None; a new object, which has read nothing yet."""
    return next((replace(known) for known in KNOWN if known.name == name), None)


def of(model: Pretrained) -> Source:
    """What a model was trained on; pictures of one's own are where its history says, or nobody knows where.

    Raises:
        PretrainedError: the model's history is missing or was altered.
    """
    if (known := known_as(model.data_set)) is not None:
        return known
    place = model.history["autoencoder"].get("data_path")
    return own_pictures(model.data_set, Path(place) if place else None)


def command(name: str, model: Pretrained) -> str:
    """The command line on a model and what it was trained on, for messages; own pictures are named with --data."""
    try:
        data: Source | None = of(model)
    except PretrainedError:  # its history is missing, which the command will say
        data = None
    own = f" --data {_argument(data)}" if isinstance(data, OwnPictures) else ""
    return f"python -m cae {name} {shlex.quote(model.argument)}{own}"


def training_command(name: str, data: Source, folder: Path) -> str:
    """The command line that trains on data into a folder, for messages."""
    return f"python -m cae {name} {_argument(data)} --output {shlex.quote(str(folder))}"


def _argument(data: Source) -> str:
    """What names a source on the command line; PATH where that is not known."""
    if isinstance(data, OwnPictures) and not (data.path and data.path.exists()):
        return "PATH"
    return shlex.quote(data.argument)
