"""The range coder against one in Python's own integers: the intervals are exactly the integer frequencies."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cae.codec.file_format import CodecError
from cae.codec.range_coder import MOST_MISSING, TOTAL, RangeDecoder, RangeEncoder, from_counts

TABLES = st.lists(st.integers(0, 2**20), min_size=2, max_size=40).map(lambda counts: from_counts(np.array(counts)))


def interval(steps: list[tuple[int, int]]) -> tuple[int, int, int]:
    """The final interval of (left cumulative, frequency) pairs: lower end, width, and the bits before the point.

    The coder's rule, in whole numbers of any size: 64 bits of width, 24 of precision, words of 32.
    """
    lower, width, bits = 0, 2**64 - 1, 64
    for left, frequency in steps:
        scale = width >> 24
        lower, width = lower + scale * left, scale * frequency
        if width < 2**32:
            lower, width, bits = lower << 32, width << 32, bits + 32
    return lower, width, bits


def path(symbols: list[int], table: np.ndarray) -> list[tuple[int, int]]:
    left = np.concatenate([[0], np.cumsum(table)])
    return [(int(left[symbol]), int(table[symbol])) for symbol in symbols]


@settings(max_examples=300)
@given(TABLES, st.data())
def test_shortest_number_in_the_exact_interval(table, data):
    choices = st.integers(0, len(table) - 1) | st.just(len(table) - 1) | st.just(int(table.argmax()))
    symbols = data.draw(st.lists(choices, min_size=1, max_size=60))
    encoder = RangeEncoder()
    encoder.encode(np.array(symbols), table)
    payload = encoder.finish()
    lower, width, bits = interval(path(symbols, table))
    value = int.from_bytes(payload, "big") << bits - 8 * len(payload)
    assert lower <= value < lower + width
    if payload:
        shorter = bits - 8 * (len(payload) - 1)
        assert -(-lower >> shorter) << shorter >= lower + width
    assert RangeDecoder(payload).decode(table, len(symbols)).tolist() == symbols


@given(st.lists(TABLES, min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_a_table_for_each_symbol(tables, random):
    """Coded by its interval alone, a symbol gives the bytes that its whole table gives; the first and the last, too."""
    size = max(3, min(len(table) for table in tables))
    rows = np.stack([from_counts(np.resize(table, size)) for table in tables])
    symbols = np.array([random.choice((0, size - 1, random.randrange(size))) for _ in tables])
    together, one_by_one = RangeEncoder(), RangeEncoder()
    at = np.arange(len(rows)), symbols
    ends = np.cumsum(rows, 1)[at]
    together.encode_intervals(ends - rows[at], ends)
    for symbol, row in zip(symbols, rows, strict=True):
        one_by_one.encode(np.array([symbol]), row)
    payload = together.finish()
    assert payload == one_by_one.finish()
    assert RangeDecoder(payload).decode(rows).tolist() == symbols.tolist()


@settings(max_examples=50)
@given(TABLES, st.integers(0, 400))
def test_what_is_left_off_at_the_end(table, count):
    """Where all that follows are zeros, most is left off; it never costs the symbols' decoding."""
    assume(table.max() < 0.999 * TOTAL)  # or it takes too many symbols to be more than the payload can hold
    encoder = RangeEncoder()
    encoder.encode(np.zeros(count, np.int64), table)
    payload = encoder.finish()
    bits = -count * np.log2(table[0] / TOTAL)
    assert 8 * len(payload) <= bits + 8
    assert bits <= 8 * len(payload) + MOST_MISSING
    decoder = RangeDecoder(payload)
    assert not decoder.decode(table, count).any()
    least = -np.log2(table.max() / TOTAL)
    with pytest.raises(CodecError, match="more than it can hold"):
        decoder.decode(table, 1 + int(2 * MOST_MISSING / least))


def test_evenly_and_nothing():
    encoder = RangeEncoder()
    encoder.encode_evenly(np.array([], np.int64), 2**16)
    encoder.encode(np.array([], np.int64), np.full(2, TOTAL // 2))
    encoder.encode_intervals(np.array([], np.int64), np.array([], np.int64))
    assert encoder.finish() == b""
    encoder.encode_evenly(np.array([0, 65_535, 258]), 2**16)
    payload = encoder.finish()
    assert len(payload) <= 7
    assert RangeDecoder(payload).decode_evenly(2**16, 3).tolist() == [0, 65_535, 258]


@given(st.lists(st.integers(0, 2**38 - 1), min_size=1, max_size=300))
def test_frequencies_from_counts(counts):
    frequencies = from_counts(np.array(counts))
    assert frequencies.sum() == TOTAL
    assert frequencies.min() >= 1


def test_no_code_of_symbols():
    table = from_counts(np.array([1, 0]))
    with pytest.raises(CodecError, match="damaged"):
        RangeDecoder(b"\xff" * 80).decode(table, 1000)
