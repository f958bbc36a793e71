"""The context models: whole numbers only, in the order of coding, and as good as the floats they came from."""

from dataclasses import fields, replace

import numpy as np
import pytest
from golden_files import GOLDEN, STEPS, smooth

from cae.codec.codec import Codec
from cae.codec.context_model import ESCAPE, FLOOR, ContextModel, curve_table, least_bits, power_table, waves
from cae.codec.entropy_coder import SymbolCoder
from cae.codec.range_coder import TOTAL
from cae.model import store


@pytest.fixture(scope="module")
def codec() -> Codec:
    return Codec.load(store.load("tiny", GOLDEN))


@pytest.mark.parametrize(("height", "width"), [(7, 7), (1, 1), (1, 9), (9, 1), (5, 13), (13, 5)])
def test_waves(height, width):
    order = np.full((height, width), -1)
    for wave, (rows, columns) in enumerate(waves(height, width)):
        assert len(rows) == len(columns) > 0
        assert (order[rows, columns] == -1).all()
        order[rows, columns] = wave
    assert (order >= 0).all()
    assert (order[:, 1:] > order[:, :-1]).all()  # left
    assert (order[1:] > order[:-1]).all()  # above
    assert (order[1:, :-1] > order[:-1, 1:]).all()  # above to the right


@pytest.mark.parametrize(("kind", "shape"), [("grid", (7, 7)), ("free", (6, 9))])
def test_only_earlier_symbols_count(codec, kind, shape):
    model = codec.contexts["", kind]
    symbols = np.rint(smooth(3, *shape, seed=5) * 4).astype(np.int16)
    rng = np.random.default_rng(0)
    done = np.zeros(shape, bool)
    for group in model.groups(*shape):
        later = np.where(done, symbols, rng.integers(-50, 50, symbols.shape)).astype(np.int16)
        assert np.array_equal(model.inputs(symbols, *group, 256), model.inputs(later, *group, 256))
        done[group[1:]] = True
    assert done.all()


@pytest.mark.parametrize("kind", ["grid", "free"])
def test_frequencies_are_such_as_the_coder_takes(codec, kind):
    model = codec.contexts["", kind]
    rng = np.random.default_rng(1)
    for scale in (0, 10, 1_000, 2**15):
        inputs = rng.integers(-scale, scale + 1, (200, model.first.shape[1])).astype(np.int64)
        for step, lowest, highest in ((1, -300, 300), (128, -20, 30), (2**13, 0, 0), (2**13, -1, 0)):
            expected = model.distribution(inputs, model.classes - 1, step, lowest, highest)
            frequencies = expected.frequencies()
            assert frequencies.dtype == np.int64
            assert frequencies.shape == (200, highest - lowest + 2)
            assert (frequencies.sum(1) == TOTAL).all()
            assert frequencies[:, :-1].min() >= FLOOR
            assert (frequencies[:, -1] == ESCAPE).all()
            assert -np.log2(frequencies.max() / TOTAL) >= least_bits(highest - lowest + 1) - 1e-12
            symbols = np.tile(np.arange(lowest - 1, highest + 2), (200, 1))
            start, end = expected.interval(symbols)
            ends = np.cumsum(frequencies, 1)
            assert np.array_equal(start[:, 1:-1], ends[:, :-1] - frequencies[:, :-1])
            assert np.array_equal(end[:, 1:-1], ends[:, :-1])
            for escape in (0, -1):
                assert np.array_equal(start[:, escape], ends[:, -2])
                assert (end[:, escape] == TOTAL).all()


def test_whole_numbers_only(codec):
    for model in codec.contexts.values():
        for field in fields(model):
            assert getattr(model, field.name).dtype.kind == "i", field.name
        assert all(array.dtype == np.int64 for layer in model._layers for array in layer)
        assert np.array_equal(model.powers, power_table())
        assert np.array_equal(model.curve, curve_table())


def test_against_the_same_in_floats(codec):
    """Every layer as its docstring has it, in float64: logistic mixtures within the rounding of the integers."""
    model = codec.contexts["", "grid"]
    symbols = np.rint(smooth(50, 7, 7, seed=6) * 1024 / 358).astype(np.int16)
    for kind, rows, columns in model.groups(7, 7):
        inputs = model.inputs(symbols, kind, rows, columns, 358)
        x, weight, bias = inputs / 1024, 2.0**-12, 2.0**-22
        hidden = np.maximum(x @ (model.first[kind] * weight) + model.first_bias[kind] * bias, 0)
        hidden = np.maximum(hidden @ (model.second[kind] * weight) + model.second_bias[kind] * bias, 0)
        outputs = hidden @ (model.third[kind] * weight) + model.third_bias[kind] * bias
        means = outputs[:, :3] + (x @ (model.direct[kind] * weight))[:, np.newaxis]
        shares = 2.0 ** outputs[:, 6:]
        shares /= shares.sum(1, keepdims=True)
        edges = (np.arange(-20, 20) + 0.5)[:, np.newaxis] * 358 / 1024
        curves = 1 / (1 + np.exp(-(edges - means[:, np.newaxis]) / 2.0 ** outputs[:, np.newaxis, 3:6]))
        cumulative = np.pad((curves * shares[:, np.newaxis]).sum(2), ((0, 0), (1, 1)), constant_values=(0, 1))
        found = model.distribution(inputs, kind, 358, -20, 20).frequencies()[:, :-1] / TOTAL
        np.testing.assert_allclose(found, np.diff(cumulative), atol=0.02)


def entropy(symbols: np.ndarray) -> float:
    """Bits of one table for each position, made from these symbols themselves."""
    total = 0.0
    for column in symbols.reshape(len(symbols), -1).T:
        counts = np.unique(column, return_counts=True)[1]
        total -= (counts * np.log2(counts / len(symbols))).sum()
    return total


@pytest.mark.parametrize("kind", ["grid", "free"])
def test_contexts_are_worth_it(codec, kind):
    model = codec.contexts["", kind]
    symbols = np.rint(smooth(2_000, 7, 7, seed=7)).astype(np.int16)
    coder = SymbolCoder(model, 1024, -14, 14)
    assert coder.bits(symbols) < 0.85 * entropy(symbols)


@pytest.mark.slow
def test_training():
    """A model trained for a moment predicts, and what it says that symbols cost is what they cost in the file."""
    from cae.training import context_model

    latents = smooth(1_000, 3, 4, seed=8)
    model = context_model.train(latents, [512], context_model.grid_offsets(3, 4), 25)
    symbols = np.rint(smooth(300, 3, 4, seed=9) * 2).astype(np.int16)
    coder = SymbolCoder(model, 512, -20, 20)
    assert coder.bits(symbols) < 0.95 * entropy(symbols)
    assert abs(8 * len(coder.encode(symbols)) - coder.bits(symbols)) < 16
    again = ContextModel.from_arrays(model.to_arrays("a/"), "a/")
    assert coder.bits(symbols) == replace(coder, model=again).bits(symbols)


def test_every_step_is_an_input(codec):
    model = codec.contexts["", "free"]
    symbols = np.zeros((1, 2, 2), np.int16)
    last = [int(model.inputs(symbols, 0, np.array([1]), np.array([1]), step)[0, -1]) for step in sorted(STEPS)]
    np.testing.assert_allclose(np.array(last) / 1024, np.log2(np.array(sorted(STEPS)) / 1024), atol=0.09)
