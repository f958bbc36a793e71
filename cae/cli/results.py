"""`results`: evaluates every model in pretrained/ and puts the figures into evaluation.json, README and teachers.md."""

import argparse
import json
import math
from collections.abc import Iterable
from pathlib import Path

from cae.cli import scaling_table, speed_tables
from cae.cli.evaluate import evaluate_and_store
from cae.data import sources
from cae.data.source import SmallImages
from cae.evaluation import rate_table
from cae.evaluation.proportion import said
from cae.evaluation.reports import EVALUATION, read_rate_distortion, read_recipes, read_stability
from cae.imaging.noise import GAUSSIAN, SALT_AND_PEPPER
from cae.model import store
from cae.progress import say

README = Path(__file__).parents[2] / "README.md"
START, END = "<!-- results: python -m cae results -->", "<!-- /results -->"
MEASURED = README.parent / "docs"
"""The folder of what `python -m cae benchmark` has measured."""
TEACHERS, SCALING = MEASURED / "teachers.md", MEASURED / "scaling.md"
VISITORS_START, VISITORS_END = "<!-- visitors: python -m cae results -->", "<!-- /visitors -->"
KINDS = {GAUSSIAN: "Gaussian, σ = {:g}", SALT_AND_PEPPER: "salt and pepper, {:.0%} of the pixels"}
WHITE_LOSS = 0.5
"""Only a white output for every image has a larger MSE on dark pictures such as MNIST's, whose white one has 0.84."""
NO_GAIN = "On clean images the denoised image is no better than the reconstruction."


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--readme-only", action="store_true", help="from the evaluation.json files as they are")


def run(options: argparse.Namespace) -> None:
    if not options.readme_only:
        _evaluate()
    README.write_text(with_results(README.read_text("utf-8")), "utf-8")
    TEACHERS.write_text(with_visitors(TEACHERS.read_text("utf-8")), "utf-8")
    SCALING.write_text(with_scaling(SCALING.read_text("utf-8")), "utf-8")


def _evaluate() -> None:
    """Write the evaluation.json of each shipped model of small images."""
    for model in store.available(own=False)[0]:
        if isinstance(data := sources.of(model), SmallImages):
            say(f"Evaluating {model.name} on its test images …")
            evaluate_and_store(model, data)


def with_results(readme: str) -> str:
    """The README with its results made anew from the models' files."""
    return _with(readme, START, table(), END)


def with_scaling(page: str) -> str:
    """The page on scaling with what each shape has carried."""
    return _with(page, START, scaling_table.markdown(MEASURED / "scaling"), END)


def with_visitors(teachers: str) -> str:
    """The page for teachers with the tested numbers of visitors made anew from the file of figures."""
    return _with(teachers, VISITORS_START, speed_tables.block(MEASURED, "visitors.json"), VISITORS_END)


def _with(text: str, start: str, made: str, end: str) -> str:
    """The text with what stands between two marks replaced."""
    before, rest = text.split(start)
    after = rest.split(end)[1]
    return f"{before}{start}\n{made}{end}{after}"


def table() -> str:
    """Markdown: each model's figures, then the experiments on training and the benchmark where there are any."""
    blocks = [block(model) for model in store.available(own=False)[0]]
    if recipes := read_recipes():
        blocks.append("\n".join(recipe_lines(recipes)) + "\n")
    if stability := read_stability():
        blocks.append(_stability(stability))
    blocks += speed_tables.markdown(MEASURED)
    return "\n".join(blocks)


def block(model: store.Pretrained) -> str:
    """One model's part of the table."""
    if isinstance(sources.of(model), SmallImages):
        lines = _evaluation(model)
    else:
        autoencoder = _epochs(model.history["autoencoder"])
        lines = [f"`{model.name}`, pictures of any size, in colour. Autoencoder: {autoencoder}."]
    if measured := read_rate_distortion(model):
        lines += ["", *rate_table.markdown(measured)]
    return "\n".join(lines) + "\n"


