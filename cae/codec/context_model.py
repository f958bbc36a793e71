"""How probable each symbol is, given its position and the symbols coded before it: whole numbers from end to end.

A small network for each position, in fixed-point integers, looks at the symbols already coded and gives a mixture of
three logistic distributions; two integer tables, shipped with it, turn that into a frequency for each symbol. There is
no floating-point number in between, so that every machine computes the same frequencies.

Sources: J. Ballé, N. Johnston, D. Minnen, "Integer networks for data compression with latent-variable models", 2019;
the mixture: T. Salimans et al., "PixelCNN++", 2017, section 2.1.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from cae.codec.range_coder import TOTAL

UNIT = 1024
"""What stands for 1 in inputs, hidden values and outputs; a quantiser's step is a whole number of 1/1024."""
WEIGHT_BITS = 12
"""A weight of 1 is 2¹²; weights are int16."""
MIXTURE = 3
LARGEST = 2**15
"""Inputs and hidden values are clipped to this magnitude: ± 32 in latent units."""

FLOOR = 64
"""The least frequency of a symbol in the alphabet."""
ESCAPE = 2**15
"""The frequency of the escape from the alphabet."""

CURVE_STEPS = 128
CURVE_REACH = 12
CURVE_TOP = 2**14
"""The logistic curve at steps of 1/128 from −12 to 12, from 0 to 2¹⁴."""
POWER_STEPS = 64
POWER_OCTAVES = 16
POWER_TOP = 2**24
"""2⁻ˣ at steps of 1/64 for 0 ≤ x < 16, from 2²⁴ down."""
SCALE_OCTAVES = 8
"""Scales of the logistic distributions are 2⁻⁸ to 2⁸ in latent units."""

OUTSIDE = -100
"""As an offset: a neighbour that is never inside, for positions with fewer of them."""


def least_bits(symbols: int) -> float:
    """The least that a symbol of an alphabet of so many costs, in bits: the others and the escape have their parts."""
    return -math.log2(1 - (ESCAPE + (symbols - 1) * FLOOR) / TOTAL)


def power_table() -> np.ndarray:
    """What `powers` holds when a model is made: int32 (1024,)."""
    return np.rint(POWER_TOP * 2.0 ** (-np.arange(POWER_OCTAVES * POWER_STEPS) / POWER_STEPS)).astype(np.int32)


def curve_table() -> np.ndarray:
    """What `curve` holds when a model is made: int32 (3073,), never falling, from 0 to 2¹⁴."""
    at = np.arange(-CURVE_REACH * CURVE_STEPS, CURVE_REACH * CURVE_STEPS + 1) / CURVE_STEPS
    return np.rint(CURVE_TOP / (1 + np.exp(-at))).astype(np.int32)


