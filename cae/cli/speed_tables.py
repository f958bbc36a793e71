"""What `benchmark` has measured, as Markdown for the README."""

import json
from collections.abc import Callable
from pathlib import Path


def markdown(folder: Path) -> list[str]:
    """A block for each file of figures that is in the folder."""
    return [
        make(json.loads((folder / name).read_text("utf-8"))) for name, make in FILES.items() if (folder / name).exists()
    ]


def _speed(measured: dict) -> str:
    """How fast page, engine and training are."""
    page, training = measured["page"], measured["training"]
    shown = page["pointer_up_to_panels_ms"]
    return (
        f"Speed on {measured['device']} (`python -m cae benchmark`): from pointer-up to all panels shown "
        f"{shown['p50']:.0f} ms in the median, {shown['p95']:.0f} ms in 95 %; "
        f"{page['updates_per_second_while_drawing']:.0f} updates a second while drawing, "
        f"{page['pictures_per_second_while_editing']:.0f} pictures a second while a cell of the code is dragged, "
        f"{page['frames_per_second_while_scrubbing']:.0f} while going back in training, where the first takes "
        f"{page['epoch_to_picture_ms']:.0f} ms; training {training['images_per_second']:.0f} images/s, "
        f"{training['times_plain_keras']:.2f} times plain `model.fit`, {training['share_of_matrix_rate']:.0%} of the "
        f"device's {training['precision']} matrix rate.\n\n" + _engines(measured["engines"])
    )


def _engines(measured: dict[str, dict]) -> str:
    """The engines side by side."""
    names = {"keras": "Keras", "onnx": "ONNX Runtime (`CAE_ENGINE=onnx`)"}
    lines = [
        "The engines; one image takes three passes through encoder and decoder. Memory: server and engine.",
        "",
        "| | one image | 64 at a time | start to first panels | to the network's first answer | memory |",
        "|---|---|---|---|---|---|",
    ]
    for name, engine in measured.items():
        one, many = engine["one_image_ms"], engine["images_per_second_at_64"]
        lines.append(
            f"| {names[name]} | {one['p50']:.1f} ms | {many:.0f} images/s | {engine['start_to_panels_s']:.1f} s "
            f"| {engine['start_to_answer_s']:.1f} s | {sum(engine['megabytes'].values()):,} MB |"
        )
    return "\n".join(lines) + "\n"


def _visitors(measured: dict) -> str:
    """How long visitors wait while all draw."""
    lines = [
        f"Visitors who draw at once, half a second each and a rest of one to three, on {measured['runs'][0]['device']} "
        "(`python -m cae benchmark --visitors 10 50 100`): from pen-up to the panels in",
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
        f"{run['p95_ratio']:.2f} times while {doing[run['meanwhile']]} ({wait:.0f} ms)"
        for run, wait in zip(runs, waits, strict=True)
    )
    count = measured["runs"][0]["with"]["visitors"]
    return f"The wait within which 95 % of {count} visitors' drawings are answered grows {', '.join(found)}.\n"


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
