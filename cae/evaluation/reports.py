"""Reports on models: training histories and evaluation results, and the experiments on stability and recipes.

All figures are read from files that a command wrote. Where a file is missing, its figures are None.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cae.data import sources
from cae.data.source import Source
from cae.model import store

EVALUATION, RATE_DISTORTION = "evaluation.json", "rate-distortion.json"
"""In a model folder."""
STABILITY, RECIPES = "stability.json", "recipes.json"
"""Beside the model folders."""


@dataclass(frozen=True)
class Report:
    """A model's training histories and its evaluation."""

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
        """The reconstruction's mean squared error over the test images; None without an evaluation."""
        return self.evaluation["reconstruction"]["mse"] if self.evaluation else None

    @property
    def denoised_mse(self) -> float | None:
        """The same of the denoised reconstruction; None without a denoiser or an evaluation."""
        return self.evaluation["denoised"]["mse"] if self.evaluation and self.evaluation["denoised"] else None

    @property
    def pixel_variance(self) -> float | None:
        """The mean squared error of one grey for every image; None without an evaluation."""
        return self.evaluation["baselines"]["constant_image"]["mse"] if self.evaluation else None

    @property
    def noisy(self) -> list[dict]:
        """The errors with noisy inputs, a record for each kind and strength of noise; empty without an evaluation."""
        return (self.evaluation or {}).get("noisy", [])


def read_all(root: Path = store.FOLDER, also: Callable[[store.Pretrained], object] = lambda _: None) -> list[Report]:
    """The reports on all models that `store.available` finds, in its order; `also` is a further check of a model."""
    return [
        Report(
            model.name,
            sources.of(model),
            model.history["autoencoder"],
            model.history.get("denoiser"),
            _read_of(model, EVALUATION),
        )
        for model in store.available(root, also=also)[0]
    ]


def read_rate_distortion(model: store.Pretrained) -> dict | None:
    """The result of `cae.evaluation.rate_distortion.measure`, or None; raises `PretrainedError` if it was altered."""
    return _read_of(model, RATE_DISTORTION)


def read_stability(root: Path = store.FOLDER) -> dict | None:
    """The result of `cae.training.stability.measure`, or None."""
    return _read(root / STABILITY)


def read_recipes(root: Path = store.FOLDER) -> dict | None:
    """The result of `cae.training.recipes.explore`, or None."""
    return _read(root / RECIPES)


def _read_of(model: store.Pretrained, name: str) -> dict | None:
    return model.read_json(name) if name in model.checksums else None


def _read(file: Path) -> dict | None:
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
