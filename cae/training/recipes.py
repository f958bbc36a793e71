"""Recipes of training side by side: optimisers, learning rates and more, on a narrower network for a few short epochs.

All else is as in `autoencoder`: the loss, the warm-up and cosine decay, the averaged weights, the precision, the
narrow layers kept alive.
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

import keras
import numpy as np
from keras.optimizers import Adam, AdamW, Lion
from keras.optimizers.schedules import CosineDecay

from cae.imaging.pixels import as_network_input
from cae.model import devices
from cae.model.network import build_network
from cae.model.specification import DECODER, ENCODER, Convolution, Layer
from cae.progress import progress_bar
from cae.training.autoencoder import Networks, compiled
from cae.training.leak import keep_alive
from cae.training.loop import Settings, average_momentum, fit_epoch, schedule
from cae.training.muon import Muon, own_memory

IMAGES, EPOCHS, WIDTH, SEED = 20_000, 3, 16, 0
ADAM_PEAK = 3e-3
"""The peak learning rate of the variables that Muon leaves to Adam."""


@dataclass(frozen=True)
class Recipe:
    """A way to train; by default the one of `cae.training.autoencoder`."""

    optimizer: type[keras.optimizers.Optimizer] = Muon
    peak_learning_rate: float = Settings.peak_learning_rate
    batch_size: int = Settings.batch_size
    variation: str = ""
    """What else is different, in words."""
    options: dict = field(default_factory=dict)
    warm_up: bool = True
    averaged: bool = True
    moved: bool = False
    kept_alive: bool = True

    def make_optimizer(self, images: int) -> keras.optimizers.Optimizer:
        """The recipe's optimiser for this number of images an epoch."""
        steps = -(-images // self.batch_size)
        settings = Settings(epochs=EPOCHS, peak_learning_rate=self.peak_learning_rate)
        rate = schedule(settings, steps) if self.warm_up else CosineDecay(self.peak_learning_rate, EPOCHS * steps)
        average = {"use_ema": True, "ema_momentum": average_momentum(steps)} if self.averaged else {}
        ratio = {"adam_lr_ratio": ADAM_PEAK / self.peak_learning_rate} if self.optimizer is Muon else {}
        return self.optimizer(rate, **average, **ratio, **self.options)


RECIPES = (
    Recipe(Adam, 3e-3),
    Recipe(Adam, 5e-3),
    Recipe(AdamW, 3e-3, variation="weight decay 0.001", options={"weight_decay": 1e-3}),
    Recipe(Lion, 5e-4),
    Recipe(Muon, 3e-3),
    Recipe(Muon, 6e-3),
    Recipe(),
    Recipe(Muon, 30e-3),
    Recipe(batch_size=16),
    Recipe(batch_size=64),
    Recipe(variation="momentum 0.9", options={"momentum": 0.9}),
    Recipe(variation="weights not averaged", averaged=False),
    Recipe(variation="no warm-up", warm_up=False),
    Recipe(variation="ReLU's own gradient", kept_alive=False),
    Recipe(variation="images moved by up to a pixel", moved=True),
)


def explore(x_train: np.ndarray, held_out: np.ndarray) -> dict:
    """Train with each recipe on the first images uint8 (N, 28, 28).

    Returns:
        {"images", "held_out", "epochs", "width", "seed", "precision", "backend", "device", "runs": [{"optimizer",
        "peak_learning_rate", "batch_size", "variation", "val_losses": one for each epoch}, …]}; a loss is the MSE
        on the held-out images, or None if the training has diverged. Speed is not measured: see `cae benchmark`.
    """
    images, validation = as_network_input(x_train[:IMAGES]), as_network_input(held_out)
    runs = []
    with progress_bar("Recipes", len(RECIPES) * EPOCHS * len(images)) as advance, devices.dtype_policy():
        for number, recipe in enumerate(RECIPES, start=1):

            def noted(n: int, note: str, number: int = number) -> None:
                advance(n, f"recipe {number} of {len(RECIPES)}, {note}")

            runs.append(_named(recipe) | {"val_losses": _train(recipe, images, validation, noted)})
        precision = keras.mixed_precision.dtype_policy().name
    return {
        "images": len(images),
        "held_out": len(validation),
        "epochs": EPOCHS,
        "width": WIDTH,
        "seed": SEED,
        "precision": precision,
        "backend": keras.backend.backend(),
        "device": devices.describe(),
        "runs": runs,
    }


def narrow_autoencoder(seed: int) -> Networks:
    """Encoder and decoder with `WIDTH` filters in place of more, initialised as the full ones."""
    encoder = build_network("encoder", _narrow(ENCODER), (28, 28, 1), seed)
    return encoder, build_network("decoder", _narrow(DECODER), (7, 7, 1), seed + 1)


def _narrow(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    return tuple(
        replace(layer, filters=min(WIDTH, layer.filters)) if isinstance(layer, Convolution) else layer
        for layer in layers
    )


def moved(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Images (N, H, W, 1), each shifted at random by −1, 0 or 1 pixels down and across; the gap is black."""
    n, height, width, _ = images.shape
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    down, across = rng.integers(0, 3, (2, n, 1, 1))
    rows, columns = down + np.arange(height)[:, np.newaxis], across + np.arange(width)
    return padded[np.arange(n)[:, np.newaxis, np.newaxis], rows, columns]


def _named(recipe: Recipe) -> dict:
    kept = ("peak_learning_rate", "batch_size", "variation")
    return {"optimizer": recipe.optimizer.__name__} | {name: asdict(recipe)[name] for name in kept}


def _train(
    recipe: Recipe, images: np.ndarray, validation: np.ndarray, advance: Callable[[int, str], None]
) -> list[float | None]:
    networks = narrow_autoencoder(SEED)
    if recipe.kept_alive:
        keep_alive(*networks)
    model = compiled(networks, recipe.make_optimizer(len(images)))
    losses: list[float | None] = []
    for epoch in range(1, EPOCHS + 1):
        rng = np.random.default_rng([SEED, epoch])
        shuffled = images[rng.permutation(len(images))]
        if recipe.moved:
            shuffled = moved(shuffled, rng)
        fit_epoch(model, shuffled, shuffled, recipe.batch_size, advance)
        own_memory(model.trainable_variables)
        loss = float(model.evaluate(validation, validation, batch_size=recipe.batch_size, verbose=0))
        losses.append(loss if math.isfinite(loss) else None)
    return losses
