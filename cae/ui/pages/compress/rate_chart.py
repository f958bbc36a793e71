"""Rate and distortion: all methods as `rate-distortion` measured them, and the visitor's own picture among them."""

from __future__ import annotations  # Plotly's figures take a tenth of a second to import: with the first chart

import math
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from cae.codec.codec import Codec
from cae.codec.file_format import QUALITIES
from cae.evaluation.rate_table import listed, of_photographs, references, remark
from cae.evaluation.reports import read_rate_distortion
from cae.model.specification import SIDE
from cae.model.store import PretrainedError
from cae.ui import charts, colours
from cae.ui.pages.compress.study import Point

HIGHEST_RATE = 1.5
"""Bits per pixel up to which the methods on photographs are shown: far beyond what this codec takes."""
BRONZE, RED, TEAL, SLATE = "#b7791f", "#d1495b", "#0e8f9c", "#64748b"
CODEC = "this codec"


@dataclass(frozen=True)
class Line:
    """A measured curve and how it is drawn."""

    path: tuple[str, ...]
    """Where its points stand in the file."""
    rate: str
    """The field that holds a point's rate: "bytes" of an image of 28×28, or bits per pixel."""
    name: str
    colour: str
    label: tuple[str, str, str] = ("last", "center", "bottom")
    """The name's place: at which point of the curve, and the name's sides that touch it, as Plotly's anchors."""
    dash: str = "solid"


DIGIT_LINES = (
    Line(("codec",), "bytes", CODEC, colours.LATENT, ("last", "left", "middle")),
    Line(("klt",), "bytes", "KLT, linear", TEAL, ("first", "left", "top")),
    Line(("jpeg", "mosaic"), "bytes", "JPEG", BRONZE, ("first", "center", "top")),
    Line(("webp", "mosaic"), "bytes", "WebP", RED),
    Line(("avif", "mosaic"), "bytes", "AVIF", SLATE, ("last", "right", "bottom")),
    Line(("jpeg", "files"), "bytes", "JPEG files", BRONZE, ("first", "left", "top"), "dot"),
    Line(("webp", "files"), "bytes", "WebP files", RED, ("first", "left", "top"), "dot"),
    Line(("avif", "files"), "bytes", "AVIF files", SLATE, ("first", "left", "top"), "dot"),
)
PHOTOGRAPH_LINES = (
    Line(("codec",), "bpp", CODEC, colours.LATENT, ("middle", "right", "bottom")),
    Line(("jpeg",), "bpp", "JPEG", BRONZE),
    Line(("webp",), "bpp", "WebP", RED, ("last", "right", "bottom")),
    Line(("avif",), "bpp", "AVIF", SLATE, ("middle", "right", "bottom")),
    Line(("block_means",), "bpp", "block means", TEAL, ("last", "left", "middle")),
    Line(("jpeg",), "file_bpp", "JPEG files", BRONZE, ("first", "left", "top"), "dot"),
)


@dataclass(frozen=True)
class Unit:
    """What the chart's rates are given in."""

    name: str
    per_bit: float
    """How much of it one bit per pixel is."""
    digits: int


BYTES, BITS = Unit("bytes", SIDE**2 / 8, 0), Unit("bits per pixel", 1, 3)


def read_curves(codec: Codec) -> dict:
    """What `rate-distortion` measured of a model's codec; empty where it has not yet."""
    try:
        return read_rate_distortion(codec.model) or {}
    except PretrainedError:
        return {}


def section(curves: dict, own: list[Point], quality: int, pixels: int) -> None:
    """The chart of a model's codec and the visitor's picture.

    Args:
        curves: as `read_curves` gives them; without any, the chart holds the visitor's picture alone.
        own: the visitor's picture at the qualities that there are.
        quality: which of them is on the page.
        pixels: how many the picture has.
    """
    st.markdown("## Bytes against quality")
    st.markdown(_sentence(curves, len(own), pixels))
    charts.show(figure(curves, own, quality, pixels), alt(curves, own, quality, pixels), "rate_chart")
    if curves:
        st.caption(remark(curves))


def figure(curves: dict, own: list[Point], quality: int, pixels: int) -> go.Figure:
    """Rate on a logarithmic axis against PSNR; arguments as of `section`.

    The rate is in bytes where all pictures are of 28×28, else in bits per pixel.
    """
    unit, chart = _unit(curves, pixels), go.Figure()
    measured = _measured(curves, unit)
    shown = [each for each in own if math.isfinite(each.psnr)]
    limits = _limits([each.psnr for each in shown] + [y for line, _, ys in measured if line.name == CODEC for y in ys])
    for line, rates, psnrs in measured:
        chart.add_scatter(
            x=rates,
            y=psnrs,
            name=line.name,
            mode="lines",
            line={"color": line.colour, "width": 3 if line.name == CODEC else 2, "dash": line.dash},
            hovertemplate=f"%{{x:.4~g}} {unit.name}, %{{y:.1f}} dB",
        )
        _add_name(chart, line, rates, psnrs, limits[1])
    if lossless := _lossless(curves):
        chart.add_vline(lossless * unit.per_bit, line_dash="dash", line_width=1.5, line_color=charts.NEUTRAL)
        _add_text(chart, "PNG", lossless * unit.per_bit, limits[0], "left", "bottom")
    chart.add_scatter(
        x=[each.rate * unit.per_bit for each in shown],
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
        hovertemplate=f"quality %{{customdata}}: %{{x:.4~g}} {unit.name}, %{{y:.1f}} dB",
    )
    if shown:  # its name where the curves around it are least likely to be
        high = shown[-1].psnr >= max((psnrs[-1] for line, _, psnrs in measured if line.name == CODEC), default=0)
        anchors = ("right", "bottom") if high else ("left", "top")
        _add_text(chart, "your picture", shown[-1].rate * unit.per_bit, shown[-1].psnr, *anchors)
    chart.update_layout(height=400, margin={"l": 0, "r": 8, "t": 28, "b": 0}, hovermode="closest", showlegend=False)
    ticks = _ticks([x for trace in chart.data for x in trace.x] or [1])
    what = " of the brightness" if of_photographs(curves) else ""
    chart.update_xaxes(title_text=f"payload{what}, {unit.name}", type="log")
    chart.update_xaxes(tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks])
    chart.update_yaxes(title_text=f"PSNR{what}, dB", range=limits)
    return chart


