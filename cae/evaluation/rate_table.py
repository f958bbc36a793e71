"""The figures of `rate_distortion` as tables and in words, for the README and the terminal.

A table is a list of rows of text, the headings first.
"""

import re
from collections.abc import Iterable

from cae.evaluation.curves import ahead

Table = list[list[str]]

METHODS = {
    "codec": "this codec",
    "klt": "KLT",
    "jpeg": "JPEG",
    "webp": "WebP",
    "avif": "AVIF",
    "block_means": "block means",
}
REFERENCES = ("jpeg", "webp", "avif")


def references(measured: dict) -> dict[str, str]:
    """The lossy reference codecs that were measured: what they are called in the figures, and in words."""
    return {name: METHODS[name] for name in REFERENCES if name in measured}


def listed(words: Iterable[str]) -> str:
    """Words as a list in a sentence: "A, B and C"."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def of_photographs(measured: dict) -> bool:
    """Whether the figures are those of photographs, or of small images."""
    return "psnr_at_bpp" in measured


def markdown(measured: dict) -> list[str]:
    """Lines for the README: the methods compared."""
    headings, *rows = (f"| {' | '.join(cells)} |" for cells in compared(measured))
    table = [headings, re.sub("[^|]+", "---", headings), *rows]
    closing = remark(measured)
    return [introduction(measured), "", *table, *(["", closing] if closing else [])]


def introduction(measured: dict) -> str:
    """What the table of `compared` holds, and what lossless files take."""
    png, webp, images = measured["png"], measured["webp_lossless"], f"{measured['images']:,}"
    if of_photographs(measured):
        return (
            f"PSNR in dB at equal bits per pixel, on {images} photographs kept aside, in grey, rounded to 8 bits: "
            "means over the photographs, at each quality, of each one's PSNR and of its coded pixels, without headers "
            "and containers. Block means: the mean of each 4×4 block in fewer levels, counted as their entropy and "
            f"enlarged bicubically. Lossless: PNG {png:.2f} bits per pixel, WebP {webp:.2f}."
        )
    return (
        f"The codec's bytes per image at equal MSE, mean over {images} test images, as written in an archive; KLT with "
        f"the same coder and its own tables; {listed(references(measured).values())} as one mosaic of all "
        "images, so that headers do not count. "
        f"Lossless: PNG {png['files']:.0f} as files, {png['mosaic']:.0f} in a mosaic; WebP {webp['files']:.0f} and "
        f"{webp['mosaic']:.0f}."
    )


def compared(measured: dict) -> Table:
    """The methods at equal rates or at equal distortions; a cell is empty where a curve does not reach."""
    if of_photographs(measured):
        scale, figures, digits = "bits per pixel", measured["psnr_at_bpp"], 2
    else:
        scale, figures, digits = "MSE", measured["bytes_at_mse"], 1
    table = [[scale, *(METHODS[name] for name in next(iter(figures.values())))]]
    for value, found in figures.items():
        if any(figure is not None for figure in found.values()):
            table.append([value, *("" if figure is None else f"{figure:.{digits}f}" for figure in found.values())])
    return table


def points(measured: dict) -> Table:
    """The codec at each quality."""
    unit, name, digits = ("bpp", "bits per pixel", 4) if of_photographs(measured) else ("bytes", "bytes", 2)
    table = [["quality", "step", name, "as a file", "MSE", "PSNR, mean of the pictures', dB", "SSIM", "exact"]]
    for point in measured["codec"]:
        table.append(
            [
                str(point["quality"]),
                f"{point['step']:.3f}",
                *(f"{point[key]:.{digits}f}" for key in (unit, f"file_{unit}")),
                f"{point['mse']:.5f}",
                "" if point["psnr"] is None else f"{point['psnr']:.2f}",
                f"{point['ssim']:.4f}",
                "yes" if point["exact"] else "NO",
            ]
        )
    return table


def remark(measured: dict) -> str:
    """Where this codec wins and where the lossy reference codecs do."""
    codec, others = measured["codec"], {label: measured[name] for name, label in references(measured).items()}
    if not of_photographs(measured):
        finest = min(point["mse"] for point in codec)
        words = f"Below an MSE of {finest:.2g} it does not go; {listed(others)} go on to any quality."
        return f"{_averages(measured)} {words}".strip()
    better = listed(_better(label, ahead(points, codec)) for label, points in others.items())
    least = listed(f"{label} from {_rates(points)[0]:.2g}" for label, points in others.items())
    low, high = _rates(codec)
    best = max(point["psnr"] for point in codec)
    words = (
        f"At equal bits per pixel {better}; this codec goes from {low:.2g} to {high:.2g}, {least} on. With more bits "
        f"{listed(others)} win: they go on to any quality, this codec no further than {best:.1f} dB."
    )
    return f"{words} {_averages(measured)}".strip()


def _averages(measured: dict) -> str:
    """The BD-rates in words; nothing where there are none."""
    rates = {METHODS[name]: found for name, found in measured.get("bd_rate", {}).items()}
    common, apart = ([label for label, found in rates.items() if bool(found) == reach] for reach in (True, False))
    words = []
    if common:
        said = listed(
            f"{_difference(rates[label])} than {label} ({_reach(rates[label], measured)})" for label in common
        )
        what = "bits" if of_photographs(measured) else "bytes"
        words.append(f"In {what}, averaged over the qualities that both reach (BD-rate), this codec takes {said}.")
    if apart:
        words.append(f"Its qualities and those of {listed(apart)} have none in common.")
    return " ".join(words)


def _difference(found: dict) -> str:
    return f"{abs(found['percent']):.0f} % {'less' if found['percent'] < 0 else 'more'}"


def _reach(found: dict, measured: dict) -> str:
    """From which quality to which a BD-rate is averaged, in the unit of the table."""
    if of_photographs(measured):
        return f"{found['low']:.1f} to {found['high']:.1f} dB"
    low, high = (10 ** (-found[end] / 10) for end in ("high", "low"))
    return f"MSE {low:.2g} to {high:.2g}"


def _better(label: str, ranges: list[list[float]]) -> str:
    if not ranges:
        return f"{label} is nowhere better than this codec"
    return f"{label} is better than this codec " + " and ".join(f"from {low:.2g} to {high:.2g}" for low, high in ranges)


def _rates(points: list[dict]) -> tuple[float, float]:
    """The lowest and the highest bits per pixel of a curve."""
    rates = [point["bpp"] for point in points]
    return min(rates), max(rates)
