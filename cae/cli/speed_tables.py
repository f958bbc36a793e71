"""What `benchmark` has measured, as Markdown for the README."""

import json
import math
from collections.abc import Callable
from pathlib import Path

from cae.cli.rounds import REFERENCE

ENGINES = {"keras": "Keras", "onnx": "ONNX Runtime (`CAE_ENGINE=onnx`)"}
FACTORS = {
    "precision": "of that: precision, here {precision}",
    "folded_upsampling": "of that: upsampling and convolution in one",
    "optimizer": "of that: Muon and averaged weights, which cost time and save epochs",
}
"""The factors of the training's speed, whose product is the ratio above them."""


def markdown(folder: Path) -> list[str]:
    """A block for each file of figures that is in the folder."""
    return [block(folder, name) for name in FILES if (folder / name).exists()]


def block(folder: Path, name: str) -> str:
    """That of one file."""
    return FILES[name](json.loads((folder / name).read_text("utf-8")))


def rows(measured: dict) -> list[tuple[str, str, str, str]]:
    """What was measured of page, engines and training: median of the rounds, their range, rounded outwards, and the
    median before it was scaled, where it was.
    """
    found: list[tuple[str, str, str, str]] = []

    def add(label: str, spread: dict[str, float], unit: str = "", digits: int = 0) -> None:
        scale = 100 if unit == " %" else 1
        median, low, high = (round(scale * spread[name], 6) for name in ("median", "low", "high"))
        low, high = math.floor(low * 10**digits) / 10**digits, math.ceil(high * 10**digits) / 10**digits
        here = f"{spread['here']:,.{digits}f}{unit}" if "here" in spread else ""
        found.append((label, f"{median:,.{digits}f}{unit}", f"{low:,.{digits}f} to {high:,.{digits}f}{unit}", here))

    training = measured["training"]
    add("this machine's speed, in products of float32 matrices", training["machine_teraflops"], " Tflop/s", 2)
    if page := measured.get("page"):
        add("pointer-up to all panels, a typical stroke", page["pointer_up_to_panels_ms"], " ms")
        add(f"the slowest of {page['strokes']} strokes", page["slowest_stroke_ms"], " ms")
        add("updates a second while drawing", page["updates_per_second_while_drawing"])
        edited = page["pictures_per_second_while_editing"]
        add("pictures a second while a cell of the code is dragged, as measured: 60 frames are the limit", edited)
        add("back in training: from grabbing the loss curve to the first picture", page["epoch_to_picture_ms"], " ms")
        add("back in training: pictures a second", page["frames_per_second_while_scrubbing"])
        add("Inside: from silencing a channel to all layers anew", page["layers_after_a_change_ms"], " ms")
    engines = measured.get("engines", {})
    for name in filter(engines.get, ENGINES):
        label, engine = ENGINES[name], engines[name]
        add(f"{label}: one image, three passes through encoder and decoder", engine["one_image_ms"], " ms", 1)
        add(f"{label}: 64 images at a time, three passes each", engine["images_per_second_at_64"], " images/s")
        add(f"{label}: start of the app to the first panels", engine["start_to_panels_s"], " s", 1)
        add(f"{label}: start of the app to the network's first answer", engine["start_to_answer_s"], " s", 1)
        add(f"{label}: most memory of server and engine", engine["megabytes"], " MB")
    add("training", training["images_per_second"], " images/s")
    add("training, times plain `model.fit` with Adam", training["times_plain_keras"], digits=2)
    for name, label in FACTORS.items():
        add(label.format(precision=training["precision"]), training["factors"][name], digits=2)
    share = f"training, share of the device's {training['precision']} matrix rate"
    add(f"{share}, by the multiply-adds executed", training["share_of_matrix_rate"], " %")
    return found


def _speed(measured: dict) -> str:
    """How fast page, engines and training are."""
    lines = [
        f"Speed on {measured['device']} (`python -m cae benchmark`), in {measured['training']['rounds']} rounds. Times "
        "and rates are scaled, round by round, by the speed that is measured beside them, to a machine that multiplies "
        f"float32 matrices at {REFERENCE} Tflop/s, so that other work on the machine changes them little.",
        "",
        "| | median | range of the rounds |",
        "|---|---|---|",
        *(f"| {' | '.join(row[:3])} |" for row in rows(measured)),
    ]
    return "\n".join(lines) + "\n"


def _visitors(measured: dict) -> str:
    """How long visitors wait while all draw."""
    first = measured["runs"][0]
    day = f" on {first['date']}" if "date" in first else ""
    lines = [
        f"Visitors who draw at once, half a second each and a rest of one to three, on {first['device']} "
        f"(`python -m cae benchmark --visitors 10 50 100`{day}): from pen-up to the panels in",
        "",
        "| visitors | 50 % | 95 % | 99 % | lost or wrong |",
        "|---|---|---|---|---|",
    ]
    for run in measured["runs"]:
        waits = run["pen_up_to_panels_ms"]
        lines.append(
            f"| {run['visitors']} | {waits['p50']:.0f} ms | {waits['p95']:.0f} ms | {waits['p99']:.0f} ms "
            f"| {run['lost'] + run['wrong']} of {run['drawings']} |"
        )
    return "\n".join(lines) + "\n"


def _meanwhile(measured: dict) -> str:
    """What those who draw pay for what others do."""
    doing = {
        "training": "a visitor trains a network",
        "compressing": "a visitor compresses 12 megapixels",
        "testing": "a visitor opens the test images",
    }
    runs = [run for run in measured["runs"] if run["p95_ratio"]]
    waits = [run["with"]["pen_up_to_panels_ms"]["p95"] for run in runs]
    found = (
        f"{run['p95_ratio']:.2f} times as long while {doing[run['meanwhile']]} ({wait:.0f} ms)"
        for run, wait in zip(runs, waits, strict=True)
    )
    count = measured["runs"][0]["with"]["visitors"]
    return f"The wait within which 95 % of {count} visitors' drawings are answered is {', '.join(found)}.\n"


def _killing(measured: dict) -> str:
    """What becomes of those who draw while the network's process is killed."""
    return "".join(
        f"The network's process killed {run['count']} times while {run['with']['visitors']} visitors draw: 95 % of "
        f"their drawings are answered within {run['with']['pen_up_to_panels_ms']['p95']:.0f} ms, the last within "
        f"{run['with']['pen_up_to_panels_ms']['max'] / 1000:.1f} s. {after_kills(run)}\n"
        for run in measured["runs"]
    )


def after_kills(run: dict) -> str:
    """How soon the network answers after it is killed, and what is lost."""
    waits = ["never" if seconds is None else f"{seconds:.1f} s" for seconds in run["first_answer_s"]]
    drawings, bad = run["with"]["drawings"], run["with"]["lost"] + run["with"]["wrong"]
    return f"First answer after each kill: {', '.join(waits)}. Lost or wrong: {bad} of {drawings} drawings."


FILES: dict[str, Callable[[dict], str]] = {
    "benchmark.json": _speed,
    "visitors.json": _visitors,
    "meanwhile.json": _meanwhile,
    "killing.json": _killing,
}
"""What makes the Markdown of each file; these commands, each with `--json`, write them: `benchmark`,
`benchmark --visitors 10 50 100`, `benchmark --visitors 10 --while compressing training testing`, and
`benchmark --visitors 20 --while killing --seconds 150`, which leaves time for a spare before each kill."""
