"""The learning rates of a training, from the start of its plan and from within it."""

import math

import numpy as np
import pytest

from cae.training.loop import Settings, schedule

STEPS = 1_000


@pytest.mark.parametrize("first", [0, 8, 19])
def test_schedule(first):
    """A rise of 500 steps or a tenth, then a cosine to zero; begun late, it starts where the whole plan's would be."""
    settings = Settings(epochs=20, peak_learning_rate=0.012)
    rates, total = schedule(settings, STEPS, first), (settings.epochs - first) * STEPS
    rise = min(500, total // 10)
    highest = 0.006 * (1 + math.cos(math.pi * first / 20))
    for step in (0, rise // 2, rise, (rise + total) // 2, total - 1, total):
        fall = (step - rise) / (total - rise)
        expected = highest * (step / rise if step < rise else (1 + math.cos(math.pi * fall)) / 2)
        np.testing.assert_allclose(float(rates(step)), expected, rtol=1e-3, atol=1e-9)