def _evaluation(model: store.Pretrained) -> list[str]:
    """Markdown lines: the figures of evaluation.json."""
    figures = json.loads(model.read(EVALUATION))
    autoencoder, denoiser = model.history["autoencoder"], model.history.get("denoiser")
    reconstruction, denoised, baselines = figures["reconstruction"], figures["denoised"], figures["baselines"]
    rows = [
        ("reconstruction, 49 numbers per image", reconstruction),
        ("denoised", denoised),
        ("the denoiser's output alone", baselines.get("denoiser_alone")),
        ("twicing alone", baselines["twicing"]),
        ("a second pass through the autoencoder", baselines["second_pass"]),
        (f"PCA, {baselines['pca_equal']['components']} components", baselines["pca_equal"]),
        ("PCA, 49 components", baselines["pca_49"]),
        ("mean image", baselines["mean_image"]),
        ("constant grey image", baselines["constant_image"]),
    ]
    lines = [
        f"`{model.name}`, the {figures['images']:,} test images, outputs clipped to [0, 1] and rounded to 8 bits. "
        f"Autoencoder: {_epochs(autoencoder)}." + (f" Denoiser: {_epochs(denoiser)}." if denoiser else ""),
        "",
        "| | MSE | PSNR, mean of the images' | SSIM |",
        "|---|---|---|---|",
        *(_row(label, distortion) for label, distortion in rows if distortion),
    ]
    if denoised and denoised["mse"] >= reconstruction["mse"]:
        lines += ["", NO_GAIN]
    return [*lines, "", *_noise(figures["noisy"])]


def _noise(measured: list[dict]) -> list[str]:
    """Markdown lines: the MSE with noisy inputs."""
    lines = [
        "MSE where the input carries noise:",
        "",
        "| | noisy image | 3×3 median filter | reconstruction | denoised |",
        "|---|---|---|---|---|",
    ]
    for entry in measured:
        errors = (entry[name] for name in ("noisy", "median_filter", "reconstruction", "denoised"))
        cells = ("" if error is None else f"{error:.5f}" for error in errors)
        lines.append(f"| {KINDS[entry['kind']].format(entry['strength'])} | {' | '.join(cells)} |")
    return lines


def recipe_lines(measured: dict) -> list[str]:
    """Markdown lines: what each recipe of training has come to, the best first and what has diverged last."""
    lines = [
        f"Recipes of training (`python -m cae recipes`: {measured['width']} filters where the network has more, "
        f"{measured['images']:,} MNIST images, {measured['epochs']} epochs, one seed), by the MSE on "
        f"{measured['held_out']:,} training images held out:",
        "",
        f"| | peak learning rate | batch size | {' | '.join(f'epoch {n + 1}' for n in range(measured['epochs']))} |",
        f"|---|---|---|{'---|' * measured['epochs']}",
    ]
    for run in sorted(measured["runs"], key=lambda run: run["val_losses"][-1] or math.inf):
        label = ", ".join(filter(None, (run["optimizer"], run["variation"])))
        losses = ("diverged" if loss is None else f"{loss:.5f}" for loss in run["val_losses"])
        lines.append(f"| {label} | {run['peak_learning_rate']:g} | {run['batch_size']} | {' | '.join(losses)} |")
    if any((run["val_losses"][-1] or 0) > WHITE_LOSS for run in measured["runs"]):
        lines += [
            "",
            f"Above {WHITE_LOSS:g}, the output is white for every image: its tanh rests at 1 and passes no gradient.",
        ]
    return lines


def _stability(measured: dict) -> str:
    def collapsed(initialisation: str) -> str:
        runs = [run["collapsed"] for run in measured["runs"] if run["initialisation"] == initialisation]
        return said(sum(runs), len(runs))

    return (
        f"Stability (`python -m cae stability`: {measured['images']:,} MNIST images, {measured['epochs']} epochs, a "
        f"seed each): {collapsed('shipped')} collapse with the initialisation used here, {collapsed('he')} with plain "
        "He initialisation.\n"
    )


def _epochs(record: dict) -> str:
    done, planned = len(record["epochs"]), record["epochs_planned"]
    what = f"{done:,}" if done == planned else f"{done:,} of {planned:,} planned"
    plans = [*record.get("earlier", []), record]

    def one_after_another(values: Iterable[str]) -> str:
        return " and then ".join(dict.fromkeys(values))

    images = one_after_another(f"{plan['images']:,}" for plan in plans)
    return f"epochs {what}, {images} images each, on {one_after_another(plan['device'] for plan in plans)}"


def _row(label: str, distortion: dict) -> str:
    psnr = f"{distortion['psnr']:.2f} dB" if "psnr" in distortion else ""
    ssim = f"{distortion['ssim']:.4f}" if "ssim" in distortion else ""
    return f"| {label} | {distortion['mse']:.5f} | {psnr} | {ssim} |"
