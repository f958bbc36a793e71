"""Rate and distortion: all methods as `rate-distortion` measured them, and the visitor's own picture among them."""

import json
import math
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

from cae.codec.codec import Codec
from cae.codec.round_trip import Compressed, Trial
from cae.evaluation.rate_distortion import FILE
from cae.model.store import PretrainedError
from cae.ui import charts, colours

PIXELS = 784
"""Of a test image."""
BITS = "bits per pixel"
HIGHEST_RATE = 1.5
"""Bits per pixel up to which the methods on photographs are shown: far beyond what this codec takes."""
BRONZE, RED, TEAL = "#b7791f", "#d1495b", "#0e8f9c"
LINES = (
    (("codec",), "bytes", "this codec", colours.LATENT, "solid"),
    (("klt",), "bytes", "KLT, linear", TEAL, "solid"),
    (("jpeg", "mosaic"), "bytes", "JPEG", BRONZE, "solid"),
    (("webp", "mosaic"), "bytes", "WebP", RED, "solid"),
    (("jpeg", "files"), "bytes", "JPEG files", BRONZE, "dot"),
    (("webp", "files"), "bytes", "WebP files", RED, "dot"),
)
"""Where a curve stands in the file, what holds its rate, its name, colour and dash."""
PHOTO_LINES = (
    (("codec",), "bpp", "this codec", colours.LATENT, "solid"),
    (("jpeg",), "bpp", "JPEG", BRONZE, "solid"),
    (("webp",), "bpp", "WebP", RED, "solid"),
    (("block_means",), "bpp", "block means", TEAL, "solid"),
    (("jpeg",), "file_bpp", "JPEG files", BRONZE, "dot"),
)
"""The same for photographs."""


@dataclass(frozen=True)
class Point:
    """The visitor's picture at a quality."""

    quality: int
    rate: float
    """Of the payload, in the chart's unit; of a coloured picture the luma's alone."""
    psnr: float
    """Likewise, in dB; infinite where nothing was lost."""


def read_curves(codec: Codec) -> dict | None:
    """What `rate-distortion` measured of a model's codec; None where it has not yet."""
    try:
        return json.loads(codec.model.read(FILE)) if FILE in codec.model.checksums else None
    except PretrainedError:
        return None


def section(trial: Trial, made: Compressed, codec: Codec, complete: bool) -> None:
    """The chart of a grey picture; without measured curves it holds the visitor's picture alone."""
    curves = read_curves(codec) or {}
    points = sorted(trial.made.values(), key=lambda each: each.quality)
    if of_photographs(curves):
        photo_section(curves, _own(points, 8 / trial.picture.size), made.quality)
        return
    if not curves and not complete:
        return
    st.markdown("#### Bytes against quality")
    st.markdown(_sentence(curves, trial.picture.size))
    charts.show(figure(curves, points, made, trial.picture.size), alt(curves, points, made), "rate_chart")


def figure(curves: dict, points: list[Compressed], made: Compressed, pixels: int) -> go.Figure:
    """Payload on a logarithmic axis against PSNR; in bytes for pictures of 28×28, else in bits per pixel."""
    in_bytes = pixels == PIXELS
    unit = "bytes" if in_bytes else BITS
    factor = 1 if in_bytes else 8 / PIXELS
    chart = go.Figure()
    _add_lines(chart, curves, LINES, unit, factor)
    if curves.get("png"):
        lossless = curves["png"]["mosaic"] * factor
        chart.add_vline(lossless, line_dash="dash", line_width=1.5, line_color=charts.NEUTRAL)
        chart.add_annotation(
            x=math.log10(lossless), y=0.02, yref="paper", xanchor="left", xshift=4, showarrow=False, text="PNG"
        )
    _add_own(chart, _own(points, 1 if in_bytes else 8 / pixels), made.quality, unit)
    return _laid_out(chart, f"payload, {unit}", "PSNR, dB")


def alt(curves: dict, points: list[Compressed], made: Compressed) -> str:
    """What the chart shows, in words."""
    words = [
        f"Your picture at quality {made.quality}: {made.payload:,} bytes of payload"
        + (f", {made.distortion.psnr:.1f} dB." if math.isfinite(made.distortion.psnr) else ", no loss.")
    ]
    if len(points) > 1:
        words.append(f"From quality {points[0].quality} to {points[-1].quality}: {points[0].payload:,} to ")
        words[-1] += f"{points[-1].payload:,} bytes."
    words += _lines_in_words(curves, LINES, "{:.0f} bytes", "test images")
    if curves.get("png"):
        words.append(f"PNG without loss: {curves['png']['mosaic']:.0f} bytes.")
    return " ".join(words)


def of_photographs(curves: dict) -> bool:
    """Whether the curves are those of `cae.evaluation.photo_rate_distortion`."""
    return "psnr_at_bpp" in curves


def photo_section(curves: dict, own: list[Point], quality: int) -> None:
    """The chart of a model for photographs.

    Args:
        curves: as `read_curves` gives them.
        own: the visitor's picture at the qualities that there are, its luma in bits per pixel.
        quality: which of them is on the page.
    """
    st.markdown("#### Bits against quality")
    st.markdown(
        f"Means over {curves['images']:,} photographs kept aside, their brightness alone, without headers: **left and "
        "up is better**. Your picture at the qualities that you have tried; the large point is the one above. Block "
        "means are the mean of each 4×4 block, enlarged; JPEG as whole files is dotted."
    )
    charts.show(photo_figure(curves, own, quality), photo_alt(curves, own, quality), "rate_chart")