def alt(curves: dict, own: list[Point], quality: int, pixels: int) -> str:
    """What the chart shows, in words; arguments as of `section`."""
    unit = _unit(curves, pixels)

    def said(rate: float) -> str:
        return f"{rate:.{unit.digits}f} {unit.name}"

    rates = [point.rate * unit.per_bit for point in own]
    words = [
        f"Your picture at quality {quality}: {said(rate)}"
        + (f", {point.psnr:.1f} dB." if math.isfinite(point.psnr) else ", no loss.")
        for point, rate in zip(own, rates, strict=True)
        if point.quality == quality
    ]
    if len(own) > 1:
        words.append(f"From quality {own[0].quality} to {own[-1].quality}: {said(rates[0])} to {said(rates[-1])}.")
    where = "photographs" if of_photographs(curves) else "test images"
    for line, rates, psnrs in _measured(curves, unit):
        low, high = (f"{said(rates[end])} and {psnrs[end]:.1f} dB" for end in (0, -1))
        words.append(f"{line.name[0].upper()}{line.name[1:]} on the {where}: from {low} to {high}.")
    if lossless := _lossless(curves):
        words.append(f"PNG without loss: {said(lossless * unit.per_bit)}.")
    return " ".join(words)


def _unit(curves: dict, pixels: int) -> Unit:
    return BYTES if pixels == SIDE**2 and not of_photographs(curves) else BITS


def _measured(curves: dict, unit: Unit) -> list[tuple[Line, list[float], list[float]]]:
    """The curves that there are: rates in the unit, ascending, and PSNRs in dB."""
    found = []
    for line in PHOTOGRAPH_LINES if of_photographs(curves) else DIGIT_LINES:
        points = curves
        for step in line.path:
            points = points.get(step, {})
        scale, most = (8 / SIDE**2, math.inf) if line.rate == "bytes" else (1, HIGHEST_RATE)
        pairs = sorted(
            (point[line.rate] * scale * unit.per_bit, point["psnr"])
            for point in points
            if point["psnr"] is not None and 0 < point[line.rate] <= most
        )
        if pairs:
            found.append((line, [rate for rate, _ in pairs], [psnr for _, psnr in pairs]))
    return found


def _lossless(curves: dict) -> float | None:
    """Bits per pixel of the images of 28×28 as one PNG; None for photographs, where they are beyond the chart."""
    found = curves.get("png")
    return None if of_photographs(curves) or not found else found["mosaic"] * 8 / SIDE**2


def _limits(psnrs: list[float]) -> tuple[float, float]:
    """The PSNRs from bottom to top: a little beyond this codec's, so that lossless methods do not squeeze them."""
    return min(psnrs, default=20) - 5, max(psnrs, default=30) + 8


def _add_name(chart: go.Figure, line: Line, rates: list[float], psnrs: list[float], top: float) -> None:
    """The line's name in its place, or where the line leaves the chart at the top."""
    place, *anchors = line.label
    psnr = min(psnrs[{"first": 0, "middle": len(psnrs) // 2, "last": -1}[place]], top)
    rate = 10 ** np.interp(psnr, psnrs, np.log10(rates))
    _add_text(chart, line.name.replace(" files", "<br>files"), rate, psnr, *anchors)


def _add_text(chart: go.Figure, text: str, rate: float, psnr: float, xanchor: str, yanchor: str) -> None:
    chart.add_annotation(
        text=text,
        x=math.log10(rate),
        y=psnr,
        xanchor=xanchor,
        yanchor=yanchor,
        xshift={"left": 5, "center": 0, "right": -5}[xanchor],
        yshift={"bottom": 8, "middle": 0, "top": -2}[yanchor],
        align="left",
        showarrow=False,
        borderpad=0,
    )


def _ticks(rates: list[float]) -> list[float]:
    """Round numbers, few enough for narrow screens."""
    low, high = min(rates), max(rates)
    steps = (1, 2, 5) if high > 6 * low else (1, 1.2, 1.5, 2, 3, 4, 5, 6, 8)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [round(step * 10.0**power, 9) for power in powers for step in steps]


def _sentence(curves: dict, own: int, pixels: int) -> str:
    yours = f"Your picture at {'every quality' if own == len(QUALITIES) else 'the qualities that there are'}"
    yours += "; the large point is the one above."
    if not curves:
        return f"{yours} The codec itself has not been measured yet."
    if of_photographs(curves):
        return (
            f"Means over {curves['images']:,} photographs kept aside, of each one's rate and PSNR, in brightness alone "
            f"and without headers: **left and up is better**. {yours} Block means are the mean of each 4×4 block, "
            "enlarged; JPEG as whole files is dotted."
        )
    unlike = "" if pixels == SIDE**2 else "They are not pictures like yours. "
    return (
        f"Means over {curves['images']:,} test images, of each one's bytes and PSNR: **left and up is better**. "
        f"{unlike}{yours} "
        f"{listed(references(curves).values())} as one large file of all images, where headers hardly count, and "
        "dotted as a file each."
    )
