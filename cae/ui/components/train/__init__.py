"""Train one: a network that learns on the server, watched in the browser, which asks the training room itself."""

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np

from cae.imaging.strokes import Stroke, strokes_to_json
from cae.training.live import EPOCHS, WIDTHS, Recipe
from cae.ui.components import register


@dataclass(frozen=True)
class Offer:
    """Pictures to train on."""

    name: str
    """One of `cae.training.live.PICTURES`."""
    title: str
    own: np.ndarray
    """The visitor's picture, prepared as these are: uint8 (28, 28)."""
    examples: np.ndarray
    """A few more, uint8 (N, 28, 28)."""


def train(offers: list[Offer], strokes: tuple[Stroke, ...], address: dict[str, str | None]) -> None:
    """Show it.

    Args:
        offers: what can be trained on here.
        strokes: the visitor's drawing.
        address: the parameters with which Play shows it.
    """
    data: dict[str, Any] = {
        "pictures": [
            {
                "name": offer.name,
                "title": offer.title,
                "own": _base64(offer.own),
                "examples": [_base64(image) for image in offer.examples],
            }
            for offer in offers
        ],
        "widths": WIDTHS,
        "epochs": EPOCHS,
        "usual": vars(Recipe()),
        "strokes": strokes_to_json(strokes),
        "address": address,
    }
    _mount(key="train", data=data)


def _base64(picture: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(picture).tobytes()).decode()


_mount = register("train", "<div class='play train'></div>", styles=("play", "train"))
