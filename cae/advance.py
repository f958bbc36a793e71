"""How long work tells how far it is: it calls `advance(n)` after each part, and ends with whatever that raises."""

from collections.abc import Callable

Advance = Callable[[int], None]
"""Takes how many units were done since the last call."""


class Stopped(Exception):
    """Somebody no longer wants the result; an `advance` raises it to end the work."""


def silent(_: int) -> None:
    """For those who do not want to know."""
