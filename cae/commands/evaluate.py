"""`evaluate`: how well a trained model does on the test images, beside plain baselines."""

import argparse

from rich.console import Console
from rich.table import Table

from cae import datasets
from cae.commands import show_json
from cae.evaluation import evaluate


def run(options: argparse.Namespace) -> None:
    result = evaluate(options.model, datasets.load(options.model.data_set))
    if options.json:
        show_json(result)
    else:
        _show(result)


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
        table.add_row(name.replace("_", " "), f"{baseline['mse']:.5f}")
    Console(highlight=False).print(table)
