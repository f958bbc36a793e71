"""Symbols to bytes and back: the range coder, driven by a context model.

The context model is evaluated once for each symbol: choosing the symbol, counting its bits and writing it are one pass.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cae.codec.context_model import ContextModel, Distribution, least_bits
from cae.codec.range_coder import TOTAL, RangeDecoder, RangeEncoder
from cae.progress import Advance, silent

LARGEST_SYMBOL = 2**15 - 1
"""Symbols are int16, from −32767 on."""
ESCAPED_BITS = 16
"""What an escaped symbol takes beside the escape."""
CHUNK = 4096
"""So many symbols are coded at a time."""
NEAREST = np.array([0, -1, 1])
"""What rate–distortion optimised quantisation tries, from the nearest symbol on; at equal costs the first is taken."""


@dataclass(frozen=True)
class SymbolCoder:
    """Codes the symbols of one quantiser. All arrays of symbols are int16 (N, h, w), and `advance` counts symbols."""

    model: ContextModel
    step: int
    """The quantiser's, in 1/1024."""
    lowest: int
    highest: int
    """The alphabet; symbols beyond it are escaped."""

    def quantise(
        self,
        scaled: np.ndarray,
        rate_weight: float,
        encoder: RangeEncoder | None = None,
        advance: Advance = silent,
        costs: np.ndarray | None = None,
        moves: np.ndarray | None = None,
        moved: np.ndarray | None = None,
    ) -> tuple[np.ndarray, float]:
        """Choose symbols for latents, count their bits and, where an encoder is given, append them to it.

        Of the three symbols nearest to a latent, the one of the least squared error + rate_weight · bits is chosen,
        given the symbols chosen before it; without a rate weight the nearest is. Source: G. Sullivan, T. Wiegand,
        "Rate-distortion optimization for video compression", 1998; here symbol by symbol. Where moves are given, the
        latents after a symbol are moved so as to make its error good.

        Args:
            scaled: latents in steps, (N, h, w) within ± 32767; symbols, too, which stay as they are without a weight.
            rate_weight: squared steps that a bit is worth.
            costs: as in `Fitted`, in such units that a squared step costs about 1; without them, it costs 1.
            moves, moved: as in `Fitted`; both or none.

        Returns:
            The symbols, and the bits that their probabilities say they cost.
        """
        symbols, bits = np.zeros(scaled.shape, np.int16), 0.0
        left = scaled.reshape(len(scaled), -1)
        if moves is not None:
            left = np.pad(left.astype(np.float64), ((0, 0), (0, 1)))  # one more, for moves of what is not there
        for part, kind, rows, columns in self._order(symbols.shape):
            expected = self._expected(symbols[part], kind, rows, columns)
            places = rows * scaled.shape[2] + columns
            wanted = np.clip(left[part, places], -LARGEST_SYMBOL, LARGEST_SYMBOL).reshape(-1, 1)
            candidates = np.rint(wanted).astype(np.int64) + (NEAREST if rate_weight else NEAREST[:1])
            start, end = expected.interval(candidates)
            best = np.zeros((len(candidates), 1), np.int64)
            if rate_weight:
                cost = np.square(wanted - candidates)
                if costs is not None:
                    cost *= costs[part, places].reshape(-1, 1)
                cost -= rate_weight * np.log2(end - start)
                cost[:, 1:][end[:, 1:] == TOTAL] = np.inf  # the escape costs more than its own bits
                best = cost.argmin(1)[:, np.newaxis]
            chosen, start, end = (np.take_along_axis(each, best, 1)[:, 0] for each in (candidates, start, end))
            symbols[part, rows, columns] = chosen.reshape(-1, len(rows))
            if moves is not None and moved is not None:
                for place, row, column in zip(places, rows, columns, strict=True):
                    errors = left[part, place] - symbols[part, row, column]
                    left[part, moved[place]] -= errors[:, np.newaxis] * moves[part, place]
            escaped = chosen[end == TOTAL]
            bits += ESCAPED_BITS * len(escaped) - np.log2((end - start) / TOTAL).sum()
            if encoder is not None:
                encoder.encode_intervals(start, end)
                encoder.encode_evenly(escaped + 2**15, 2**ESCAPED_BITS)
            advance(len(chosen))
        return symbols, float(bits)

    def bits(self, symbols: np.ndarray) -> float:
        """What the symbols cost by their probabilities."""
        return self.quantise(symbols, 0.0)[1]

    def encode(self, symbols: np.ndarray) -> bytes:
        """The bytes that tell these symbols from all others of the same shape; all N in one stream."""
        encoder = RangeEncoder()
        self.quantise(symbols, 0.0, encoder)
        return encoder.finish()

    def decode_from(self, decoder: RangeDecoder, shape: tuple[int, int, int], advance: Advance = silent) -> np.ndarray:
        """The decoder's next symbols. Raises `CodecError` where it has none."""
        symbols = np.zeros(shape, np.int16)
        escape = self.highest - self.lowest + 1
        for part, kind, rows, columns in self._order(shape):
            indices = decoder.decode(self._expected(symbols[part], kind, rows, columns).frequencies())
            values = indices + self.lowest
            if (escaped := indices == escape).any():
                values[escaped] = decoder.decode_evenly(2**ESCAPED_BITS, int(escaped.sum())) - 2**15
            symbols[part, rows, columns] = values.reshape(-1, len(rows))
            advance(len(values))
        return symbols

    def _order(self, shape: tuple[int, ...]) -> Iterator[tuple[slice, int, np.ndarray, np.ndarray]]:
        """The order of coding: some of the pictures, and the class, rows and columns (P,) of positions in them."""
        count, height, width = shape
        for kind, rows, columns in self.model.groups(height, width):
            pictures = max(1, CHUNK // len(rows))
            for first in range(0, count, pictures):
                yield slice(first, first + pictures), kind, rows, columns

    def _expected(self, symbols: np.ndarray, kind: int, rows: np.ndarray, columns: np.ndarray) -> Distribution:
        """The distribution at P positions of n pictures, n·P in all, given the symbols (n, h, w) coded before."""
        inputs = self.model.inputs(symbols, kind, rows, columns, self.step)
        return self.model.distribution(inputs, kind, self.step, self.lowest, self.highest)


def decode(
    payload: bytes, parts: Sequence[tuple[SymbolCoder, tuple[int, int, int]]], advance: Advance = silent
) -> list[np.ndarray]:
    """The symbols of parts of these shapes.

    Raises:
        CodecError: the payload is not one of symbols of these shapes. Where it could not hold so many even if each was
            the most probable one that there can be, this is found before anything is allocated; where it does not hold
            as many as these are, as soon as it has come to its end.
    """
    decoder = RangeDecoder(payload)
    decoder.check(sum(math.prod(shape) * least_bits(coder.highest - coder.lowest + 1) for coder, shape in parts))
    return [coder.decode_from(decoder, shape, advance) for coder, shape in parts]
