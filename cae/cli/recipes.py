"""`recipes`: tries recipes of training on a narrower network; what they have come to goes into recipes.json."""

import argparse
import json

from cae.cli import show_json
from cae.cli.results import recipe_lines
from cae.data import mnist
from cae.evaluation.reports import RECIPES
from cae.model import store
from cae.progress import say
from cae.training.recipes import explore


def run(options: argparse.Namespace) -> None:
    data = mnist.load("mnist")
    result = explore(data.x_train[: options.limit], data.x_validation[: options.limit])
    if options.json:
        show_json(result)
    else:
        print("\n".join(recipe_lines(result)))
    if options.limit is None:
        store.write(store.FOLDER, RECIPES, json.dumps(result, indent=1) + "\n")
        say(f"Written to {store.FOLDER / RECIPES}.")
