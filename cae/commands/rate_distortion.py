"""`rate-distortion`: a model's codec beside KLT, PCA, JPEG, WebP and PNG on the test images."""

import argparse
import json

from rich.console import Console
from rich.table import Table

from cae import datasets, pretrained
from cae.codec import Codec
from cae.commands import show_json
from cae.engine import Engine
from cae.rate_distortion import FILE, measure


def run(options: argparse.Namespace) -> None:
    model = options.model
    codec = Codec.load(model)
    engine = Engine(model.folder.parent, time_limit=60.0)
    try:
        result = measure(engine, codec, datasets.load(model.data_set), options.limit)
    finally:
        engine.close()
    if options.limit is None and model.folder.parent == pretrained.FOLDER:
        pretrained.write(model.folder, FILE, json.dumps(result, indent=1) + "\n")
        pretrained.write_manifest(model.folder)
    if options.json:
        show_json(result)
    else:
        _show(result)


def _show(result: dict) -> None:
    console = Console(highlight=False)
    console.print(_codec_table(result))
    table = Table(title="Bytes per image at equal distortion; JPEG and WebP as one mosaic of all images")
    for heading in ("MSE", "this codec", "KLT", "JPEG", "WebP"):
        table.add_column(heading, justify="right")
    for mse, sizes in result["bytes_at_mse"].items():
        table.add_row(mse, *("–" if size is None else f"{size:.2f}" for size in sizes.values()))
    console.print(table)
    console.print(
        f"Lossless: PNG {result['png']['files']:.0f} bytes as files, {result['png']['mosaic']:.0f} in a mosaic; "
        f"WebP {result['webp_lossless']['files']:.0f} and {result['webp_lossless']['mosaic']:.0f}."
    )


def _codec_table(result: dict) -> Table:
    table = Table(title=f"{result['model']}: {result['images']:,} test images")
    for heading in ("quality", "step", "bytes", "estimated", "as a file", "MSE", "PSNR", "exact"):
        table.add_column(heading, justify="right")
    for point in result["codec"]:
        sizes = (f"{point[key]:.2f}" for key in ("bytes", "estimated_bytes", "file_bytes"))
        table.add_row(
            str(point["quality"]),
            f"{point['step']:.3f}",
            *sizes,
            f"{point['mse']:.5f}",
            f"{point['psnr']:.2f} dB",
            "yes" if point["exact"] else "NO",
        )
    return table
