"""`recipes`: tries recipes of training on a narrower network; what they have come to goes into recipes.json."""

import argparse
import json

from cae.cli import load_keras, show_json
from cae.cli.parser import MOST_IMAGES, add_json, integer
from cae.cli.results import recipe_lines
from cae.data import sources
from cae.data.mnist import MNIST
from cae.evaluation.reports import RECIPES
from cae.model import store
from cae.progress import say


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--limit", type=integer(1, MOST_IMAGES), metavar="N", help="on at most N images, and keep no record of it"
    )
    add_json(command)


def run(options: argparse.Namespace) -> None:
    load_keras()
    from cae.training.recipes import explore

    data = sources.source(MNIST.name)
    result = explore(data.training_images()[: options.limit], data.held_out_images()[: options.limit])
    if options.json:
        show_json(result)
    else:
        print("\n".join(recipe_lines(result)))
    if options.limit is None:
        store.write(store.FOLDER, RECIPES, json.dumps(result, indent=1) + "\n")
        say(f"Written to {store.FOLDER / RECIPES}.")
