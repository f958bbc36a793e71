"""`benchmark`: how fast the page, the engine and the training are on this machine, taken in one run."""

import argparse

from rich.console import Console
from rich.table import Table

from cae.cli import benchmark_engine, benchmark_page, load_keras, rounds, show_json, speed_tables
from cae.cli.benchmark_engine import MODEL
from cae.cli.parser import add_json, integer
from cae.evaluation import own_pictures
from cae.model import store

MOST_VISITORS = 500


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--training-only", action="store_true", help="neither the page nor the engine")
    command.add_argument(
        "--own-pictures",
        action="store_true",
        help="how well pictures of pens and garments are prepared, in place of speed",
    )
    command.add_argument(
        "--visitors",
        type=integer(1, MOST_VISITORS),
        nargs="+",
        metavar="N",
        help="how long N visitors wait while all draw, in place of the rest; several N in turn",
    )
    command.add_argument(
        "--while",
        dest="meanwhile",
        nargs="+",
        choices=("training", "compressing", "testing", "killing"),
        help="with --visitors: how long they wait while a visitor trains a network, compresses 12 megapixels, or opens "
        "the test images, or while the network's process is killed three times, and without",
    )
    command.add_argument(
        "--slow-browsers", action="store_true", help="with --visitors: browsers that leave the moving pen to the server"
    )
    command.add_argument(
        "--url",
        metavar="ADDRESS",
        help="with --visitors: of an app that runs there, in place of one of their own",
    )
    command.add_argument(
        "--static", action="store_true", help="how many visitors load the static copy from a plain file server, no more"
    )
    command.add_argument("--seconds", type=integer(1, 3600), default=30, metavar="N", help="how long they draw (30)")
    add_json(command)


def run(options: argparse.Namespace) -> None:
    if options.own_pictures:
        result = own_pictures.measure()
        show_json(result) if options.json else _show_own_pictures(result)
        return
    store.load(MODEL)  # says so if there is none
    if options.static:
        from cae.cli import benchmark_static

        result = benchmark_static.measure(options.seconds)
        show_json(result) if options.json else _show_static(result)
        return
    if options.visitors:
        from cae.cli import benchmark_visitors, benchmark_while  # Streamlit's protocol takes half a second to import

        if options.meanwhile:
            runs = [
                benchmark_while.measure(what, count, options.seconds)
                for count in options.visitors
                for what in options.meanwhile
            ]
        else:
            measure = benchmark_visitors.measure
            runs = [measure(count, options.seconds, options.slow_browsers, options.url) for count in options.visitors]
        if options.json:
            show_json({"runs": runs})
        for run in runs * (not options.json):
            (_show_while if options.meanwhile else _show_visitors)(run)
        return
    load_keras()
    import keras

    from cae.cli import benchmark_training
    from cae.model import devices

    parts = {}
    if not options.training_only:
        if page := benchmark_page.part():
            parts["page"] = page
        parts["engines"] = benchmark_engine.part()
    parts["training"] = benchmark_training.part()
    result = {"device": devices.describe(), "backend": keras.backend.backend(), **rounds.taken(parts)}
    if options.json:
        show_json(result)
    else:
        _show(result)


def _show_own_pictures(result: dict) -> None:
    console = Console()
    table = Table("pen, pixels of 560", "recognised", "plain resize", "drawn on the pad", title="Digits")
    for pen, shares in result["digits"]["pens"].items():
        table.add_row(pen, *(f"{100 * shares[key]:.0f} %" for key in ("recognised", "resized", "pad")))
    console.print(table)
    table = Table("ground", f"overlap of {own_pictures.GOOD_OVERLAP} or more", title="Garments")
    for ground, share in result["garments"]["grounds"].items():
        table.add_row(ground, f"{100 * share:.0f} %")
    console.print(table)


def _show_visitors(result: dict) -> None:
    table = Table(title=f"{result['visitors']} visitors, {result['drawings']} drawings", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    waits = result["pen_up_to_panels_ms"]
    table.add_row("Pen-up to panels, median", f"{waits['p50']:.0f} ms" if waits else "–")
    table.add_row("in 95 % / 99 %", f"{waits['p95']:.0f} / {waits['p99']:.0f} ms" if waits else "–")
    table.add_row("Lost / wrong", f"{result['lost']} / {result['wrong']}")
    table.add_row("Answers for each drawing", f"{result['updates_per_drawing']:.1f}")
    table.add_row("An update", f"{result['kilobytes_per_update']:.1f} kB")
    for name in ("server", "engine"):
        if name in result:
            cores = result[name]["cores"]
            busy = "" if cores is None else f", {cores:.2f} cores"
            table.add_row(name.capitalize(), f"{result[name]['megabytes']} MB{busy}")
    Console(highlight=False).print(table)


def _show_static(result: dict) -> None:
    Console(highlight=False).print(
        f"{result['visitors_per_second']:.1f} visitors a second load the static copy, {result['files']} files and "
        f"{result['megabytes']:.1f} MB each."
    )


def _show_while(result: dict) -> None:
    before, after = result["without"]
    rounds = (("Before", before), (f"While {result['meanwhile']}", result["with"]), ("After", after))
    table = Table("Pen-up to panels", "median", "95 %", title=f"{before['visitors']} visitors")
    for name, each in rounds:
        waits = each["pen_up_to_panels_ms"]
        table.add_row(name, *(f"{waits[key]:.0f} ms" if waits else "–" for key in ("p50", "p95")))
    Console(highlight=False).print(table)
    if result["p95_ratio"] is not None:
        Console(highlight=False).print(f"95 % wait {result['p95_ratio']:.2f} times as long meanwhile.")
    if "first_answer_s" in result:
        Console(highlight=False).print(speed_tables.after_kills(result))


def _show(result: dict) -> None:
    title = f"{result['device']}, {result['backend']}; times and rates at {rounds.REFERENCE} Tflop/s"
    table = Table("", "median", "range of the rounds", "median as measured", title=title)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in speed_tables.rows(result):
        table.add_row(*row)
    Console(highlight=False).print(table)
