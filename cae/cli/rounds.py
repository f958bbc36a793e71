"""The benchmark's figures are taken in several rounds, and stand as the median of the rounds with their range.

In each round everything is measured once, so that all of the ranges tell of it when a machine is slower for some
minutes.
"""

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from cae.progress import progress_bar

ROUNDS = 11
"""With so many, the median of a second run as noisy as the first lies within the first one's range in 99 %."""
WARM = 15.0
"""Seconds after its first answer in which an app's network prepares for other models and sizes."""


class Part(NamedTuple):
    """What is measured together."""

    about: dict[str, Any]
    """What stands beside the figures."""
    measure: Callable[[], dict[str, Any]]
    """The figures of a round by name, some of them in groups with a name of their own."""


def taken(parts: Mapping[str, Part]) -> dict[str, dict]:
    """What is told of each part, and the spread over the rounds of each of its figures."""
    found: dict[str, list[dict]] = {name: [] for name in parts}
    with progress_bar(f"{ROUNDS} rounds", ROUNDS * len(parts)) as advance:
        for _ in range(ROUNDS):
            for name, part in parts.items():
                found[name].append(part.measure())
                advance(1, name)
    return {name: part.about | _spreads(found[name]) for name, part in parts.items()}


def _spreads(rounds: Sequence[dict]) -> dict[str, dict]:
    figures = {name: [each[name] for each in rounds] for name in rounds[0]}
    return {name: (_spreads if isinstance(each[0], dict) else spread)(each) for name, each in figures.items()}


def spread(values: Sequence[float]) -> dict[str, float]:
    """{"median", "low", "high"} of the rounds' values, to four digits."""
    found = {"median": np.median(values), "low": np.min(values), "high": np.max(values)}
    return {name: float(f"{value:.4g}") for name, value in found.items()}


def seconds(function: Callable[[], object]) -> float:
    """How long a call takes."""
    start = perf_counter()
    function()
    return perf_counter() - start
