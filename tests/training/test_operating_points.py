"""What the qualities mean is decided by measuring: nothing that another candidate beats is ever chosen."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from golden_files import smooth
from hypothesis import given
from hypothesis import strategies as st

from cae.codec.codec import Setting
from cae.codec.context_model import UNIT
from cae.codec.entropy_coder import SymbolCoder
from cae.codec.file_format import QUALITIES, CodecError
from cae.codec.fitting import Fitted
from cae.imaging.pixels import quantise
from cae.training.context_model import free_offsets, train
from cae.training.operating_points import (
    CHROMA_WEIGHT,
    MIN_BITS,
    MIN_RELATIVE_GAIN,
    RATE_WEIGHTS,
    OperatingPoint,
    choose,
    choose_chroma,
    convex_hull,
    measure,
    steps_between,
)


def curve(rates: np.ndarray, distortions: np.ndarray, variant: str = "") -> list[OperatingPoint]:
    """Points that their steps tell apart."""
    pairs = zip(rates.tolist(), distortions.tolist(), strict=True)
    return [OperatingPoint(Setting(0, variant, i, 0.1, 0, 9), *pair) for i, pair in enumerate(pairs, 1)]


def chosen(points: list[OperatingPoint], min_bits: float = MIN_BITS) -> list[OperatingPoint]:
    """The points behind the settings, whose qualities are all there."""
    settings = choose(points, min_bits)
    assert [setting.quality for setting in settings] == list(QUALITIES)
    by_name = {(point.setting.variant, point.setting.step): point for point in points}
    return [by_name[setting.variant, setting.step] for setting in settings]


def test_steps():
    assert steps_between(0.25, 1.0) == [256, 304, 362, 431, 512, 609, 724, 861, 1024]
    assert steps_between(0.25, 0.25) == [256]
    assert steps_between(0.0004, 0.002) == [1, 2]


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(0, 100)), min_size=1, max_size=30))
def test_convex_hull(pairs):
    """On the hull are the points that are the best for some worth of a bit; no other point lies below it."""
    hull = [(point.bits, point.mse) for point in convex_hull(curve(*np.array(pairs).T))]
    assert set(hull) <= set(pairs)
    assert hull[0] == min(pairs)
    assert hull[-1][1] == min(mse for _, mse in pairs)
    slopes = [(after[1] - before[1]) / (after[0] - before[0]) for before, after in pairwise(hull)]
    assert all(slope < 0 for slope in slopes)
    assert all(before < after for before, after in pairwise(slopes))
    rates, distortions = zip(*hull, strict=True)
    assert all(mse >= np.interp(bits, rates, distortions) - 1e-9 for bits, mse in pairs)


def test_each_rate_gets_the_better_variant():
    """The plain network is better at high rates, the other at low ones."""
    rates = np.geomspace(4, 40, 40)
    points = curve(rates, 1 / rates**2) + curve(0.99 * rates, 0.1 / rates, "other")
    found = chosen(points)
    assert all((point.setting.variant == "other") == (point.bits < 10) for point in found)
    assert {point.setting.variant for point in found} == {"", "other"}


def test_the_coarsest_is_on_the_hull():
    """Not just the first of all points that has bits enough."""
    rates = np.geomspace(0.1, 4, 40)
    found = chosen(curve(rates, 1 / rates) + curve(np.array([0.5]), np.array([50.0]), "bad"))
    assert all(point.setting.variant == "" for point in found)


def test_rates_are_evenly_apart():
    rates = np.geomspace(2, 200, 400)
    ratios = np.diff([np.log(point.bits) for point in chosen(curve(rates, 1 / rates))])
    assert ratios.min() > 0.95 * ratios.max()


@given(st.lists(st.integers(1, 10**6), min_size=10, max_size=40, unique=True), st.randoms(use_true_random=False))
def test_quality_always_moves_the_rate(rates, random):
    """However the points lie."""
    found = chosen(curve(np.array(rates), np.array([random.random() for _ in rates])))
    assert all(before.bits < after.bits for before, after in pairwise(found))


def test_the_finest_step_still_gains():
    """From 100 bits on the network itself is the limit."""
    rates = np.geomspace(5, 1000, 100)
    found = chosen(curve(rates, np.maximum(1 / rates, 0.01 - 1e-9 * rates)))
    assert 95 < found[-1].bits < 105
    assert found[-1].mse <= (1 + MIN_RELATIVE_GAIN) * 0.01


def test_some_bits_are_too_few():
    """For a latent value; but where there are no others, they have to do."""
    rates = np.geomspace(0.01, 4, 100)
    points = curve(rates, 1 / rates)
    assert 0.5 <= chosen(points)[0].bits < 0.55
    assert 1.5 <= chosen(points, 1.5)[0].bits < 1.6
    assert chosen(points[:50])[0].bits == rates[0]


def test_points_above_the_minimum_fill_up_the_hull():
    """Where fewer than ten of its points have bits enough, the nearest of the others that have them."""
    below, above = np.geomspace(0.05, 0.45, 30), np.linspace(1, 2, 12)
    points = curve(below, 1 / below) + curve(above, np.where(np.arange(12) % 2, 1.1, 1) / above, "other")
    assert len([point for point in convex_hull(points) if point.bits >= MIN_BITS]) < len(QUALITIES)
    assert all(point.setting.variant == "other" for point in chosen(points))


def test_too_few_rates():
    with pytest.raises(CodecError, match="allow 1 different rates"):
        choose(curve(np.full(30, 2.0), np.linspace(1, 2, 30)))


def test_chroma_follows_luma():
    """More bits of luma never mean fewer of chroma; each pays as much as a bit of luma, errors weighing four times."""
    luma = [OperatingPoint(Setting(0, "", 100 - i, 0.1, 0, 9), 1 + i / 10, 0.01 * 0.9**i) for i in range(12)]
    chroma = [OperatingPoint(Setting(0, "c", 100 - i, 0.1, 0, 9), 0.1 + i / 10, 0.01 * 0.5**i) for i in range(12)]
    settings = choose(luma)
    chosen = choose_chroma(chroma, settings, luma)
    assert [setting.quality for setting in chosen] == list(QUALITIES)
    steps = [setting.step for setting in chosen]
    assert steps == sorted(steps, reverse=True)
    multiplier = 0.01 * 0.9**6 * (1 / 0.9 - 0.9) / 0.2
    costs = [CHROMA_WEIGHT * point.mse + multiplier * point.bits for point in chroma]
    middle = next(i for i, setting in enumerate(settings) if setting.step == 94)
    assert chosen[middle].step == chroma[int(np.argmin(costs))].setting.step


def test_measured():
    """Bits as the coder says, and the MSE of 8-bit pictures."""
    latents = smooth(300, 7, 7, 0)
    coder = SymbolCoder(train(latents, [512], free_offsets(), 1), 512, -20, 20)
    images = np.random.default_rng(0).integers(0, 256, (300, 28, 28), np.uint8)

    def decode(latents: np.ndarray) -> np.ndarray:
        return quantise(0.5 + 0.05 * latents[..., 0].repeat(4, 1).repeat(4, 2))

    setting = Setting(0, "other", 512, RATE_WEIGHTS[0], -20, 20)
    point = measure(coder, setting, Fitted(latents[..., np.newaxis]), images, decode)
    symbols, _ = coder.quantise(latents * (UNIT / 512), RATE_WEIGHTS[0])
    assert point.setting == setting
    assert point.bits == pytest.approx(coder.bits(symbols) / (300 * 49))
    outputs = decode(symbols[..., np.newaxis] / 2)
    assert point.mse == pytest.approx(np.square(outputs / 255 - images / 255).mean(), rel=1e-4)
    flat = Fitted(0.2 * latents[..., np.newaxis])
    stairs, ramps = (measure(coder, replace(setting, smoothing=passes), flat, images, decode) for passes in (0, 4))
    assert ramps.bits == stairs.bits
    assert ramps.mse != stairs.mse
