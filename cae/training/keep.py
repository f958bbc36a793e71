"""Keeping what a visitor has trained: as a model folder of its own, one of the last few."""

import json
import logging
import os
import shutil
import threading
from contextlib import suppress
from itertools import groupby
from pathlib import Path

from safetensors.numpy import load as load_tensors

from cae.data import sources
from cae.engine import stored_examples
from cae.engine.client import Engine
from cae.model import store
from cae.model.writing import WriteError
from cae.training.live import BATCH, PEAK, LiveError, Point
from cae.training.room import Training

KEPT = "CAE_KEPT_TRAININGS"
"""The environment variable that says how many of visitors' models are kept at most; 0: none."""
MOST = 5
PREFIX = "visitor-"
NOT_STORED = "The server cannot store this model now: tell whoever runs this page, and keep it again later."

log = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()


def most_kept() -> int:
    """How many models of visitors' are kept: none where nothing can be written."""
    home = store.HOME / store.RUNS
    writable = os.access(home if home.exists() else home.parent, os.W_OK)
    number = os.environ.get(KEPT, str(MOST))
    return int(number) if writable and number.isdecimal() else 0


def keep(training: Training, engine: Engine) -> str:
    """Make a model of what has been trained, and delete the oldest of visitors' models where there are too many.

    Returns:
        The model's name.

    Raises:
        LiveError: this is not allowed here, or not possible with this training.
        EngineError: the network that makes the stored examples is not there.
        PretrainedError: the weights are not those of this network.
    """
    most, points = most_kept(), training.points
    if not most:
        raise LiveError("On this machine no trainings are kept.")
    if not training.order.recipe.fits_play:
        raise LiveError("Only networks with 49 numbers fit the other pages.")
    if not training.ended or len(points) < 2:
        raise LiveError("Only a training that has ended, and has learned something, is kept.")
    with _one_at_a_time:
        if training.kept:
            return training.kept
        home = store.HOME / store.RUNS
        name = _new_folder(home)
        try:
            _write(name, training, points, engine)
        except BaseException as error:
            shutil.rmtree(home / name, ignore_errors=True)
            if isinstance(error, WriteError):
                log.warning("A training could not be kept. %s", error)
                raise LiveError(NOT_STORED) from None
            raise
        _forget(home, most)
        training.kept = f"{store.RUNS}/{name}"
    return training.kept


def _new_folder(home: Path) -> str:
    """Make the next visitors' model's folder, which other processes of the app may do at the same time; its name."""
    while True:
        name = f"{PREFIX}{max(_numbers(home), default=0) + 1}"
        with suppress(FileExistsError):
            (home / name).mkdir(parents=True)
            return name


def check_has_a_command(model: store.Pretrained) -> None:
    """Raises `LiveError` for a model that a visitor has trained: no command makes it again, and it has no card."""
    if "widest" in model.history["autoencoder"]:
        raise LiveError(f"{model.name} was trained on the page Train; this needs a model that `cae train` has trained.")


def _numbers(home: Path) -> list[int]:
    """Those of the visitors' models there are, in the order in which they were kept."""
    names = (path.name.removeprefix(PREFIX) for path in home.glob(f"{PREFIX}*"))
    return sorted(int(name) for name in names if name.isdecimal())


def _forget(home: Path, most: int) -> None:
    """Delete all but so many of visitors' models, the oldest first."""
    for number in _numbers(home)[:-most]:
        shutil.rmtree(home / f"{PREFIX}{number}", ignore_errors=True)


def _write(name: str, training: Training, points: list[Point], engine: Engine) -> None:
    weights, folder = load_tensors(training.weights), store.HOME / store.RUNS / name
    halves = {
        f"{half}.safetensors": store.weights_file({key: weights[key] for key in weights if key.startswith(half)})
        for half in ("encoder", "decoder")
    }
    history = {"autoencoder": _record(training, points)}
    store.seal(folder, {**halves, store.HISTORY: json.dumps(history, indent=1) + "\n"})
    model = store.load(f"{store.RUNS}/{name}")
    examples = sources.of(model).examples
    stored_examples.write(model, examples, engine.run(model.network(), examples.images()))


def _record(training: Training, points: list[Point]) -> dict:
    """The record of the training, as in history.json; of each epoch, what was published last."""
    order, recipe = training.order, training.order.recipe
    per_epoch = points[0].steps / recipe.epochs
    by_epoch = groupby(points[1:], lambda point: -(-point.step // per_epoch))
    last = [(int(epoch), list(group)[-1]) for epoch, group in by_epoch]
    return {
        "epochs_planned": recipe.epochs,
        "batch_size": BATCH,
        "seed": order.seed,
        "peak_learning_rate": PEAK * recipe.setting("learning_rate"),
        "data_set": recipe.pictures,
        "widest": recipe.widest,
        "images": order.count,
        "seed_used": order.seed,
        "restarts": [],
        "optimizer": "Muon",
        "initialisation": recipe.setting("initialisation"),
        "epochs": [{"epoch": epoch, "loss": point.loss, "val_loss": point.val_loss} for epoch, point in last],
    }
