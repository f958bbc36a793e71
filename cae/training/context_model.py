"""Training of context models: in floating point, then rounded to integers."""

import keras
import numpy as np
from keras import ops

from cae.codec.context_model import (
    ESCAPE,
    FLOOR,
    MIXTURE,
    OUTSIDE,
    SCALE_OCTAVES,
    UNIT,
    WEIGHT_BITS,
    ContextModel,
    curve_table,
    power_table,
    waves,
    with_step,
)
from cae.codec.range_coder import TOTAL
from cae.progress import progress_bar

HIDDEN = 32
REACH = 3
"""Rows above and columns to either side that position-independent models see."""
BATCH = 256
FREE_EXAMPLES = 8 * BATCH
"""Positions sampled per batch for a position-independent model."""
PEAK_LEARNING_RATE = 4e-3
LEAST_SPREAD = 0.3
"""Added to the standard deviations that inputs and outputs are divided by, as some (at corners) are close to zero."""


def grid_offsets(height: int, width: int) -> np.ndarray:
    """The offsets from each position of a grid to all those coded before it: int8 (h·w, h·w − 1, 2).

    Unused places hold `OUTSIDE`.
    """
    order = [(int(row), int(column)) for pair in waves(height, width) for row, column in zip(*pair, strict=True)]
    offsets = np.full((height * width, height * width - 1, 2), OUTSIDE, np.int8)
    for row, column in order:
        before = [there for there in order if there[1] + 2 * there[0] < column + 2 * row]
        if before:
            offsets[row * width + column, : len(before)] = np.array(before) - (row, column)
    return offsets


def free_offsets(reach: int = REACH) -> np.ndarray:
    """The offsets from any position to those within `reach` that are coded before it: int8 (1, M, 2)."""
    around = range(-reach, reach + 1)
    return np.array([[(row, column) for row in around for column in around if column + 2 * row < 0]], np.int8)


def train(latents: np.ndarray, steps: list[int], offsets: np.ndarray, epochs: int, seed: int = 0) -> ContextModel:
    """Train a context model to code these latents, quantised with any of the steps, in few bits; see `fit`."""
    return fit(latents, steps, offsets, epochs, seed).to_integers(offsets)


def fit(latents: np.ndarray, steps: list[int], offsets: np.ndarray, epochs: int, seed: int = 0) -> "ContextNetwork":
    """Train a context model, and return it in floating point.

    Args:
        latents: float32 (N, h, w).
        steps: of the quantiser, in 1/1024; each batch is quantised with one of them.
        offsets: as from `grid_offsets` or `free_offsets`.
    """
    keras.utils.set_random_seed(seed)
    batches = _Batches(latents, steps, offsets, seed)
    network = ContextNetwork(*batches.statistics())
    model = keras.Sequential([keras.Input(batches[0][0].shape[1:]), network])
    total = epochs * len(batches)
    warm_up = total // 20
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, total - warm_up, alpha=0.001, warmup_target=PEAK_LEARNING_RATE, warmup_steps=warm_up
    )
    model.compile(keras.optimizers.Adam(rate), loss=bits)
    with progress_bar("Context model", epochs) as advance:
        report = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda _, logs: advance(1, f"{logs['loss'] * len(offsets):.2f} bits")
        )
        model.fit(batches, epochs=epochs, verbose=0, callbacks=[report])
    return network


def neighbours(height: int, width: int, offsets: np.ndarray) -> np.ndarray:
    """The indices of each position's neighbours in the flattened grid: int64 (h·w, M); h·w for those outside."""
    rows, columns = np.divmod(np.arange(height * width), width)
    there = np.stack([rows, columns], 1)[:, np.newaxis] + offsets.astype(np.int64)  # (h·w, M, 2)
    inside = ((there >= 0) & (there < (height, width))).all(2)
    return np.where(inside, there @ (width, 1), height * width)


