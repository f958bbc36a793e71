"""The benchmark's figures are taken in several rounds, and stand as the median of the rounds with their range."""

from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np

ROUNDS = 7
"""With so many, the median of a second run as noisy as the first lies within the first one's range in 93 %."""


def spread(values: Sequence[float] | np.ndarray, digits: int = 1) -> dict[str, float]:
    """{"median", "low", "high"} of the rounds' values, rounded."""
    found = {"median": np.median(values), "low": np.min(values), "high": np.max(values)}
    return {name: round(float(value), digits) for name, value in found.items()}


def seconds(function: Callable[[], object]) -> float:
    """How long a call takes."""
    start = perf_counter()
    function()
    return perf_counter() - start
