"""`results`: evaluates every model in pretrained/ and puts the figures into its evaluation.json and the README."""

import argparse
import json
from pathlib import Path

from cae import datasets, pretrained
from cae.evaluation import evaluate
from cae.progress import say
from cae.rate_distortion import FILE as RATE_DISTORTION

README = Path(__file__).parents[2] / "README.md"
START, END = "<!-- results: python -m cae results -->", "<!-- /results -->"
FILE = "evaluation.json"
NO_GAIN = "The denoiser does not improve on the reconstruction yet: it must pass 49 numbers once more and needs longer."


def run(options: argparse.Namespace) -> None:
    for name in pretrained.names():
        if not options.readme_only:
            say(f"Evaluating {name} on the 10,000 test images …")
            model = pretrained.load(name)
            figures = evaluate(model, datasets.load(model.data_set))
            pretrained.write(model.folder, FILE, json.dumps(figures, indent=1) + "\n")
            pretrained.write_manifest(model.folder)
    README.write_text(with_results(README.read_text("utf-8")), "utf-8")


def with_results(readme: str) -> str:
    """The README with its results made anew from the models' files."""
    before, rest = readme.split(START)
    after = rest.split(END)[1]
    return f"{before}{START}\n{table()}{END}{after}"


def table() -> str:
    """Markdown: one row a figure, from the models' evaluation.json and history.json."""
    blocks = []
    for name in pretrained.names():
        model = pretrained.load(name)
        figures = json.loads(model.read(FILE))
        autoencoder, denoiser = (model.history.get(part) for part in ("autoencoder", "denoiser"))
        rows = [
            ("reconstruction, 49 numbers per image", figures["reconstruction"]),
            ("denoised", figures["denoised"]),
            ("PCA, 49 components", figures["baselines"]["pca_49"]),
            ("mean image", figures["baselines"]["mean_image"]),
            ("constant grey image", figures["baselines"]["constant_image"]),
        ]
        lines = [
            f"`{name}`, the {figures['images']:,} test images, outputs clipped to [0, 1] and rounded to 8 bits. "
            f"Autoencoder: {_epochs(autoencoder)}." + (f" Denoiser: {_epochs(denoiser)}." if denoiser else ""),
            "",
            "| | MSE | PSNR | SSIM |",
            "|---|---|---|---|",
        ]
        lines += [_row(label, distortion) for label, distortion in rows if distortion]
        if figures["denoised"] and figures["denoised"]["mse"] >= figures["reconstruction"]["mse"]:
            lines += ["", NO_GAIN]
        if RATE_DISTORTION in model.checksums:
            lines += ["", *_codec(json.loads(model.read(RATE_DISTORTION)))]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _codec(measured: dict) -> list[str]:
    """Markdown lines: bytes per image at equal distortion."""
    png, webp = measured["png"], measured["webp_lossless"]
    lines = [
        f"The codec's bytes per image at equal MSE, mean over {measured['images']:,} test images, as written in an "
        "archive; KLT with the same coder and its own tables; JPEG and WebP as one mosaic of all images, so that "
        f"headers do not count. Lossless: PNG {png['files']:.0f} as files, {png['mosaic']:.0f} in a mosaic; "
        f"WebP {webp['files']:.0f} and {webp['mosaic']:.0f}.",
        "",
        "| MSE | this codec | KLT | JPEG | WebP |",
        "|---|---|---|---|---|",
    ]
    for mse, sizes in measured["bytes_at_mse"].items():
        if sizes["codec"] is not None:
            cells = ("" if size is None else f"{size:.1f}" for size in sizes.values())
            lines.append(f"| {mse} | {' | '.join(cells)} |")
    return lines


def _epochs(record: dict) -> str:
    done, planned = len(record["epochs"]), record["epochs_planned"]
    what = f"{done:,}" if done == planned else f"{done:,} of {planned:,} planned"
    return f"epochs {what}, {record['images']:,} images each, on {record['device']}"


def _row(label: str, distortion: dict) -> str:
    psnr = f"{distortion['psnr']:.2f} dB" if "psnr" in distortion else ""
    ssim = f"{distortion['ssim']:.4f}" if "ssim" in distortion else ""
    return f"| {label} | {distortion['mse']:.5f} | {psnr} | {ssim} |"
