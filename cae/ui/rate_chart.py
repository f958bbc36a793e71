"""Rate and distortion: all methods on the test images, and the visitor's own picture as points among them."""

import json
import math

import plotly.graph_objects as go
import streamlit as st

from cae.codec import Codec
from cae.pretrained import PretrainedError
from cae.rate_distortion import FILE
from cae.trial import Compressed, Trial
from cae.ui import charts, stages

PIXELS = 784
"""Of a test image."""
LINES = (
    (("codec",), "this codec", stages.LATENT, "solid"),
    (("klt",), "KLT, linear", "#0e8f9c", "solid"),
    (("jpeg", "mosaic"), "JPEG", "#b7791f", "solid"),
    (("webp", "mosaic"), "WebP", "#d1495b", "solid"),
    (("jpeg", "files"), "JPEG files", "#b7791f", "dot"),
    (("webp", "files"), "WebP files", "#d1495b", "dot"),
)
"""Where a curve stands in the file, its name, colour and dash."""


def read_curves(codec: Codec) -> dict | None:
    """What `rate-distortion` measured of a model's codec; None where it has not yet."""
    try:
        return json.loads(codec.model.read(FILE)) if FILE in codec.model.checksums else None
    except PretrainedError:
        return None


def section(trial: Trial, made: Compressed, codec: Codec, complete: bool) -> None:
    """The chart; without measured curves it holds the visitor's picture alone."""
    curves = read_curves(codec) or {}
    points = sorted(trial.made.values(), key=lambda each: each.quality)
    if not curves and not complete:
        return
    st.markdown("#### Bytes against quality")
    st.markdown(_sentence(curves, trial.picture.size))
    charts.show(figure(curves, points, made, trial.picture.size), alt(curves, points, made), "rate_chart")


def figure(curves: dict, points: list[Compressed], made: Compressed, pixels: int) -> go.Figure:
    """Payload on a logarithmic axis against PSNR; in bytes for pictures of 28×28, else in bits per pixel."""
    in_bytes = pixels == PIXELS
    unit = "bytes" if in_bytes else "bits per pixel"
    factor = 1 if in_bytes else 8 / PIXELS
    chart = go.Figure()
    for path, name, colour, dash in LINES:
        measured = _measured(curves, path)
        if measured:
            chart.add_scatter(
                x=[point["bytes"] * factor for point in measured],
                y=[point["psnr"] for point in measured],
                name=name,
                mode="lines",
                line={"color": colour, "width": 3 if name == "this codec" else 2, "dash": dash},
                hovertemplate=f"%{{x:.4~g}} {unit}, %{{y:.1f}} dB",
            )
    own = [each for each in points if math.isfinite(each.distortion.psnr)]
    if curves.get("png"):
        lossless = curves["png"]["mosaic"] * factor
        chart.add_vline(lossless, line_dash="dash", line_width=1.5, line_color=charts.NEUTRAL)
        chart.add_annotation(
            x=math.log10(lossless), y=0.02, yref="paper", xanchor="left", xshift=4, showarrow=False, text="PNG"
        )
    factor = 1 if in_bytes else 8 / pixels
    chart.add_scatter(
        x=[each.payload * factor for each in own],
        y=[each.distortion.psnr for each in own],
        name="your picture",
        mode="lines+markers",
        line={"color": stages.DECODER, "width": 2},
        marker={
            "size": [15 if each.quality == made.quality else 8 for each in own],
            "line": {"width": [3 if each.quality == made.quality else 0 for each in own], "color": charts.NEUTRAL},
            "opacity": 1,
        },
        customdata=[each.quality for each in own],
        hovertemplate=f"quality %{{customdata}}: %{{x:.4~g}} {unit}, %{{y:.1f}} dB",
    )
    chart.update_layout(
        height=400,
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        hovermode="closest",
        legend={"orientation": "h", "yanchor": "top", "y": -0.2, "x": 0, "xanchor": "left", "title_text": ""},
    )
    rates = [x for trace in chart.data for x in trace.x] or [1]
    ticks = _ticks(min(rates), max(rates))
    chart.update_xaxes(
        title_text=f"payload, {unit}", type="log", tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks]
    )
    chart.update_yaxes(title_text="PSNR, dB", range=_range(chart))
    return chart


def alt(curves: dict, points: list[Compressed], made: Compressed) -> str:
    """What the chart shows, in words."""
    words = [
        f"Your picture at quality {made.quality}: {made.payload:,} bytes of payload"
        + (f", {made.distortion.psnr:.1f} dB." if math.isfinite(made.distortion.psnr) else ", no loss.")
    ]
    if len(points) > 1:
        words.append(f"From quality {points[0].quality} to {points[-1].quality}: {points[0].payload:,} to ")
        words[-1] += f"{points[-1].payload:,} bytes."
    for path, name, *_ in LINES:
        if measured := _measured(curves, path):
            ends = [min(measured, key=_size), max(measured, key=_size)]
            low, high = (f"{end['bytes']:.0f} bytes and {end['psnr']:.1f} dB" for end in ends)
            words.append(f"{name[0].upper()}{name[1:]} on the test images: from {low} to {high}.")
    if curves.get("png"):
        words.append(f"PNG without loss: {curves['png']['mosaic']:.0f} bytes.")
    return " ".join(words)


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


def _measured(curves: dict, path: tuple[str, ...]) -> list[dict]:
    found = curves
    for step in path:
        found = found.get(step, {})
    return [point for point in found or [] if point["psnr"] is not None]


def _size(point: dict) -> float:
    return point["bytes"]


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers, few enough for narrow screens."""
    steps = (1, 2, 5) if high > 6 * low else (1, 1.2, 1.5, 2, 3, 4, 5, 6, 8)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [round(step * 10.0**power, 9) for power in powers for step in steps]


def _range(chart: go.Figure) -> list[float] | None:
    """Up to a little beyond what lossy methods reach at this codec's rates, so that those are not squeezed."""
    values = [y for trace in chart.data if trace.name in ("this codec", "your picture") for y in trace.y]
    return [min(values) - 5, max(values) + 8] if values else None
