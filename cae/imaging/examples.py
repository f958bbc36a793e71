"""Something to start from on the drawing pad: digits and clothes, drawn by us as strokes, from no data set."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cae.imaging.strokes import Stroke, rasterise, strokes_from_json

Drawings = dict[str, tuple[Stroke, ...]]

_ALL = json.loads(Path(__file__).with_name("drawings.json").read_text())
DIGITS: Drawings = {name: strokes_from_json(strokes) for name, strokes in _ALL["digits"].items()}
"""The strokes of "0" to "9". `tools/draw_examples.py` writes them."""
CLOTHES: Drawings = {name: strokes_from_json(strokes) for name, strokes in _ALL["clothes"].items()}
"""The strokes of a piece of clothing for each class of Fashion-MNIST."""
PEN = DIGITS["1"][0].width
"""Width of the pen in pad units."""


@dataclass(frozen=True)
class Examples:
    """Drawings by name, prepared as the training images of the models that they are for."""

    drawings: Drawings
    fit: Callable[[np.ndarray], np.ndarray]
    """A drawing uint8 (H, W) → uint8 (28, 28)."""
    first: str
    """The drawing to begin with."""

    def image(self, name: str) -> np.ndarray:
        """The drawing as the network sees it, uint8 (28, 28)."""
        return self.fit(rasterise(self.drawings[name]))

    def images(self) -> np.ndarray:
        """All drawings as the network sees them, uint8 (N, 28, 28)."""
        return np.stack([self.image(name) for name in self.drawings])
