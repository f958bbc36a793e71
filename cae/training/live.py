"""A small training to watch: one network, at low priority, whose weights are published as it learns.

    python -m cae.training.live

It reads a pickled `Order` from standard input and writes pickled messages to standard output: several times a second
("point", `Point`, the weights as a safetensors file of float16), and last ("ended", how) or ("failed", a sentence). It
ends when standard input does: whatever ends the parent, it leaves no orphan, and it writes no file.

The network is that of `cae.model.specification`, with fewer filters; optimiser and schedule are those of `cae train`,
without the averaging of weights, so that what is published is what learns.
"""

import contextlib
import os
import pickle
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

import numpy as np

from cae import CaeError
from cae.data import sources
from cae.data.mnist import FASHION_MNIST, MNIST
from cae.data.source import SmallImages
from cae.imaging.examples import DIGITS
from cae.imaging.pixels import as_network_input
from cae.imaging.preprocessing import fit_square
from cae.imaging.strokes import Stroke
from cae.imaging.variations import variations
from cae.model import lean, store
from cae.model.specification import DECODER, ENCODER, SCALE, SIDE, scaled

DRAWINGS, OWN = "drawings", "own"
PICTURES = (DRAWINGS, OWN, MNIST.name, FASHION_MNIST.name)
"""What can be trained on: the built-in digits and the visitor's drawing, that drawing alone, or a data set."""
WIDTHS = (16, 32, 64, 128)
"""Filters of the widest layer; 128 is the network of all other pages."""
EPOCHS = (3, 10, 30)
KNOBS: dict[str, tuple] = {
    "learning_rate": (1.0, 0.1, 10.0),
    "initialisation": ("alive", "he"),
    "bottleneck": (49, 98, 196),
}
"""What may be changed, one at a time, and to what; the first value is the usual one. Learning rates are multiples of
`PEAK`, initialisations are those of `cae.training.stability`, and the bottleneck counts the values of the code."""
PEAK = 12e-3
BATCH = 32
IMAGES, HELD_OUT = 1_600, 96
"""Images to train on, and images never trained on that the validation loss is of."""
EVERY = 0.3
"""Seconds from one publication to the next, at least; they take a quarter of the time at most."""


class LiveError(CaeError):
    """A training cannot be ordered, go on or be kept; the message says why in one plain sentence."""


@dataclass(frozen=True)
class Recipe:
    """What is trained: a network of `widest` filters, for so many epochs, with one knob at a value."""

    pictures: str = DRAWINGS
    widest: int = 32
    epochs: int = 10
    knob: str = "learning_rate"
    value: Any = 1.0

    @classmethod
    def read(cls, value: object) -> "Recipe":
        """The recipe that somebody has sent; raises `LiveError` for anything else than what is offered."""
        match value:
            case {"pictures": pictures, "widest": widest, "epochs": epochs, "knob": str(knob), "value": chosen} if (
                pictures in PICTURES and widest in WIDTHS and epochs in EPOCHS and chosen in KNOBS.get(knob, ())
            ):
                return cls(pictures, widest, epochs, knob, chosen)
        raise LiveError("This is not a training that can be had here: choose one of those that the page offers.")

    def setting(self, knob: str) -> Any:
        """The value of a knob: the recipe's own, or the usual one."""
        return self.value if knob == self.knob else KNOBS[knob][0]

    @property
    def fits_play(self) -> bool:
        """Whether the code has the 49 values that all other pages expect."""
        return self.setting("bottleneck") == KNOBS["bottleneck"][0]


@dataclass(frozen=True)
class Order:
    """A recipe, with the visitor's drawing and the seed of the first weights."""

    recipe: Recipe
    strokes: tuple[Stroke, ...] = ()
    seed: int = 0
    count: int = IMAGES
    """Images to train on."""

    def images(self) -> tuple[np.ndarray, np.ndarray]:
        """What to train on, and what is held out: uint8 (N, 28, 28) each.

        Raises:
            DatasetError: the data set is not on this machine.
        """
        pictures = self.recipe.pictures
        if pictures in (DRAWINGS, OWN):
            built_in = list(DIGITS.values()) if pictures == DRAWINGS or not self.strokes else []
            drawings = [*built_in, *([self.strokes] if self.strokes else [])]
            found = variations(drawings, fit_square, self.count + HELD_OUT, self.seed)
            return found[HELD_OUT:], found[:HELD_OUT]
        source = sources.source(pictures)
        assert isinstance(source, SmallImages)
        return source.training_images()[: self.count], source.held_out_images()[:HELD_OUT]


