"""The data that a command works on: those that its model was trained on."""

import argparse
from dataclasses import replace

from cae.cli.parser import data
from cae.data import sources
from cae.data.folders import OwnPictures
from cae.data.source import DatasetError, Source
from cae.training.live import DRAWINGS, OWN


def add_data(command: argparse.ArgumentParser) -> None:
    """The option --data, which becomes a source of data."""
    text = "where the pictures of your own are that the model was trained on, if they have been moved since"
    command.add_argument("--data", type=data, metavar="PATH", help=text)


def data_of(options: argparse.Namespace) -> Source:
    """What `options.model` was trained on: where --data says, or else where its history says.

    Raises:
        DatasetError: --data names a published data set that it was not trained on, or own pictures for a model of one;
            or the pictures are one's own, and their place is not known, or are a visitor's drawings.
    """
    model, given, trained_on = options.model, options.data, sources.of(options.model)
    if given is not None:
        if isinstance(given, OwnPictures) and isinstance(trained_on, OwnPictures):
            return replace(given, name=trained_on.name)  # their folder may have got another name
        if given.name != trained_on.name:
            raise DatasetError(f"{model.name} was trained on {trained_on.name}, not on {given.name}.")
        return given
    if trained_on.name in (DRAWINGS, OWN):
        raise DatasetError(
            f"{model.name} was trained on the page Train, on drawings that are not kept; name pictures to take in "
            f"their place: {sources.command(options.command, model)}."
        )
    if isinstance(trained_on, OwnPictures) and not (trained_on.path and trained_on.path.exists()):
        gone = f" at {trained_on.path}, which is not there any more" if trained_on.path else ""
        raise DatasetError(
            f"{model.name} was trained on pictures of your own{gone}; say where they are: "
            f"{sources.command(options.command, model)}."
        )
    return trained_on
