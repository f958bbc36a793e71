"""`evaluate`: how well a trained model does on the test images, beside plain baselines."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from cae.cli import load_keras, show_json
from cae.cli.parser import add_json, add_model, data
from cae.data import folders, mnist, photographs


def add_arguments(command: argparse.ArgumentParser) -> None:
    add_model(command)
    command.add_argument("--data", type=data, metavar="DATA", help="your own data that the model was trained on")
    add_json(command)


def run(options: argparse.Namespace) -> None:
    load_keras()
    from cae.evaluation.evaluate import evaluate

    result = evaluate(options.model, _data(options))
    if options.json:
        show_json(result)
    else:
        _show(result)


def _data(options: argparse.Namespace) -> mnist.Dataset:
    model, given = options.model, options.data
    name = folders.name_of(given) if isinstance(given, Path) else given or model.data_set
    if name != model.data_set:
        raise mnist.DatasetError(f"{model.name} was trained on {model.data_set}, not on {name}.")
    if isinstance(given, Path):
        return folders.load(given)
    if name == photographs.NAME:
        raise mnist.DatasetError(
            f"{model.name} is measured on whole photographs: python -m cae rate-distortion {model.name}."
        )
    if name not in mnist.NAMES:
        raise mnist.DatasetError(f"{model.name} was trained on data of your own: say where with --data.")
    return mnist.load(name)


def _show(result: dict) -> None:
    table = Table(title=f"{result['model']}: {result['images']:,} test images, {result['epochs']} epochs")
    table.add_column("")
    for heading in ("MSE", "PSNR", "SSIM", "MSE, 95 % of images below", "MSE, worst image"):
        table.add_column(heading, justify="right")
    for stage in ("reconstruction", "denoised"):
        if found := result[stage]:
            figures = (found["mse"], found["mse_p95"], found["mse_max"])
            mean, p95, worst = (f"{figure:.5f}" for figure in figures)
            table.add_row(stage, mean, f"{found['psnr']:.2f} dB", f"{found['ssim']:.4f}", p95, worst)
    for name, baseline in result["baselines"].items():
        components = f", {baseline['components']} components" if "components" in baseline else ""
        table.add_row(name.replace("_", " ") + components, f"{baseline['mse']:.5f}")
    noisy = Table(title="MSE with noisy inputs")
    noisy.add_column("")
    columns = ("noisy", "median_filter", "reconstruction", "denoised")
    for name in columns:
        noisy.add_column(name.replace("_", " "), justify="right")
    for entry in result["noisy"]:
        figures = ("" if entry[name] is None else f"{entry[name]:.5f}" for name in columns)
        noisy.add_row(f"{entry['kind'].replace('_', ' ')} {entry['strength']:g}", *figures)
    console = Console(highlight=False)
    console.print(table)
    console.print(noisy)
