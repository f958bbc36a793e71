"""The charts of the pages Evidence and Data, in the stages' colours; made for both themes and for narrow screens."""

from __future__ import annotations  # Plotly's figures take a tenth of a second to import: with the first chart

import math
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from cae.ui import colours

NEUTRAL = "#858591"
"""Lines, bars and dots that belong to no stage: 3:1 against both backgrounds at least."""

_TEXT = {"light": "#17171f", "dark": "#ececf4"}
"""The themes' text colours: Streamlit's own for charts are too faint for small print."""

_CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}


@dataclass(frozen=True)
class Bar:
    """A figure with its name; the colour of the stage it comes from."""

    label: str
    value: float
    colour: str = NEUTRAL


def show(figure: go.Figure, alt: str, key: str) -> None:
    """Put a chart on the page; `alt` says what it shows to those who cannot see it."""
    text = _TEXT.get(st.context.theme.type or "")
    figure.update_layout(dragmode=False, font={"size": 13, "color": text}, hoverlabel_font_size=13)
    for update in (figure.update_xaxes, figure.update_yaxes):
        update(fixedrange=True, tickfont_color=text, title_font_color=text)
    figure.update_layout(legend_font_color=text)
    figure.update_annotations(font_color=text)
    st.plotly_chart(figure, alt=alt, key=key, config=_CONFIG)


def error_bars(bars: list[Bar], reference: float) -> go.Figure:
    """Errors on a logarithmic axis, as bars that start at a reference: to the left is better, to the right worse."""
    values = [bar.value for bar in bars]
    low, high = min(*values, reference), max(*values, reference)
    rows = list(range(len(bars)))
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=rows,
            x=[value - reference for value in values],
            base=[reference] * len(bars),
            marker_color=[bar.colour for bar in bars],
            width=0.34,
            customdata=[(bar.label, bar.value) for bar in bars],
            hovertemplate="%{customdata[0]}: MSE %{customdata[1]:.5f}<extra></extra>",
        )
    )
    for row, bar in zip(rows, bars, strict=True):  # the words above their bar leave it the whole width
        figure.add_shape(x0=reference, x1=reference, y0=row - 0.22, y1=row + 0.22, line={"width": 2, "color": NEUTRAL})
        words = f"{bar.label}  <b>{error(bar.value)}</b>  {ratio(bar.value, reference)}"
        figure.add_annotation(
            **{"x": 0, "xref": "paper", "xanchor": "left", "y": row - 0.2, "yanchor": "bottom"},  # noqa: PIE804
            text=words,
            showarrow=False,
            borderpad=0,
        )
    room = 0.03 * (math.log10(high / low) or 1)
    figure.update_layout(height=16 + 44 * len(bars), margin={"l": 0, "r": 0, "t": 4, "b": 4}, showlegend=False)
    figure.update_yaxes(range=[len(bars) - 0.6, -0.75], showgrid=False, showticklabels=False, zeroline=False)
    figure.update_xaxes(
        type="log",
        range=[math.log10(low) - room, math.log10(high) + room],
        showgrid=False,
        showticklabels=False,
        zeroline=False,
    )
    return figure


