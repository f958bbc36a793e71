"""Symbols to bytes and back: the range coder, driven by a context model."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cae.codec.context_model import LEAST_BITS, ContextModel
from cae.codec.file_format import CodecError
from cae.codec.range_coder import TOTAL, RangeDecoder, RangeEncoder
from cae.progress import Advance, silent

LARGEST_SYMBOL = 2**15 - 1
"""Symbols are int16, from −32767 on."""
ESCAPED_BITS = 16
"""What an escaped symbol takes beside the escape."""
CHUNK = 4096
"""So many symbols' frequencies are held at a time."""


@dataclass(frozen=True)
class SymbolCoder:
    """Codes the symbols of one quantiser. All arrays of symbols are int16 (N, h, w), and `advance` counts symbols."""

    model: ContextModel
    step: int
    """The quantiser's, in 1/1024."""
    lowest: int
    highest: int
    """The alphabet; symbols beyond it are escaped."""

    def contexts(self, symbols: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """In the order of coding: indices (n,) into `symbols.ravel()`, and the frequencies int64 (n, K + 1) there.

        The symbols at these indices must be in place before the next are asked for, and need not be before that.
        """
        count, height, width = symbols.shape
        for kind, rows, columns in self.model.groups(height, width):
            images = max(1, CHUNK // len(rows))
            for start in range(0, count, images):
                some = symbols[start : start + images]
                inputs = self.model.inputs(some, kind, rows, columns, self.step)
                first = np.arange(start, start + len(some))[:, np.newaxis] * (height * width)
                where = (first + rows * width + columns).ravel()
                yield where, self.model.frequencies(inputs, kind, self.step, self.lowest, self.highest)

    def choose(self, scaled: np.ndarray, rate_weight: float, advance: Advance = silent) -> np.ndarray:
        """Symbols for latents in steps, float (N, h, w) within ± 32767: each the best of the three nearest.

        The best has the least squared error + rate_weight · bits, given the symbols chosen before it. Source:
        G. Sullivan, T. Wiegand, "Rate-distortion optimization for video compression", 1998; here symbol by symbol.
        """
        symbols = np.rint(scaled).astype(np.int16)
        flat, wanted = symbols.reshape(-1), scaled.ravel()
        for where, frequencies in self.contexts(symbols):
            candidates = flat[where].astype(np.int32)[:, np.newaxis] + np.array([0, -1, 1], np.int32)
            indices = self._indices(candidates)
            bits = -np.log2(np.take_along_axis(frequencies, indices, 1))
            costs = np.square(wanted[where][:, np.newaxis] - candidates) + rate_weight * bits
            costs[:, 1:][indices[:, 1:] == self._escape] = np.inf
            flat[where] = np.take_along_axis(candidates, costs.argmin(1)[:, np.newaxis], 1)[:, 0]
            advance(len(where))
        return symbols

    def bits(self, symbols: np.ndarray) -> float:
        """What the frequencies say that the symbols cost."""
        total, flat = 0.0, symbols.ravel()
        for where, frequencies in self.contexts(symbols):
            indices = self._indices(flat[where])
            taken = np.take_along_axis(frequencies, indices[:, np.newaxis], 1)
            total -= np.log2(taken / TOTAL).sum()
            total += ESCAPED_BITS * np.count_nonzero(indices == self._escape)
        return float(total)

    def encode(self, symbols: np.ndarray) -> bytes:
        """The bytes that tell these symbols from all others of the same shape; all N in one stream."""
        return encode([(self, symbols)])

    def decode(self, payload: bytes, shape: tuple[int, int, int]) -> np.ndarray:
        """The symbols that were encoded; raises as the function `decode` does."""
        return decode(payload, [(self, shape)])[0]

    def append(self, encoder: RangeEncoder, symbols: np.ndarray, advance: Advance) -> None:
        """Put symbols behind what the encoder has."""
        flat = symbols.ravel()
        for where, frequencies in self.contexts(symbols):
            values = flat[where]
            indices = self._indices(values)
            encoder.encode(indices, frequencies)
            encoder.encode_evenly(values[indices == self._escape].astype(np.int32) + 2**15, 2**ESCAPED_BITS)
            advance(len(where))

    def take(self, decoder: RangeDecoder, shape: tuple[int, int, int], advance: Advance) -> np.ndarray:
        """The decoder's next symbols. Raises `CodecError` where it has none."""
        symbols = np.zeros(shape, np.int16)
        flat = symbols.reshape(-1)
        for where, frequencies in self.contexts(symbols):
            indices = decoder.decode(frequencies)
            values = indices + self.lowest
            if (escaped := indices == self._escape).any():
                values[escaped] = decoder.decode_evenly(2**ESCAPED_BITS, int(escaped.sum())) - 2**15
            flat[where] = values
            advance(len(where))
        return symbols

    @property
    def _escape(self) -> int:
        return self.highest - self.lowest + 1

    def _indices(self, values: np.ndarray) -> np.ndarray:
        """Symbols → their places in the alphabet, int64 of the same shape; the escape's for those outside it."""
        values = values.astype(np.int64)
        return np.where((values >= self.lowest) & (values <= self.highest), values - self.lowest, self._escape)


def encode(parts: Sequence[tuple[SymbolCoder, np.ndarray]], advance: Advance = silent) -> bytes:
    """Symbols int16 (N, h, w), each part with its coder, one after the other in one stream."""
    encoder = RangeEncoder()
    for coder, symbols in parts:
        coder.append(encoder, symbols, advance)
    return encoder.finish()


def decode(
    payload: bytes, parts: Sequence[tuple[SymbolCoder, tuple[int, int, int]]], advance: Advance = silent
) -> list[np.ndarray]:
    """The symbols of parts of these shapes.

    Raises:
        CodecError: the payload is not one of symbols of these shapes; where it is much too short, this is found
            before anything is allocated.
    """
    if sum(math.prod(shape) for _, shape in parts) * LEAST_BITS > 8 * len(payload) + ESCAPED_BITS:
        raise CodecError("The file is incomplete: it declares more than it can hold.")
    decoder = RangeDecoder(payload)
    return [coder.take(decoder, shape, advance) for coder, shape in parts]
