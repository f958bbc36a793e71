"""Progress: the callback that long work reports to, and bars and messages on standard error.

Work calls `advance(n)` after each part; an exception that `advance` raises cancels the work. Bars and messages go to
standard error, so that standard output stays free for results.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Advance = Callable[[int], None]
"""Takes the number of units done since the last call."""

_console = Console(stderr=True, highlight=False)


class Stopped(Exception):
    """The result is no longer wanted; an `advance` raises it to cancel the work."""


def silent(_: int) -> None:
    """The `Advance` that does nothing."""


def part(advance: Callable[..., None], total: int) -> Advance:
    """The `Advance` of a part of the work, which has `total` units and counts as one unit of the whole."""
    return lambda n: advance(n / total)


def say(message: str) -> None:
    """One line on standard error."""
    _console.print(message, soft_wrap=True, markup=False)


@contextmanager
def progress_bar(description: str, total: int) -> Iterator[Callable[..., None]]:
    """A bar that counts to `total`; yields `advance(n, note="")`, where the note stands at the bar's end.

    Nothing is drawn where standard error is no terminal.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=_console, transient=True, disable=not _console.is_terminal) as progress:
        task = progress.add_task(description, total=total, note="")

        def advance(n: int, note: str = "") -> None:
            progress.update(task, advance=n, note=note)

        yield advance
