"""`stability`: how many short trainings collapse, with the shipped initialisation and with plain He initialisation."""

import argparse
import json

from cae.cli import load_keras, show_json
from cae.cli.parser import add_json, integer
from cae.data import sources
from cae.data.mnist import MNIST
from cae.evaluation.reports import STABILITY
from cae.model import store
from cae.progress import say


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--seeds", type=integer(1, 1000), default=10, help="default: %(default)s")
    add_json(command)


def run(options: argparse.Namespace) -> None:
    load_keras()
    from cae.training.stability import INITIALISATIONS, measure

    data = sources.source(MNIST.name)
    result = measure(data.training_images(), data.validation_images(), options.seeds)
    store.write(store.FOLDER, STABILITY, json.dumps(result, indent=1) + "\n")
    if options.json:
        show_json(result)
        return
    for name in INITIALISATIONS:
        runs = [run for run in result["runs"] if run["initialisation"] == name]
        print(f"{name}: {sum(run['collapsed'] for run in runs)} of {len(runs)} collapsed")
    say(f"Written to {store.FOLDER / STABILITY}.")
