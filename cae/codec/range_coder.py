"""A range coder for integer frequencies: `constriction`'s, made to give and take bytes, as few as can be.

Its categorical model takes floats, but it is given whole numbers that sum to 2²⁴ less one for each symbol, and adds
that one again: its scale factor is then exactly 1, every sum is exact in float32, and the intervals are the integer
frequencies themselves, on every machine.
"""

import math

import numpy as np
from constriction import stream

from cae.codec.file_format import CodecError

TOTAL = 2**24
"""The sum of all frequencies of a symbol, which is the coder's own precision."""
WORD_BITS = 32
MOST_MISSING = 3 * WORD_BITS
"""Bits by which symbols may cost more than their bytes have: `RangeEncoder.finish` leaves off two words and a half-open
state at most, of which the decoder knows that they are zeros."""

_family = stream.model.Categorical(perfect=False)


class RangeEncoder:
    """Symbols → bytes, first in, first out."""

    def __init__(self) -> None:
        self._encoder = stream.queue.RangeEncoder()

    def encode(self, symbols: np.ndarray, frequencies: np.ndarray) -> None:
        """Append symbols int (n,) from 0 on, with positive frequencies int64 (K,) for all, which sum to 2²⁴."""
        self._encoder.encode(symbols.astype(np.int32), stream.model.Categorical(_weights(frequencies), perfect=False))

    def encode_intervals(self, start: np.ndarray, end: np.ndarray) -> None:
        """Append symbols by what stands for each in the whole numbers below 2²⁴: from `start` to `end`, int64 (n,).

        Nothing else of a symbol's frequencies matters to the coder, so that they need not be known. Symbols are
        positive and leave 2 or more of the numbers to others.
        """
        if not len(start):
            return
        # The library wants all frequencies: those of what lies before, of the symbol, and of what lies behind. None may
        # be 0: where nothing lies before or behind, the other side is cut in two.
        first, last = start == 0, end == TOTAL
        own, behind = end - start, TOTAL - end
        rows = (
            np.where(first, own, np.where(last, start - 1, start)),
            np.where(first, behind - 1, np.where(last, 1, own)),
            np.where(first, 1, np.where(last, own, behind)),
        )
        self._encoder.encode((1 - first + last).astype(np.int32), _family, _weights(np.stack(rows, 1)))

    def encode_evenly(self, symbols: np.ndarray, size: int) -> None:
        """Append symbols int (n,) from 0 to size − 1, all equally probable."""
        if len(symbols):
            self._encoder.encode(symbols.astype(np.int32), stream.model.Uniform(size))

    def finish(self) -> bytes:
        """The shortest bytes within the final interval, where the decoder adds zeros as it needs them.

        They are at most two words fewer than the library has written. The library itself ends on whole words of four
        bytes. Source: A. Moffat, R. Neal, I. Witten, "Arithmetic coding revisited", 1998, on the end of a message.
        """
        sealed = self._encoder.get_compressed()
        words, (lower, width) = self._encoder.pos()
        length = (words + 2) * WORD_BITS
        value = int.from_bytes(sealed.astype(">u4").tobytes(), "big") << length - len(sealed) * WORD_BITS
        start = value - (value - lower) % 2 ** (2 * WORD_BITS)  # the lower end of the interval, all its digits
        for size in range(max(0, 4 * words - 8), length // 8 + 1):
            unused = length - 8 * size
            code = -(-start >> unused)
            if code << unused < start + width:
                return code.to_bytes(size, "big")
        raise AssertionError("The interval holds no number.")


class RangeDecoder:
    """Bytes → symbols. All methods raise `CodecError` where the bytes are no code of any symbols, or of fewer."""

    def __init__(self, payload: bytes) -> None:
        self._bits = 8.0 * len(payload) + MOST_MISSING
        words = np.frombuffer(payload + bytes(-len(payload) % 4), ">u4")
        self._decoder = stream.queue.RangeDecoder(words.astype(np.uint32))

    def decode(self, frequencies: np.ndarray, count: int | None = None) -> np.ndarray:
        """The next symbols int32 (n,): one for each row of frequencies int64 (n, K), or `count` with the same (K,)."""
        weights = _weights(frequencies)
        if weights.ndim == 1:
            symbols = self._decode(stream.model.Categorical(weights, perfect=False), count)
            taken = frequencies[symbols]
        else:
            symbols = self._decode(_family, weights)
            taken = frequencies[np.arange(len(symbols)), symbols]
        self._spend(-float(np.log2(taken / TOTAL).sum()))
        return symbols

    def decode_evenly(self, size: int, count: int) -> np.ndarray:
        """The next `count` symbols int32 of those that were appended with `encode_evenly`."""
        self._spend(count * math.log2(size))
        return self._decode(stream.model.Uniform(size), count)

    def check(self, bits: float) -> None:
        """Raise `CodecError` unless symbols that cost so many bits can follow."""
        if bits > self._bits:
            raise CodecError("The file is incomplete: it declares more than it can hold.")

    def _spend(self, bits: float) -> None:
        self.check(bits)
        self._bits -= bits

    def _decode(self, model: object, argument: object) -> np.ndarray:
        try:
            return self._decoder.decode(model, argument)
        except AssertionError:  # what constriction raises where no symbol has such a code
            raise CodecError("The file is damaged: its content is no code of symbols.") from None


def from_counts(counts: np.ndarray) -> np.ndarray:
    """How often each symbol was seen, int (K,) below 2³⁸ → frequencies int64 (K,), all positive, that sum to 2²⁴."""
    frequencies = counts.astype(np.int64) * (TOTAL - len(counts)) // max(1, int(counts.sum())) + 1
    frequencies[np.argmax(frequencies)] += TOTAL - frequencies.sum()
    return frequencies


def _weights(frequencies: np.ndarray) -> np.ndarray:
    return (frequencies - 1).astype(np.float32)
