"""How sure a share is that was counted in a few trials."""

from math import sqrt

Z = 1.959964
"""The normal distribution has 95 % within so many standard deviations."""


def interval(count: int, total: int) -> tuple[float, float]:
    """The 95 % confidence interval of a share in [0, 1], of which `count` of `total` trials were counted.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927: the score
    interval, which is sound for few trials and for none counted, too.

    >>> tuple(round(limit, 3) for limit in interval(3, 10))
    (0.108, 0.603)
    """
    share, weight = count / total, Z**2 / total
    centre = (share + weight / 2) / (1 + weight)
    half = Z * sqrt(share * (1 - share) / total + weight / (4 * total)) / (1 + weight)
    return max(0.0, centre - half), min(1.0, centre + half)


def said(count: int, total: int) -> str:
    """A count with its interval, e.g. "3 of 10 (95 % confidence: 11 to 60 %)"."""
    low, high = interval(count, total)
    return f"{count} of {total} (95 % confidence: {100 * low:.0f} to {100 * high:.0f} %)"
