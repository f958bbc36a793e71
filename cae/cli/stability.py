"""`stability`: how many short trainings collapse, with the shipped initialisation and with plain He initialisation."""

import argparse
import json

from cae.cli import load_keras, show_json
from cae.cli.parser import add_json, data, integer
from cae.data.mnist import MNIST
from cae.data.source import DatasetError, SmallImages
from cae.evaluation.proportion import said
from cae.evaluation.reports import STABILITY
from cae.model import store
from cae.progress import say


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--seeds", type=integer(1, 1000), default=40, help="default: %(default)s")
    command.add_argument(
        "--data", type=data, default=MNIST.name, metavar="DATA", help="pictures to train on; default: %(default)s"
    )
    add_json(command)


def run(options: argparse.Namespace) -> None:
    load_keras()
    from cae.training.stability import INITIALISATIONS, measure

    data = options.data
    if not isinstance(data, SmallImages):
        raise DatasetError(f"Stability is measured on pictures of 28×28 pixels, not on {data.name}.")
    result = measure(data.training_images(), data.validation_images(), options.seeds)
    is_shipped = data.name == MNIST.name
    if is_shipped:
        store.write(store.FOLDER, STABILITY, json.dumps(result, indent=1) + "\n")
    if options.json:
        show_json(result)
        return
    for name in INITIALISATIONS:
        runs = [run for run in result["runs"] if run["initialisation"] == name]
        print(f"{name}: {said(sum(run['collapsed'] for run in runs), len(runs))} collapsed")
    if is_shipped:
        say(f"Written to {store.FOLDER / STABILITY}.")
