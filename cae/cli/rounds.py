"""The benchmark's figures are taken in several rounds, and stand as the median of the rounds with their range.

In each round everything is measured once, so that all of the ranges tell of it when a machine is slower for some
minutes. Times and rates are given for a machine of `REFERENCE` speed: how fast this one is, which may share its cores
with others, is measured again and again beside them, and a round's figures are scaled by the mean of its samples. They
can be compared with another run's that way, whatever else the machine did.
"""

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from cae.progress import progress_bar

ROUNDS = 11
"""With so many, the median of a second run as noisy as the first lies within the first one's range in 98 %."""
REFERENCE = 0.2
"""Tflop/s in products of float32 matrices on all cores; two cores of a server reach about as much."""
SAMPLE = 1.0
"""Seconds that a sample of the machine's speed takes."""


class Part(NamedTuple):
    """What is measured together."""

    about: dict[str, Any]
    """What stands beside the figures."""
    measure: Callable[[Callable[[], None]], dict[str, Any]]
    """The figures of a round by name, some of them in groups with a name of their own. It is given what takes a sample
    of the machine's speed, to be called between its measurements."""
    times: Sequence[str] = ()
    """The figures that a faster machine makes smaller."""
    rates: Sequence[str] = ()
    """Those that it makes larger."""


def taken(parts: Mapping[str, Part]) -> dict[str, dict]:
    """What is told of each part, and the spread over the rounds of each of its figures.

    Times and rates are at `REFERENCE` speed, with the median of what was measured as "here". Each part has the spread
    of the machine's speed beside it, "machine_teraflops", the means of its rounds' samples.
    """
    found: dict[str, list[dict]] = {name: [] for name in parts}
    with progress_bar(f"{ROUNDS} rounds", ROUNDS * len(parts)) as advance:
        for _ in range(ROUNDS):
            for name, part in parts.items():
                found[name].append(_round(part))
                advance(1, name)
    return {name: part.about | _spreads(found[name], part) for name, part in parts.items()}


def _round(part: Part) -> dict[str, Any]:
    samples: list[float] = []
    figures = part.measure(lambda: samples.append(machine_teraflops()))
    return {"machine_teraflops": float(np.mean(samples)), **figures}


def _spreads(rounds: Sequence[dict], part: Part, speeds: Sequence[float] = ()) -> dict[str, dict]:
    speeds = speeds or [each["machine_teraflops"] for each in rounds]

    def told(name: str, values: Sequence[Any]) -> dict:
        if isinstance(values[0], dict):
            return _spreads(values, part, speeds)
        if name not in (*part.times, *part.rates):
            return spread(values)
        scales = [(speed / REFERENCE) ** (1 if name in part.times else -1) for speed in speeds]
        scaled = [value * scale for value, scale in zip(values, scales, strict=True)]
        return spread(scaled) | {"here": spread(values)["median"]}

    return {name: told(name, [each[name] for each in rounds]) for name in rounds[0]}


def spread(values: Sequence[float]) -> dict[str, float]:
    """{"median", "low", "high"} of the rounds' values, to four digits."""
    found = {"median": np.median(values), "low": np.min(values), "high": np.max(values)}
    return {name: float(f"{value:.4g}") for name, value in found.items()}


def seconds(function: Callable[[], object]) -> float:
    """How long a call takes."""
    start = perf_counter()
    function()
    return perf_counter() - start


def machine_teraflops() -> float:
    """How fast the processor's cores multiply float32 matrices in the next second."""
    matrix, product = np.ones((2, 1024, 1024), np.float32)
    start, products = perf_counter(), 0
    while (passed := perf_counter() - start) < SAMPLE or not products:
        np.matmul(matrix, matrix, out=product)
        products += 1
    return products * 2 * len(matrix) ** 3 / passed / 1e12
