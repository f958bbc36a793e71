"""`rate-distortion`: a model's codec beside others on test images; beside JPEG and WebP on photographs kept aside."""

import argparse
import json
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from cae.cli import show_json
from cae.cli.data import add_data, data_of
from cae.cli.parser import add_json, add_model, integer
from cae.codec.codec import Codec
from cae.data.source import SmallImages
from cae.engine.client import Engine
from cae.evaluation import photo_rate_distortion
from cae.evaluation.photo_results import who_wins
from cae.evaluation.rate_distortion import FILE, measure
from cae.model import store


def add_arguments(command: argparse.ArgumentParser) -> None:
    add_model(command)
    add_data(command)
    add_json(command)
    command.add_argument("--limit", type=integer(1, 10_000), metavar="N", help="measure on the first N test images")


def run(options: argparse.Namespace) -> None:
    model = options.model
    codec = Codec.load(model)
    data = data_of(options)
    engine = Engine(model.folder.parent, time_limit=60.0)
    try:
        if isinstance(data, SmallImages):
            result = measure(engine, codec, data, options.limit)
        else:
            result = photo_rate_distortion.measure(engine, codec, list(data.test_pictures()), options.limit)
    finally:
        engine.close()
    if options.limit is None:
        store.seal(model.folder, {FILE: json.dumps(result, indent=1) + "\n"})
    if options.json:
        show_json(result)
    else:
        (_show if isinstance(data, SmallImages) else _show_photos)(result)


def _show(result: dict) -> None:
    console = Console(highlight=False)
    rows = (
        (
            str(point["quality"]),
            f"{point['step']:.3f}",
            *(f"{point[key]:.2f}" for key in ("bytes", "estimated_bytes", "file_bytes")),
            *_distortion(point),
        )
        for point in result["codec"]
    )
    headings = ("quality", "step", "bytes", "estimated", "as a file", "MSE", "PSNR", "exact")
    console.print(_table(f"{result['model']}: {result['images']:,} test images", headings, rows))
    console.print(
        _table(
            "Bytes per image at equal distortion; JPEG and WebP as one mosaic of all images",
            ("MSE", "this codec", "KLT", "JPEG", "WebP"),
            _cells(result["bytes_at_mse"]),
        )
    )
    console.print(
        f"Lossless: PNG {result['png']['files']:.0f} bytes as files, {result['png']['mosaic']:.0f} in a mosaic; "
        f"WebP {result['webp_lossless']['files']:.0f} and {result['webp_lossless']['mosaic']:.0f}."
    )


def _show_photos(result: dict) -> None:
    console = Console(highlight=False)
    rows = (
        (
            str(point["quality"]),
            f"{point['step']:.3f}",
            *(f"{point[key]:.4f}" for key in ("bpp", "file_bpp", "ssim")),
            *_distortion(point),
        )
        for point in result["codec"]
    )
    headings = ("quality", "step", "bits per pixel", "as a file", "SSIM", "MSE", "PSNR", "exact")
    console.print(_table(f"{result['model']}, photographs kept aside, in grey: {result['images']:,}", headings, rows))
    console.print(
        _table(
            "PSNR in dB at equal bits per pixel, headers not counted",
            ("bits per pixel", "this codec", "JPEG", "WebP", "block means"),
            _cells(result["psnr_at_bpp"]),
        )
    )
    console.print(who_wins(result))
    console.print(f"Lossless: PNG {result['png']:.2f} bits per pixel, WebP {result['webp_lossless']:.2f}.")


def _table(title: str, headings: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    table = Table(title=title)
    for heading in headings:
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(*row)
    return table


def _cells(compared: dict[str, dict]) -> Iterable[tuple[str, ...]]:
    """A row for each value at which methods are compared."""
    for value, figures in compared.items():
        yield value, *("–" if figure is None else f"{figure:.2f}" for figure in figures.values())


def _distortion(point: dict) -> tuple[str, ...]:
    psnr = "–" if point["psnr"] is None else f"{point['psnr']:.2f} dB"
    return f"{point['mse']:.5f}", psnr, "yes" if point["exact"] else "NO"
