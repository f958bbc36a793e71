"""`evaluate`: how well a trained model does on the test images, beside plain baselines."""

import argparse
import json

from rich.console import Console
from rich.table import Table

from cae.cli import load_keras, show_json
from cae.cli.data import add_data, data_of
from cae.cli.parser import add_json, add_model
from cae.data import sources
from cae.data.source import DatasetError, SmallImages
from cae.evaluation.reports import EVALUATION
from cae.model import store


def add_arguments(command: argparse.ArgumentParser) -> None:
    add_model(command)
    add_data(command)
    add_json(command)


def run(options: argparse.Namespace) -> None:
    model, data = options.model, data_of(options)
    if not isinstance(data, SmallImages):
        raise DatasetError(f"{model.name} is measured on whole pictures: {sources.command('rate-distortion', model)}.")
    result = evaluate_and_store(model, data)
    if options.json:
        show_json(result)
    else:
        _show(result)


def evaluate_and_store(model: store.Pretrained, data: SmallImages) -> dict:
    """Evaluate a model, and keep the result in its folder. Returns and raises as `evaluate` does."""
    load_keras()
    from cae.evaluation.evaluate import evaluate

    result = evaluate(model, data)
    store.seal(model.folder, {EVALUATION: json.dumps(result, indent=1) + "\n"})
    return result


def _show(result: dict) -> None:
    table = Table(title=f"{result['model']}: {result['images']:,} test images, {result['epochs']} epochs")
    table.add_column("")
    for heading in ("MSE", "PSNR, mean of the images'", "SSIM", "MSE, 95 % of images below", "MSE, worst image"):
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
        errors = ("" if entry[name] is None else f"{entry[name]:.5f}" for name in columns)
        noisy.add_row(f"{entry['kind'].replace('_', ' ')} {entry['strength']:g}", *errors)
    console = Console(highlight=False)
    console.print(table)
    console.print(noisy)
