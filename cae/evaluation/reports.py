"""What the shipped models have come to: their histories and evaluations, how often a training collapses, and which
recipe trains best.

All figures are read from files that a command wrote. A file that is missing leaves a gap, not an error.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cae.data import sources
from cae.data.source import Source
from cae.model import store

EVALUATION = "evaluation.json"
STABILITY, RECIPES = "stability.json", "recipes.json"


@dataclass(frozen=True)
class Outcome:
    """A model's trainings and what its weights are worth."""

    name: str
    source: Source
    """What it was trained on."""
    autoencoder: dict
    """As in history.json."""
    denoiser: dict | None
    evaluation: dict | None
    """As `cae.evaluation.evaluate` gives it, or None where it was not evaluated yet."""

    @property
    def mse(self) -> float | None:
        """Of the reconstruction, over the test images."""
        return self.evaluation["reconstruction"]["mse"] if self.evaluation else None

    @property
    def denoised_mse(self) -> float | None:
        """Of the denoised reconstruction; None without a denoiser or an evaluation."""
        return self.evaluation["denoised"]["mse"] if self.evaluation and self.evaluation["denoised"] else None

    @property
    def pixel_variance(self) -> float | None:
        """The loss of one grey for every image."""
        return self.evaluation["baselines"]["constant_image"]["mse"] if self.evaluation else None

    @property
    def noisy(self) -> list[dict]:
        """How it copes with noise, a record for each kind and strength; empty where this was not measured."""
        return (self.evaluation or {}).get("noisy", [])


def read_all(root: Path = store.FOLDER, also: Callable[[store.Pretrained], object] = lambda _: None) -> list[Outcome]:
    """Every model that `store.available` finds, MNIST first, then one's own; `also` is a further check."""
    return [
        Outcome(
            model.name,
            sources.of(model),
            model.history["autoencoder"],
            model.history.get("denoiser"),
            model.read_json(EVALUATION) if EVALUATION in model.checksums else None,
        )
        for model in store.available(root, also=also)[0]
    ]


def read_stability(root: Path = store.FOLDER) -> dict | None:
    """What `cae.training.stability.measure` found, or None."""
    return _read(root / STABILITY)


def read_recipes(root: Path = store.FOLDER) -> dict | None:
    """What `cae.training.recipes.explore` found, or None."""
    return _read(root / RECIPES)


def _read(file: Path) -> dict | None:
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
