"""What all trainings share: settings, optimiser and learning rates, the loop over epochs, and the record of it."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import keras
import numpy as np

from cae import CaeError
from cae.model import devices
from cae.progress import progress_bar
from cae.training.leak import LEAK
from cae.training.muon import Muon

OPTIMIZER = "Muon"

NotedAdvance = Callable[[int, str], None]
"""Called with the number of images since the last call, and the status as text; as `progress_bar` gives it."""
Targets = np.ndarray | dict[str, np.ndarray]
"""Of a model with one output, or by the name of each output."""


class TrainingError(CaeError):
    """A training cannot start, go on or succeed; the message says why in one plain sentence."""


@dataclass(frozen=True)
class Settings:
    """What determines a training, together with the images. A resumed one must have the same, or more epochs."""

    epochs: int = 20
    batch_size: int = 32
    seed: int = 0
    peak_learning_rate: float = 12e-3
    weight_decay: float = 0.0
    """Of the weights that Muon trains: the share taken off at each step, in learning rates. On photographs they grow
    without it until the training breaks down; digits and clothes are learned worse with it."""
    varied: float = 0.0
    """Of the images that an autoencoder is shown in the first epoch of its plan: the share varied as in `variation`. It
    falls to nothing towards the end of the plan, so that the last epochs show the images as they are."""
    data_set: str = ""
    """The name of the source."""
    data_path: str = ""
    """Where pictures of one's own are, for the record; they may have been moved when the training is resumed."""

    def planned(self) -> dict[str, Any]:
        """The settings as the record has them, whose "epochs" are the finished ones."""
        planned = asdict(self)
        if not self.data_path:
            del planned["data_path"]
        return {"epochs_planned": planned.pop("epochs"), **planned}


def make_optimizer(settings: Settings, steps_per_epoch: int, first: int = 0) -> Muon:
    """Muon; an epoch of `fit` with it ends with the weights' moving average in the weights' place.

    Its first step is that after `first` epochs of the plan, as for `schedule`.
    """
    return Muon(
        schedule(settings, steps_per_epoch, first),
        weight_decay=settings.weight_decay or None,
        use_ema=True,
        ema_momentum=average_momentum(steps_per_epoch),
    )


def average_momentum(steps_per_epoch: int) -> float:
    """The momentum of the weights' exponential moving average, which spans a quarter of an epoch.

    Source: B. Polyak, A. Juditsky, "Acceleration of stochastic approximation by averaging", 1992.
    """
    return 1 - min(1.0, 4 / steps_per_epoch)


def schedule(
    settings: Settings, steps_per_epoch: int, first: int = 0
) -> keras.optimizers.schedules.LearningRateSchedule:
    """A linear rise to the peak within 500 steps or a tenth of all, then a cosine decay to zero.

    Where it begins after the `first` epochs of the plan, it rises to the rate at which the decay would have been.
    Source of such restarts: I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017.
    """
    total = (settings.epochs - first) * steps_per_epoch
    warm_up = min(500, max(1, total // 10))
    peak = settings.peak_learning_rate * (1 + math.cos(math.pi * first / settings.epochs)) / 2
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, total - warm_up), warmup_target=peak, warmup_steps=warm_up
    )


def fit_epoch(
    model: keras.Model, inputs: np.ndarray, targets: Targets, batch_size: int, advance: NotedAdvance
) -> dict[str, float]:
    """Train on all images float32 (N, H, W, 1) once, in their order.

    Returns:
        "loss", the loss of each output by its name if there are several, "seconds" and "images_per_second".
    """
    started = perf_counter()
    n = batch_size * model.steps_per_execution
    report = keras.callbacks.LambdaCallback(on_train_batch_end=lambda _, logs: advance(n, f"loss {logs['loss']:.5f}"))
    history = model.fit(inputs, targets, batch_size, shuffle=False, verbose=0, callbacks=[report]).history
    seconds = perf_counter() - started
    losses = {name.removesuffix("_loss"): float(values[0]) for name, values in history.items()}
    return losses | {"seconds": round(seconds, 2), "images_per_second": round(len(inputs) / seconds, 1)}


def train_epochs(
    model: keras.Model,
    settings: Settings,
    images: int,
    shown: Callable[[int, np.random.Generator, np.ndarray], tuple[np.ndarray, Targets]],
    *,
    seed: int,
    finished: int = 0,
) -> Iterator[dict[str, float]]:
    """Train all epochs after the finished ones; yields each one's "epoch" and what `fit_epoch` returns.

    Args:
        images: how many there are.
        shown: gives the inputs and targets of an epoch, by its number, in the order of the indices (images,). The
            random numbers depend on seed and epoch alone.
    """
    for epoch in range(finished + 1, settings.epochs + 1):
        rng = np.random.default_rng([seed, epoch])
        order = rng.permutation(images)
        inputs, targets = shown(epoch, rng, order)
        with progress_bar(f"Epoch {epoch}/{settings.epochs}", images) as advance:
            figures = fit_epoch(model, inputs, targets, settings.batch_size, advance)
        yield {"epoch": epoch, **figures}


def new_record(settings: Settings, images: int, **more: Any) -> dict[str, Any]:
    """The record of a training on so many images, before its first epoch; see history.json in `cae.model.store`."""
    return {
        **settings.planned(),
        "images": images,
        **more,
        "optimizer": OPTIMIZER,
        "leak": LEAK,
        "average_momentum": average_momentum(-(-images // settings.batch_size)),
        "precision": keras.mixed_precision.dtype_policy().name,
        "backend": keras.backend.backend(),
        "device": devices.describe(),
        "epochs": [],
    }


def has_diverged(entry: Mapping[str, float], weights: Mapping[str, np.ndarray]) -> bool:
    """Whether a figure of an epoch, or a weight after it, is infinite or not a number."""
    return not (np.isfinite(list(entry.values())).all() and all(np.isfinite(array).all() for array in weights.values()))
