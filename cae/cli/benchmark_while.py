"""The share of `benchmark` that tells what a visitor's training costs all others: their wait with and without it.

Both are measured in turn on one app: without, with, and without again, so that what changes on the machine meanwhile
shows as a difference between the first and the last.
"""

import asyncio
import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from cae.cli import benchmark_visitors
from cae.cli.browser import App, AppError, running_app
from cae.progress import say
from cae.training.live import EPOCHS, WIDTHS, Recipe

START_LIMIT = 120.0
"""Seconds until the training has taken its first steps."""
WARM_UP = 3.0
"""Seconds of drawing before all that is measured."""
LARGEST = Recipe(widest=WIDTHS[-1], epochs=EPOCHS[-1])
"""The training that takes most."""


def measure(visitors: int, seconds: float) -> dict:
    """The figures of `benchmark_visitors.measure` without and with a training, and the quotient of their p95.

    Raises:
        AppError: the app or the training does not start.
    """
    with running_app() as app:

        def drawing(seconds: float = seconds) -> dict:
            return asyncio.run(benchmark_visitors.crowd(app, visitors, seconds))

        drawing(WARM_UP)
        before = drawing()
        with _training(app) as state:
            during = drawing()
            steps = state()["points"][-1][0]
        after = drawing()
    p95 = [each["pen_up_to_panels_ms"].get("p95") for each in (before, during, after)]
    ratio = round(p95[1] / ((p95[0] + p95[2]) / 2), 2) if None not in p95 else None
    return {"without": [before, after], "while_training": during, "training_steps": steps, "p95_ratio": ratio}


@contextmanager
def _training(app: App) -> Iterator:
    """Trainings on the app, one after the other, for as long as may be; gives what tells how the current one stands."""

    def ask(what: str, ticket: str = "", content: dict | None = None) -> dict:
        headers = {"Content-Type": "application/json", "Training-Ticket": ticket}
        body = None if content is None else json.dumps(content).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{app.url}/training/{what}", body, headers)) as answer:
            return json.load(answer)

    def state() -> dict:
        return ask("state")["training"] or {"points": [], "message": "", "ended": False}

    order = {"recipe": vars(LARGEST), "strokes": []}
    tickets = [ask("order", content=order)["ticket"] for _ in range(3)]
    try:
        say("A training starts …")
        deadline = time.monotonic() + START_LIMIT
        while len(state()["points"]) < 2:
            if time.monotonic() > deadline or state()["ended"]:
                raise AppError(f"The training does not start. {state()['message']}".strip())
            time.sleep(0.2)
        yield state
    finally:
        for ticket in reversed(tickets):
            ask("stop", ticket, {})
