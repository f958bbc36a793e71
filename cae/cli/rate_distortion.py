"""`rate-distortion`: a model's codec beside others on test pictures."""

import argparse
import json

from rich.console import Console
from rich.table import Table

from cae.cli import show_json
from cae.cli.data import add_data, data_of
from cae.cli.parser import add_json, add_model, integer
from cae.codec.codec import Codec
from cae.engine.client import Engine
from cae.evaluation import rate_table
from cae.evaluation.rate_distortion import measure
from cae.evaluation.reports import RATE_DISTORTION
from cae.model import store


def add_arguments(command: argparse.ArgumentParser) -> None:
    add_model(command)
    add_data(command)
    add_json(command)
    command.add_argument("--limit", type=integer(1, 10_000), metavar="N", help="measure on the first N test pictures")


def run(options: argparse.Namespace) -> None:
    model = options.model
    codec = Codec.load(model)
    data = data_of(options)
    engine = Engine(model.folder.parent, time_limit=60.0)
    try:
        result = measure(engine, codec, data, options.limit)
    finally:
        engine.close()
    if options.limit is None:
        store.seal(model.folder, {RATE_DISTORTION: json.dumps(result, indent=1) + "\n"})
    if options.json:
        show_json(result)
    else:
        _show(result)


def _show(result: dict) -> None:
    console = Console(highlight=False)
    console.print(_table(rate_table.points(result), f"{result['model']}: {result['images']:,} test pictures"))
    console.print(rate_table.introduction(result))
    console.print(_table(rate_table.compared(result)))
    if remark := rate_table.remark(result):
        console.print(remark)


def _table(rows: rate_table.Table, title: str | None = None) -> Table:
    table = Table(title=title)
    for heading in rows[0]:
        table.add_column(heading, justify="right")
    for row in rows[1:]:
        table.add_row(*row)
    return table
