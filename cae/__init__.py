"""A convolutional autoencoder that turns a 28×28 image into 49 numbers and back, to see and to touch.

For other programs: `cae.load("mnist")` is a trained model, which encodes, decodes, denoises, compresses and opens
pictures; `cae.CaeError` is the base of the errors.
"""

import importlib
from pathlib import Path
from typing import Any


class CaeError(Exception):
    """The base of all errors of this package whose message is one plain sentence: what is wrong, and what to do."""


def load(model: str | Path = "mnist") -> Any:
    """The trained model of that name, or in that folder: a `cae.codec.trained_model.TrainedModel`.

    Raises:
        CaeError: there is no such model, or its manifest cannot be read.
    """
    return importlib.import_module("cae.codec.trained_model").load(model)  # NumPy and more come only with it
