"""`card`: the model card and the manifest of a model folder, written anew."""

import argparse

from cae.model_card import write_model_card


def run(options: argparse.Namespace) -> None:
    write_model_card(options.folder.resolve())
