"""What each shape of `docs/scaling.md` has carried, as Markdown: from the files that `benchmark` has written."""

import json
import math
from pathlib import Path

SHAPES = {
    "pair": "one server process and one engine",
    "processes": "two server processes behind nginx, one engine",
    "ray": "two server processes behind nginx, a Ray cluster of two workers",
}
"""By the name of its file."""
STATIC = "static.json"
LECTURE = 1_000
"""Visitors of the sum on paper."""
USED = 0.6
"""The share of a machine's cores that the sum makes use of: visitors do not come evenly."""


def markdown(folder: Path) -> str:
    """The table, and the sum for a lecture hall; one line where nothing has been measured yet."""
    measured = {
        name: json.loads(path.read_text("utf-8"))["runs"]
        for name in SHAPES
        if (path := folder / f"{name}.json").exists()
    }
    static = json.loads((folder / STATIC).read_text("utf-8")) if (folder / STATIC).exists() else None
    lines = [*(_table(measured) if measured else []), *(_static(static) if static else [])]
    return "\n".join(lines or ["Not measured yet."]) + "\n"


def _table(measured: dict[str, list[dict]]) -> list[str]:
    device = next(iter(measured.values()))[0]["device"]
    lines = [
        f"Visitors who draw at once, half a second each and a rest of one to three, engine on {device}, with the "
        "visitors on the same machine: from pen-up to the panels in",
        "",
        f"| shape | visitors | 50 % | 95 % | lost or wrong | cores busy | cores for {LECTURE:,} |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, runs in measured.items():
        for run in runs:
            waits, busy = run["pen_up_to_panels_ms"], run["cores"]["machine"] - run["cores"]["visitors"]
            lines.append(
                f"| {SHAPES[name]} | {run['visitors']} | {waits['p50']:.0f} ms | {waits['p95']:.0f} ms "
                f"| {run['lost'] + run['wrong']} of {run['drawings']} | {busy:.2f} | {_cores(busy, run['visitors'])} |"
            )
    return [
        *lines,
        "",
        f"Cores busy: all of the machine's but what the simulated visitors take. Cores for {LECTURE:,}: what follows "
        f"on paper for {LECTURE:,} visitors who all draw, on machines whose cores are busy to {USED:.0%}; with a "
        "server process for each core, and an engine for each machine, or replicas on a Ray cluster.",
        "",
    ]


def _cores(busy: float, visitors: int) -> int:
    return math.ceil(busy / visitors * LECTURE / USED)


def _static(measured: dict) -> list[str]:
    per_second, size = measured["visitors_per_second"], measured["megabytes"]
    return [
        f"The static copy, from `python -m http.server` on the same machine: {per_second:.0f} visitors a second load "
        f"all that Play needs, {measured['files']} files and {size:.1f} MB each; then the server has no more to do. "
        f"{LECTURE:,} visitors who open it at the same moment would have it after {LECTURE / per_second:.0f} seconds, "
        f"or, over a line of 100 Mbit/s, after {LECTURE * size * 8 / 100 / 60:.1f} minutes.",
    ]