def loss_curves(record: dict, published: float | None, pair: tuple[str, str]) -> go.Figure:
    """Training and validation loss by epoch on a logarithmic axis, what the thesis reports as a dashed line."""
    epochs = [epoch["epoch"] for epoch in record["epochs"]]
    figure = go.Figure()
    for name, series, colour in zip(("training", "validation"), ("loss", "val_loss"), pair, strict=True):
        losses = [epoch[series] for epoch in record["epochs"]]
        figure.add_scatter(
            x=epochs,
            y=losses,
            name=f"{name} {error(losses[-1])}",
            mode="lines+markers" if len(epochs) < 30 else "lines",
            line={"color": colour, "width": 2.5},
            marker_size=5,
            hovertemplate="%{y:.5f}",
        )
    everything = [epoch[series] for epoch in record["epochs"] for series in ("loss", "val_loss")]
    if published:
        everything.append(published)
        figure.add_hline(published, line_dash="dash", line_width=1.5, line_color=NEUTRAL)
        figure.add_annotation(
            x=1,
            xref="paper",
            xanchor="right",
            y=math.log10(published),
            yanchor="bottom",
            text=f"thesis {error(published)}",
            showarrow=False,
        )
    last = max(record.get("epochs_planned", 0), epochs[-1])
    figure.update_layout(height=270, margin={"l": 0, "r": 8, "t": 8, "b": 0}, hovermode="x unified", legend=_LEGEND)
    figure.update_xaxes(
        title_text="epoch",
        range=[1 - last * 0.03, last * 1.03] if last > 1 else [0, 2],
        tickformat="d",
        tick0=1 if last < 8 else 0,
        dtick=1 if last < 8 else None,
        hoverformat="d",
    )
    _error_axis(figure, everything)
    return figure


def noise_curves(records: list[dict]) -> go.Figure:
    """Error against the strength of one kind of noise: the noisy image, a median filter, and the network's two."""
    figure = go.Figure()
    lines = (
        ("noisy", "noisy image", NEUTRAL, "solid"),
        ("median_filter", "median filter", NEUTRAL, "dot"),
        ("reconstruction", "reconstruction", colours.DECODER, "solid"),
        ("denoised", "denoised", colours.DENOISER, "solid"),
    )
    for field, name, colour, dash in lines:
        points = [record for record in records if record.get(field) is not None]
        if points:
            figure.add_scatter(
                x=[record["strength"] for record in points],
                y=[record[field] for record in points],
                name=name,
                mode="lines+markers",
                line={"color": colour, "width": 2.5, "dash": dash},
                hovertemplate="%{y:.4f}",
            )
    figure.update_layout(height=300, margin={"l": 0, "r": 8, "t": 8, "b": 0}, hovermode="x unified", legend=_LEGEND)
    figure.update_xaxes(title_text="strength of the noise", tickvals=sorted({record["strength"] for record in records}))
    _error_axis(figure, [value for trace in figure.data for value in trace.y])
    return figure


def stability_dots(runs: list[dict], names: dict[str, str], variance: float | None) -> go.Figure:
    """Each run a dot at its last validation loss; a collapsed one rests at the pixel variance, the dashed line."""
    figure = go.Figure()
    for collapsed, label, colour, symbol in (
        (False, "learned", colours.DECODER, "circle"),
        (True, "collapsed", colours.DENOISER, "x"),
    ):
        chosen = [run for run in runs if run["collapsed"] is collapsed]
        rows = [list(names).index(run["initialisation"]) for run in chosen]
        figure.add_scatter(
            x=[run["val_loss"] for run in chosen],
            y=[row + ((17 * run["seed"]) % 41 - 20) / 55 for row, run in zip(rows, chosen, strict=True)],
            name=label,
            mode="markers",
            marker={"color": colour, "size": 9, "symbol": symbol, "opacity": 0.85},
            customdata=[run["seed"] for run in chosen],
            hovertemplate="seed %{customdata}: %{x:.4f}",
        )
    if variance:
        figure.add_vline(variance, line_dash="dash", line_width=1.5, line_color=NEUTRAL)
        figure.add_annotation(
            x=math.log10(variance), y=0.5, xanchor="right", xshift=-4, showarrow=False, text="pixel variance"
        )
    figure.update_layout(height=110 + 90 * len(names), margin={"l": 0, "r": 8, "t": 8, "b": 0}, legend=_LEGEND)
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=list(names.values()),
        range=[len(names) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
    )
    figure.update_xaxes(type="log", title_text="validation loss", dtick="D2", tickformat="~g")
    return figure