def photo_figure(curves: dict, own: list[Point], quality: int) -> go.Figure:
    """Bits per pixel of the luma on a logarithmic axis against its PSNR; arguments as of `photo_section`."""
    chart = go.Figure()
    _add_lines(chart, curves, PHOTO_LINES, BITS)
    _add_own(chart, own, quality, BITS)
    return _laid_out(chart, f"{BITS} of the brightness", "PSNR of the brightness, dB")


def photo_alt(curves: dict, own: list[Point], quality: int) -> str:
    """What the chart of photographs shows, in words."""
    words = [
        f"Your picture at quality {point.quality}: {point.rate:.3f} {BITS}"
        + (f", {point.psnr:.1f} dB." if math.isfinite(point.psnr) else ", no loss.")
        for point in own
        if point.quality == quality
    ]
    return " ".join(words + _lines_in_words(curves, PHOTO_LINES, f"{{:.3f}} {BITS}", "photographs"))


def _own(points: list[Compressed], factor: float) -> list[Point]:
    return [Point(each.quality, each.payload * factor, each.distortion.psnr) for each in points]


def _add_lines(chart: go.Figure, curves: dict, lines: tuple, unit: str, factor: float = 1) -> None:
    for path, rate, name, colour, dash in lines:
        if measured := _measured(curves, path, rate):
            chart.add_scatter(
                x=[point[rate] * factor for point in measured],
                y=[point["psnr"] for point in measured],
                name=name,
                mode="lines",
                line={"color": colour, "width": 3 if name == "this codec" else 2, "dash": dash},
                hovertemplate=f"%{{x:.4~g}} {unit}, %{{y:.1f}} dB",
            )


def _add_own(chart: go.Figure, own: list[Point], quality: int, unit: str) -> None:
    shown = [each for each in own if math.isfinite(each.psnr)]
    chart.add_scatter(
        x=[each.rate for each in shown],
        y=[each.psnr for each in shown],
        name="your picture",
        mode="lines+markers",
        line={"color": colours.DECODER, "width": 2},
        marker={
            "size": [15 if each.quality == quality else 8 for each in shown],
            "line": {"width": [3 if each.quality == quality else 0 for each in shown], "color": charts.NEUTRAL},
            "opacity": 1,
        },
        customdata=[each.quality for each in shown],
        hovertemplate=f"quality %{{customdata}}: %{{x:.4~g}} {unit}, %{{y:.1f}} dB",
    )


def _laid_out(chart: go.Figure, rate: str, ratio: str) -> go.Figure:
    """The chart with its legend and titled axes."""
    chart.update_layout(
        height=400,
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        hovermode="closest",
        legend={"orientation": "h", "yanchor": "top", "y": -0.2, "x": 0, "xanchor": "left", "title_text": ""},
    )
    rates = [x for trace in chart.data for x in trace.x] or [1]
    ticks = _ticks(min(rates), max(rates))
    chart.update_xaxes(title_text=rate, type="log", tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks])
    chart.update_yaxes(title_text=ratio, range=_range(chart))
    return chart


def _lines_in_words(curves: dict, lines: tuple, unit: str, where: str) -> list[str]:
    """A sentence for each curve: its two ends."""
    words = []
    for path, rate, name, *_ in lines:
        if measured := _measured(curves, path, rate):
            ends = sorted(measured, key=lambda point, rate=rate: point[rate])
            low, high = (f"{unit.format(end[rate])} and {end['psnr']:.1f} dB" for end in (ends[0], ends[-1]))
            words.append(f"{name[0].upper()}{name[1:]} on the {where}: from {low} to {high}.")
    return words


def _sentence(curves: dict, pixels: int) -> str:
    own = "Your picture at every quality" if pixels == PIXELS else "Your picture at the qualities that you have tried"
    if not curves:
        return f"{own}; the large point is the one above. The codec itself has not been measured yet."
    if pixels != PIXELS:
        own = f"They are not pictures like yours. {own}"
    return (
        f"Means over {curves['images']:,} test images: **left and up is better**. {own}; the large point is the one "
        "above. JPEG and WebP as one large file of all images, where headers hardly count, and dotted as a file each."
    )


def _measured(curves: dict, path: tuple[str, ...], rate: str) -> list[dict]:
    """The points to be shown of a curve."""
    found = curves
    for step in path:
        found = found.get(step, {})
    most = HIGHEST_RATE if rate != "bytes" else math.inf
    return [point for point in found or [] if point["psnr"] is not None and 0 < point[rate] <= most]


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers, few enough for narrow screens."""
    steps = (1, 2, 5) if high > 6 * low else (1, 1.2, 1.5, 2, 3, 4, 5, 6, 8)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [round(step * 10.0**power, 9) for power in powers for step in steps]


def _range(chart: go.Figure) -> list[float] | None:
    """Up to a little beyond what lossy methods reach at this codec's rates, so that those are not squeezed."""
    values = [y for trace in chart.data if trace.name in ("this codec", "your picture") for y in trace.y]
    return [min(values) - 5, max(values) + 8] if values else None
