"""The figures of `cae.evaluation.photo_rate_distortion` in words, for the README."""

from cae.evaluation.photo_rate_distortion import ahead

NAMES = {"jpeg": "JPEG", "webp": "WebP"}


def photos_block(measured: dict) -> list[str]:
    """Markdown lines: PSNR at bits per pixel of all methods, and where JPEG and WebP are the better ones."""
    lines = [
        f"PSNR in dB at equal bits per pixel, on {measured['images']:,} photographs kept aside, in grey, rounded to 8 "
        "bits: means over the photographs, at each quality, of each one's PSNR and of its coded pixels, without the "
        "headers of either. Block means: the mean of each 4×4 block in fewer levels, counted as their entropy and "
        f"enlarged bicubically. Lossless: PNG {measured['png']:.2f} bits per pixel, WebP "
        f"{measured['webp_lossless']:.2f}.",
        "",
        "| bits per pixel | this codec | JPEG | WebP | block means |",
        "|---|---|---|---|---|",
    ]
    for rate, ratios in measured["psnr_at_bpp"].items():
        if any(ratio is not None for ratio in ratios.values()):
            cells = ("" if ratio is None else f"{ratio:.2f}" for ratio in ratios.values())
            lines.append(f"| {rate} | {' | '.join(cells)} |")
    return [*lines, "", who_wins(measured)]


def who_wins(measured: dict) -> str:
    """Where JPEG and WebP are better than this codec, and how far the curves go."""
    codec = measured["codec"]
    better = " and ".join(_better(label, ahead(measured[name], codec)) for name, label in NAMES.items())
    least = " and ".join(f"{label} from {_rates(measured[name])[0]:.2g}" for name, label in NAMES.items())
    low, high = _rates(codec)
    best = max(point["psnr"] for point in codec)
    return (
        f"At equal bits per pixel {better}; this codec goes from {low:.2g} to {high:.2g}, {least} on. With more bits "
        f"JPEG and WebP win: they go on to any quality, this codec no further than {best:.1f} dB."
    )


def _better(label: str, ranges: list[list[float]]) -> str:
    if not ranges:
        return f"{label} is nowhere better than this codec"
    return f"{label} is better than this codec " + " and ".join(f"from {low:.2g} to {high:.2g}" for low, high in ranges)


def _rates(points: list[dict]) -> tuple[float, float]:
    """The lowest and the highest bits per pixel of a curve."""
    rates = [point["bpp"] for point in points]
    return min(rates), max(rates)