def grey_parabola(mean: float, variance: float, chosen: float, published: float | None) -> go.Figure:
    """The loss of one grey for every image, by grey; the lowest point is the variance of the pixels."""
    greys = np.linspace(0, 1, 101)
    figure = go.Figure()
    figure.add_scatter(
        x=greys, y=variance + (greys - mean) ** 2, mode="lines", line={"color": NEUTRAL, "width": 2}, hoverinfo="skip"
    )
    if published:
        figure.add_hline(
            published,
            line_dash="dash",
            line_width=1.5,
            line_color=colours.DENOISER,
            annotation_text=f"thesis {error(published)}",
            annotation_position="bottom right",
        )
    figure.add_scatter(
        x=[chosen],
        y=[variance + (chosen - mean) ** 2],
        mode="markers",
        marker={"size": 15, "color": colours.DENOISER, "line": {"width": 2, "color": "white"}},
        hovertemplate="grey %{x:.2f}: loss %{y:.4f}<extra></extra>",
    )
    figure.update_layout(height=260, margin={"l": 0, "r": 8, "t": 8, "b": 0}, showlegend=False)
    figure.update_xaxes(title_text="grey of every pixel", range=[-0.02, 1.02], zeroline=False)
    figure.update_yaxes(title_text="loss", rangemode="tozero")
    return figure


def histogram(counts: np.ndarray) -> go.Figure:
    """How many of all pixels have each value, in 32 steps, on a logarithmic axis."""
    shares = counts.reshape(32, -1).sum(axis=1) / counts.sum()
    steps = np.arange(32) * 8
    figure = go.Figure(
        go.Bar(
            x=steps + 4,
            y=shares * 100,
            width=7.2,
            marker_color=colours.ENCODER,
            customdata=[f"{step} to {step + 7}" for step in steps],
            hovertemplate="%{customdata}: %{y:.2f} %<extra></extra>",
        )
    )
    figure.update_layout(height=280, margin={"l": 0, "r": 8, "t": 8, "b": 0})
    figure.update_xaxes(
        title_text="pixel value, 0 black to 255 white", tickvals=[0, 64, 128, 192, 255], range=[-3, 259]
    )
    figure.update_yaxes(type="log", title_text="share of all pixels", ticksuffix=" %", dtick=1, range=[-1, 2])
    return figure


def class_counts(names: tuple[str, ...], training: np.ndarray, test: np.ndarray) -> go.Figure:
    """Images of each class, for training and for testing."""
    figure = go.Figure()
    for label, counts, colour in (("training", training, colours.ENCODER), ("test", test, colours.DECODER)):
        figure.add_bar(
            y=list(names), x=counts, name=label, orientation="h", marker_color=colour, hovertemplate="%{x:,}"
        )
    figure.update_layout(
        height=280,
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        barmode="stack",
        hovermode="y unified",
        legend=_LEGEND | {"traceorder": "normal"},
    )
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    figure.update_xaxes(title_text="images", tickformat=",")
    return figure


_LEGEND = {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "xanchor": "left", "title_text": ""}


def _error_axis(figure: go.Figure, values: list[float]) -> None:
    """A logarithmic axis with room for the values; ticks at 1, 2 and 5 where it is long enough."""
    figure.update_yaxes(
        type="log",
        title_text="mean squared error",
        range=[math.log10(min(values) / 1.2), math.log10(max(values) * 1.3)],
        dtick="D2" if max(values) > 3 * min(values) else "D1",
        tickformat="~g",
        hoverformat=".5f",
    )


def error(value: float) -> str:
    """A mean squared error as charts and sentences show it."""
    if round(value, 4) == value:  # as it was published
        return f"{value:.4f}"
    return f"{value:.5f}" if value < 0.01 else f"{value:.4f}"


def ratio(value: float, reference: float) -> str:
    """How many times the reference it is, in words; nothing where they are about one."""
    factor = value / reference
    times, how = (factor, "times as large") if factor > 1 else (1 / factor, "times smaller")
    if times < 1.005:
        return ""
    return f"{times:.2g} {how}" if times < 10 else f"{times:.0f} {how}"
