"""`map`: the codes of test images, laid out in the plane by PCA and UMAP, for the page Codes."""

import argparse
import json

from cae.cli.data import add_data, data_of
from cae.cli.parser import add_model, integer
from cae.data.source import SmallImages
from cae.engine.client import Engine
from cae.evaluation.code_map import IMAGES, MAP, MapError, make
from cae.model import store
from cae.progress import say


def add_arguments(command: argparse.ArgumentParser) -> None:
    add_model(command)
    add_data(command)
    help_text = f"put the first N test images on the map (default: {IMAGES:,})"
    command.add_argument("--limit", type=integer(1, 10_000), default=IMAGES, metavar="N", help=help_text)


def run(options: argparse.Namespace) -> None:
    model, data = options.model, data_of(options)
    if not isinstance(data, SmallImages):
        raise MapError(f"{model.name} is a model of whole pictures; a map is of 28×28 images.")
    engine = Engine(model.folder.parent, time_limit=60.0)
    try:
        result = make(engine, model, data, options.limit)
    finally:
        engine.close()
    store.seal(model.folder, {MAP: json.dumps(result, indent=1) + "\n"})
    kept, variance = (result[name]["kept"] for name in ("pca", "umap")), result["pca"]["variance"]
    say("Of ten nearest codes, {:.0%} stay among the ten nearest points by PCA, {:.0%} by UMAP.".format(*kept))
    say(f"The two directions of PCA hold {variance:.0%} of the variance.")