def waves(height: int, width: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The order of coding: rows and columns, int64 (P,) each, of the positions with column + 2·row = 0, 1, 2, …

    All positions of a wave can be coded at once, since each has its left, upper and upper right neighbours behind it.
    """
    for wave in range(width + 2 * (height - 1)):
        rows = np.arange(max(0, (wave - width + 2) // 2), min(height - 1, wave // 2) + 1)
        if rows.size:  # a single column has every second wave only
            yield rows, wave - 2 * rows


def coding_order(height: int, width: int) -> np.ndarray:
    """The positions in the order of coding, each counted row by row: int64 (height · width,)."""
    return np.concatenate([rows * width + columns for rows, columns in waves(height, width)])


@dataclass(frozen=True)
class ContextModel:
    """The integer networks of C positions: a class c for each position of a C = h·w grid, or C = 1 for any position.

    Each has M neighbours and one further input, log₂ of the step; two hidden layers of H values; and 9 outputs: the
    means of the three distributions in latent units, log₂ of their scales, log₂ of their shares.
    """

    offsets: np.ndarray
    """int8 (C, M, 2): row and column of each neighbour relative to the position; all are coded before it."""
    first: np.ndarray
    """int16 (C, M + 1, H)."""
    first_bias: np.ndarray
    """int32 (C, H), in units of 2⁻²², as all biases."""
    second: np.ndarray
    """int16 (C, H, H)."""
    second_bias: np.ndarray
    """int32 (C, H)."""
    third: np.ndarray
    """int16 (C, H, 9)."""
    direct: np.ndarray
    """int16 (C, M + 1): from the inputs straight to the means."""
    third_bias: np.ndarray
    """int32 (C, 9)."""
    powers: np.ndarray
    """int32 (1024,): see `power_table`."""
    curve: np.ndarray
    """int32 (3073,): see `curve_table`."""

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray], prefix: str = "") -> "ContextModel":
        """The model whose arrays are kept under these names."""
        return cls(**{field.name: arrays[prefix + field.name] for field in fields(cls)})

    def to_arrays(self, prefix: str = "") -> dict[str, np.ndarray]:
        """The arrays by name, for `from_arrays`."""
        return {prefix + field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def classes(self) -> int:
        return len(self.offsets)

    @cached_property
    def _layers(self) -> list[tuple[np.ndarray, ...]]:
        """Each class's weights and biases as int64, so that no sum overflows."""
        names = ("first", "first_bias", "second", "second_bias", "third", "third_bias", "direct")
        return list(zip(*(getattr(self, name).astype(np.int64) for name in names), strict=True))

    def groups(self, height: int, width: int) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """The order of coding: a class, and the rows and columns (P,) of positions that it can code at once."""
        for rows, columns in waves(height, width):
            if self.classes == 1:
                yield 0, rows, columns
            else:
                for row, column in zip(rows, columns, strict=True):
                    yield int(row * width + column), row[np.newaxis], column[np.newaxis]

    def inputs(self, symbols: np.ndarray, kind: int, rows: np.ndarray, columns: np.ndarray, step: int) -> np.ndarray:
        """What the network of a class sees at P positions: int64 (N·P, M + 1), from symbols int (N, h, w).

        Neighbours outside count as 0. Symbols that come later in the order of coding are not looked at.
        """
        height, width = symbols.shape[1:]
        rows = rows[:, np.newaxis] + self.offsets[kind, :, 0].astype(np.int64)
        columns = columns[:, np.newaxis] + self.offsets[kind, :, 1].astype(np.int64)
        inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        found = symbols[:, np.where(inside, rows, 0), np.where(inside, columns, 0)].astype(np.int64) * inside
        return with_step(found.reshape(-1, found.shape[-1]), step)

    def distribution(self, inputs: np.ndarray, kind: int, step: int, lowest: int, highest: int) -> "Distribution":
        """How probable each symbol from `lowest` to `highest` is at n positions.

        Args:
            inputs: int64 (n, M + 1) as from `inputs`.
            kind: the class of the positions.
            step: the quantiser's step in 1/1024.
        """
        means, scales, shares = self._outputs(inputs, kind).T.reshape(3, MIXTURE, -1)
        at = _within(scales // (UNIT // POWER_STEPS) + SCALE_OCTAVES * POWER_STEPS, 0, len(self.powers) - 1)
        below = (shares.max(0) - shares) // (UNIT // POWER_STEPS)
        weights = self.powers[np.minimum(below, len(self.powers) - 1)].astype(np.int64) >> 8
        return Distribution(2 * means, self.powers[at].astype(np.int64), weights, self.curve, step, lowest, highest)

    def _outputs(self, inputs: np.ndarray, kind: int) -> np.ndarray:
        """Means, log scales and log shares, three of each: int64 (N, 9) in units of 1/1024."""
        first, first_bias, second, second_bias, third, third_bias, direct = self._layers[kind]
        hidden = _within(_rounded(inputs @ first + first_bias), 0, LARGEST)
        hidden = _within(_rounded(hidden @ second + second_bias), 0, LARGEST)
        outputs = hidden @ third + third_bias
        outputs[:, :MIXTURE] += (inputs @ direct)[:, np.newaxis]
        return _within(_rounded(outputs), -LARGEST, LARGEST)


@dataclass(frozen=True)
class Distribution:
    """How probable each symbol of an alphabet is at n positions: parts of the whole numbers from 0 to 2²⁴.

    The symbols' parts lie in order from 0 on; the last 2¹⁵ numbers are the escape's, which stands for all others.
    """

    means: np.ndarray
    """int64 (3, n): the logistic distributions' means in latent units, times 2048."""
    slopes: np.ndarray
    """int64 (3, n): 2¹⁶ ÷ their scales."""
    weights: np.ndarray
    """int64 (3, n): in proportion to their shares."""
    curve: np.ndarray
    """The logistic curve: see `curve_table`."""
    step: int
    """The quantiser's, in 1/1024."""
    lowest: int
    highest: int
    """The alphabet."""

    def interval(self, symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the parts of symbols int64 (n, E) start and end, int64 (n, E); the escape's outside the alphabet."""
        inside = (symbols >= self.lowest) & (symbols <= self.highest)
        start = np.where(inside, self._start(symbols), TOTAL - ESCAPE)
        return start, np.where(inside, self._start(symbols + 1), TOTAL)

    def frequencies(self) -> np.ndarray:
        """The lengths of the parts of all symbols, and last of the escape: int64 (n, K + 1), all positive."""
        starts = self._start(np.arange(self.lowest, self.highest + 2)[np.newaxis])
        lengths = np.full(starts.shape, ESCAPE)
        np.subtract(starts[:, 1:], starts[:, :-1], out=lengths[:, :-1])
        return lengths

    def _start(self, symbols: np.ndarray) -> np.ndarray:
        """Where the part of symbol v starts for v from `lowest` to `highest` + 1, the escape; anything for others.

        That is the share of free·P(latent < (v − ½)·step), and 64 for each symbol before it. Symbols are int64 (n, E),
        or (1, E) where they are the same at all positions.
        """
        edges = (2 * symbols - 1) * self.step  # in units of 1/2048
        reach = CURVE_REACH * CURVE_STEPS
        below = np.zeros((self.means.shape[1], symbols.shape[1]), np.int64)
        for mean, slope, weight in zip(self.means, self.slopes, self.weights, strict=True):
            # A slope is 2¹⁶ ÷ scale, so that the product, in units of 2⁻²⁷, becomes steps of the curve by >> 20.
            distances = (edges - mean[:, np.newaxis]) * slope[:, np.newaxis] >> 20
            below += self.curve[_within(distances, -reach, reach) + reach] * weight[:, np.newaxis]
        free = TOTAL - ESCAPE - (self.highest - self.lowest + 1) * FLOOR
        below = below * free // (CURVE_TOP * self.weights.sum(0))[:, np.newaxis]  # the product is below 2⁵⁶
        below = np.where(symbols <= self.lowest, 0, np.where(symbols > self.highest, free, below))
        return below + (symbols - self.lowest) * FLOOR


def with_step(symbols: np.ndarray, step: int) -> np.ndarray:
    """Symbols int64 (…, M) → inputs (…, M + 1) in units of 1/1024: latent values, and about log₂ of the step."""
    inputs = np.empty((*symbols.shape[:-1], symbols.shape[-1] + 1), np.int64)
    inputs[..., :-1] = _within(symbols * step, -LARGEST, LARGEST)
    inputs[..., -1] = (step.bit_length() - 1) * UNIT + ((step * UNIT) >> (step.bit_length() - 1)) - 11 * UNIT
    return inputs


def _rounded(sums: np.ndarray) -> np.ndarray:
    return (sums + (1 << WEIGHT_BITS - 1)) >> WEIGHT_BITS


def _within(values: np.ndarray, lowest: int, highest: int) -> np.ndarray:
    """As `np.clip`, which takes several times as long on the few numbers of one picture."""
    return np.minimum(np.maximum(values, lowest), highest)
