"""`stability`: how many short trainings collapse, with the shipped initialisation and with plain He initialisation."""

import argparse
import json

from cae.cli import show_json
from cae.data import mnist
from cae.evaluation.reports import STABILITY
from cae.model import store
from cae.progress import say
from cae.training.stability import INITIALISATIONS, measure


def run(options: argparse.Namespace) -> None:
    data = mnist.load("mnist")
    result = measure(data.x_train, data.x_validation, options.seeds)
    store.write(store.FOLDER, STABILITY, json.dumps(result, indent=1) + "\n")
    if options.json:
        show_json(result)
        return
    for name in INITIALISATIONS:
        runs = [run for run in result["runs"] if run["initialisation"] == name]
        print(f"{name}: {sum(run['collapsed'] for run in runs)} of {len(runs)} collapsed")
    say(f"Written to {store.FOLDER / STABILITY}.")