class _Batches(keras.utils.PyDataset):
    """Batches: inputs float32 (B, C, M + 1) in latent units, and the two edges of each symbol's bin (B, C, 2)."""

    def __init__(self, latents: np.ndarray, steps: list[int], offsets: np.ndarray, seed: int) -> None:
        super().__init__()
        self.latents, self.steps, self.classes = latents, steps, len(offsets)
        self.random = np.random.default_rng(seed)
        height, width = latents.shape[1:]
        self.neighbours = neighbours(height, width, offsets)
        self.on_epoch_end()

    def __len__(self) -> int:
        return max(1, len(self.latents) // BATCH)

    def on_epoch_end(self) -> None:
        self.order = self.random.permutation(len(self.latents))

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = self.latents[self.order[index * BATCH : (index + 1) * BATCH]]
        return self._examples(chosen, int(self.random.choice(self.steps)))

    def _examples(self, latents: np.ndarray, step: int) -> tuple[np.ndarray, np.ndarray]:
        size = step / UNIT
        symbols = np.rint(latents.reshape(len(latents), -1) / size).astype(np.int64)
        with_outside = np.pad(symbols, ((0, 0), (0, 1)))
        if self.classes == 1:
            some = self.random.permutation(symbols.size)[:FREE_EXAMPLES]
            images, positions = np.divmod(some, symbols.shape[1])
            around = with_outside[images[:, np.newaxis], self.neighbours[positions]][:, np.newaxis]
            symbols = symbols.reshape(-1, 1)[some]
        else:
            around = with_outside[:, self.neighbours]
        inputs = with_step(around, step) / np.float32(UNIT)
        edges = (symbols[..., np.newaxis] + np.array([-0.5, 0.5])) * size
        return inputs.astype(np.float32), edges.astype(np.float32)

    def statistics(self) -> tuple[np.ndarray, ...]:
        """Mean and spread of each input (C, M + 1), and of each class's latent (C,)."""
        inputs, edges = self._examples(self.latents[:5_000], min(self.steps))
        values = edges.mean(2)
        spread = LEAST_SPREAD + inputs.std(0)
        spread[:, -1] = 1
        return inputs.mean(0), spread, values.mean(0), values.std(0) + LEAST_SPREAD


class ContextNetwork(keras.layers.Layer):
    """The context model in floating point: inputs (B, C, M + 1) → (B, C, 9)."""

    def __init__(self, *statistics: np.ndarray) -> None:
        super().__init__(name="context", dtype="float32")
        self.input_mean, self.input_spread, self.mean, self.spread = (x.astype(np.float32) for x in statistics)

    def build(self, shape: tuple) -> None:
        _, classes, inputs = shape
        self.classes = classes
        normal = keras.initializers.VarianceScaling(2.0, "fan_in", "truncated_normal")

        def kernel(name: str, rows: int, columns: int, scale: float = 1.0) -> keras.Variable:
            # One class at a time, since Keras would count the classes as inputs, too.
            start = np.stack([np.asarray(ops.convert_to_numpy(normal((rows, columns)))) for _ in range(classes)])
            return self.add_weight(
                (classes, rows, columns), lambda *_, **__: ops.convert_to_tensor(start * scale), name=name
            )

        self.first, self.second = kernel("first", inputs, HIDDEN), kernel("second", HIDDEN, HIDDEN)
        self.third = kernel("third", HIDDEN, 3 * MIXTURE, 0.05)
        self.direct = self.add_weight((classes, inputs, 1), "zeros", name="direct")
        self.first_bias = self.add_weight((classes, HIDDEN), "zeros", name="first_bias")
        self.second_bias = self.add_weight((classes, HIDDEN), "zeros", name="second_bias")
        start = np.concatenate([np.linspace(-1, 1, MIXTURE), np.full(MIXTURE, -1.0), np.zeros(MIXTURE)])
        tiled = np.tile(start.astype(np.float32), (classes, 1))
        self.third_bias = self.add_weight(tiled.shape, lambda *_, **__: ops.convert_to_tensor(tiled), name="third_bias")

    def call(self, inputs):
        x = (inputs - self.input_mean) / self.input_spread
        hidden = ops.relu(ops.einsum("bcm,cmh->bch", x, self.first) + self.first_bias)
        hidden = ops.relu(ops.einsum("bch,chk->bck", hidden, self.second) + self.second_bias)
        outputs = ops.einsum("bch,cho->bco", hidden, self.third) + self.third_bias
        means = outputs[..., :MIXTURE] + ops.einsum("bcm,cmo->bco", x, self.direct)
        means = means * self.spread[:, np.newaxis] + self.mean[:, np.newaxis]
        scales = outputs[..., MIXTURE : 2 * MIXTURE] + np.log2(self.spread)[:, np.newaxis]
        return ops.concatenate([means, scales, outputs[..., 2 * MIXTURE :]], -1)

    def to_integers(self, offsets: np.ndarray) -> ContextModel:
        """The same network with mean and spread folded into its weights, rounded to fixed-point integers."""
        value = {v.name: np.asarray(ops.convert_to_numpy(v), np.float64) for v in self.weights}
        first = value["first"] / self.input_spread[..., np.newaxis]
        direct = value["direct"][..., 0] / self.input_spread * self.spread[:, np.newaxis]
        third, third_bias = value["third"], value["third_bias"]
        third[..., :MIXTURE] *= self.spread[:, np.newaxis, np.newaxis]
        third_bias[:, :MIXTURE] = third_bias[:, :MIXTURE] * self.spread[:, np.newaxis] + self.mean[:, np.newaxis]
        third_bias[:, :MIXTURE] -= np.einsum("cm,cm->c", self.input_mean, direct)[:, np.newaxis]
        third_bias[:, MIXTURE : 2 * MIXTURE] += np.log2(self.spread)[:, np.newaxis]

        def weights(array: np.ndarray) -> np.ndarray:
            return np.rint(np.clip(array * 2**WEIGHT_BITS, -(2**15), 2**15 - 1)).astype(np.int16)

        def biases(array: np.ndarray) -> np.ndarray:
            return np.rint(np.clip(array * UNIT * 2**WEIGHT_BITS, -(2**31), 2**31 - 1)).astype(np.int32)

        return ContextModel(
            offsets=offsets,
            first=weights(first),
            first_bias=biases(value["first_bias"] - np.einsum("cm,cmh->ch", self.input_mean, first)),
            second=weights(value["second"]),
            second_bias=biases(value["second_bias"]),
            third=weights(third),
            direct=weights(direct),
            third_bias=biases(third_bias),
            powers=power_table(),
            curve=curve_table(),
        )


def bits(edges, outputs):
    """Bits of symbols as in `ContextModel.frequencies`: edges of their bins (B, C, 2), outputs (B, C, 9) → (B, C)."""
    means, scales, shares = ops.split(outputs, 3, -1)
    slopes = 2.0 ** -ops.clip(scales, -SCALE_OCTAVES, SCALE_OCTAVES)
    curves = [ops.sigmoid((edges[..., side : side + 1] - means) * slopes) for side in (0, 1)]
    shares = ops.softmax(shares * float(np.log(2)), -1)
    probability = ops.sum(shares * (curves[1] - curves[0]), -1)
    return -ops.log(probability * (1 - ESCAPE / TOTAL) + FLOOR / TOTAL) / float(np.log(2))