@dataclass(frozen=True)
class Point:
    """Where a training stands."""

    step: int
    steps: int
    """In all."""
    loss: float
    """The mean squared error over the batches since the point before; of the first point, of training images."""
    val_loss: float
    """Of the images held out."""
    collapsed: bool
    """Whether the network gives the same picture for all of them."""
    variance: float
    """Of their pixels: the loss of the best grey."""


def train(order: Order, publish: Callable[[Point, dict[str, np.ndarray]], None]) -> str:
    """Train as ordered, and publish points with the weights at that moment.

    Returns:
        "learned", "collapsed" (see `is_collapsed`) or "diverged" (the loss or a weight is infinite or no number).
    """
    recipe, seed = order.recipe, order.seed
    images, held_out = (as_network_input(found) for found in order.images())  # before the seconds that Keras takes
    from keras import ops

    from cae.model.network import build_network, weights_of
    from cae.training.autoencoder import chain, is_collapsed
    from cae.training.leak import keep_alive
    from cae.training.loop import Settings, has_diverged, schedule
    from cae.training.muon import Muon
    from cae.training.stability import start_as_he

    channels = recipe.setting("bottleneck") // (SIDE // SCALE) ** 2
    encoder, decoder = (scaled(layers, recipe.widest, channels) for layers in (ENCODER, DECODER))
    networks = (
        build_network("encoder", encoder, (SIDE, SIDE, 1), seed),
        build_network("decoder", decoder, (SIDE // SCALE, SIDE // SCALE, channels), seed + 1),
    )
    if recipe.setting("initialisation") == "he":
        start_as_he(networks, seed)
    else:
        start_brightening(networks[1])
        keep_alive(*networks)
    steps_per_epoch = -(-len(images) // BATCH)
    settings = Settings(recipe.epochs, BATCH, seed, PEAK * recipe.setting("learning_rate"))
    model = chain(*networks)
    # Compiled by XLA it would start seconds later, and be no faster on one core.
    model.compile(optimizer=Muon(schedule(settings, steps_per_epoch)), loss="mse", jit_compile=False)

    def error(batch: np.ndarray) -> tuple[float, np.ndarray]:
        outputs = ops.convert_to_numpy(model.predict_on_batch(batch))
        return float(np.mean(np.square(outputs - batch, dtype=np.float64))), outputs

    steps, step, losses, collapsed, due = recipe.epochs * steps_per_epoch, 0, [error(images[:HELD_OUT])[0]], False, 0.0
    while True:
        start = monotonic()
        if start >= due or step == steps:
            val_loss, outputs = error(held_out)
            loss, weights = float(np.mean(losses)), weights_of(*networks)
            if has_diverged({"loss": loss, "val_loss": val_loss}, weights):
                return "diverged"
            collapsed, losses = is_collapsed(outputs, held_out), []
            publish(Point(step, steps, loss, val_loss, collapsed, float(held_out.var())), weights)
            now = monotonic()
            due = now + max(EVERY, 3 * (now - start))
        if step == steps:
            return "collapsed" if collapsed else "learned"
        epoch, batch = divmod(step, steps_per_epoch)
        if batch == 0:
            order_of_images = np.random.default_rng([seed, epoch + 1]).permutation(len(images))
        chosen = images[order_of_images[batch * BATCH : (batch + 1) * BATCH]]
        model.reset_metrics()
        losses.append(float(model.train_on_batch(chosen, chosen)))
        step += 1


def start_brightening(decoder: Any) -> None:
    """Start with dark pictures that brighten: a tenth of the last layer's weights, their sum positive.

    All that comes before the last layer is ReLU. Where the first steps must make pictures darker, they make every layer
    before it smaller, and within ten of them the narrow ones are dead. Of eight networks of 16 filters one collapses
    with this start, and three do with weights three times as large.
    """
    kernel = decoder.layers[-1].kernel
    weights = np.asarray(kernel)
    kernel.assign(0.1 * np.copysign(1.0, weights.sum()) * weights)


def _give_way() -> None:
    """Let every other process go first."""
    with contextlib.suppress(AttributeError, OSError):  # Windows has neither, and macOS not the second
        os.nice(19)
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    """The whole process."""
    messages = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the messages
    _give_way()
    lean.leave_out_unused()
    order = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def say(*message: Any) -> None:
        pickle.dump(message, messages, protocol=5)
        messages.flush()

    try:
        say("ended", train(order, lambda *found: say("point", found[0], store.weights_file(found[1], np.float16))))
    except CaeError as error:
        say("failed", str(error))


if __name__ == "__main__":
    from cae.training import live

    live.main()  # and not this module's own: what is pickled goes by the module's name
