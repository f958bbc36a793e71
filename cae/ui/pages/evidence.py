"""Evidence: the three experiments beside the thesis, test images, and where all of it comes from."""

import streamlit as st

from cae.data.source import SmallImages
from cae.evaluation.reports import Report, read_all
from cae.ui import charts, colours, resources
from cae.ui.charts import Bar, error
from cae.ui.controls import choice
from cae.ui.pages import gallery, source
from cae.ui.state import EVIDENCE_TAB

EXPERIMENTS, IMAGES, SOURCE = "Experiments", "Test images", "Source"
THESIS = (
    "This network and the three experiments are those of S. Bhattacharya's MSc thesis (National College of Ireland, "
    "2020); the weights are trained anew."
)
KINDS_OF_NOISE = {"gaussian": "Gaussian noise", "salt_and_pepper": "Salt and pepper"}


def page() -> None:
    """The whole page; only the section that is chosen is made."""
    head = st.container(horizontal=True, vertical_alignment="center", gap="small")
    head.title("How good is it, honestly?", anchor=False, width="content")
    # Photographs are no experiment of the thesis; the page Compress has their figures.
    reports = [each for each in read_all(also=resources.check) if isinstance(each.source, SmallImages)]
    if not reports:
        st.info("There is no trained model yet: `python -m cae train mnist` makes one.", icon=":material/info:")
        return
    # Not `st.tabs`: while the page answers, it takes the focus from the keyboard, and may go back to an earlier tab.
    sections = {EXPERIMENTS: _experiments, IMAGES: gallery.section, SOURCE: source.section}
    with head:
        shown = choice("What to show", list(sections), default=EXPERIMENTS, key=EVIDENCE_TAB, bind="query-params")
    sections[shown](reports)


def _experiments(reports: list[Report]) -> None:
    st.markdown(THESIS)
    st.caption("Mean squared errors (MSE) over pixels from 0 to 1, on a logarithmic axis: left is better")
    for report in reports:
        with st.container(border=True):
            _autoencoder(report)
    for report in reports:
        if report.denoiser:
            with st.container(border=True):
                _denoiser(report, report.denoiser)


def _autoencoder(report: Report) -> None:
    published = report.source.published_losses.get("autoencoder")
    shipped = report.name == report.source.name
    number = f"Experiment {report.source.experiment}: " if shipped and report.source.experiment else ""
    st.markdown(f"## {number}{_title(report)} through 49 numbers")
    st.markdown(_autoencoder_label(report, published))
    left, right = st.columns([1, 1], gap="large")
    if report.evaluation and report.mse is not None:
        baselines = report.evaluation["baselines"]
        bars = [Bar("this network", report.mse, colours.DECODER)]
        if published:
            bars.insert(0, Bar("thesis", published))
        bars += _pca_bars(baselines)
        bars += [
            Bar("mean image", baselines["mean_image"]["mse"]),
            Bar("one grey", baselines["constant_image"]["mse"]),
        ]
        with left:
            charts.show(charts.error_bars(bars, bars[0].value), _bars_text(bars), f"bars_{report.name}")
    with right:
        _curves(report.name, "autoencoder", report.autoencoder, published, (colours.ENCODER, colours.DECODER))


def _pca_bars(baselines: dict) -> list[Bar]:
    bars = [Bar("PCA, 49 numbers", baselines["pca_49"]["mse"])]
    if equal := baselines.get("pca_equal"):
        bars.insert(0, Bar(f"PCA, {equal['components']} numbers", equal["mse"]))
    return bars


def _autoencoder_label(report: Report, published: float | None) -> str:
    epochs = _epochs(report.autoencoder)
    if not report.evaluation or report.mse is None:
        return f"Trained for {epochs} · not evaluated yet: `python -m cae evaluate {report.name}`"
    words = [f"Error **{error(report.mse)}** over {report.evaluation['images']:,} test images, after {epochs}"]
    if published:
        verdict = "not reached yet" if report.mse > published else "beaten" if report.mse < published else "equal"
        words.append(f"thesis {error(published)} after 20 epochs: {verdict}")
    if equal := report.evaluation["baselines"].get("pca_equal"):
        words.append(f"PCA for that error: {equal['components']} numbers an image")
    return " · ".join(words)


def _denoiser(report: Report, record: dict) -> None:
    """The experiment's part of the page; `record` is the denoiser's training, as in history.json."""
    published = report.source.published_losses.get("denoiser")
    st.markdown(f"## Experiment 3: a second network repairs {_title(report)}")
    st.markdown(_denoiser_sentence(report, record, published))
    left, right = st.columns([1, 1], gap="large")
    if report.evaluation and report.mse is not None and report.denoised_mse is not None:
        baselines = report.evaluation["baselines"]
        bars = [
            Bar("one grey", baselines["constant_image"]["mse"]),
            Bar("reconstruction", report.mse, colours.DECODER),
            Bar("the second network's output alone", baselines["denoiser_alone"]["mse"]),
            Bar("what a pass loses, added back", baselines["twicing"]["mse"]),
            Bar("denoised", report.denoised_mse, colours.DENOISER),
        ]
        if published:
            bars.insert(0, Bar("thesis", published))
        with left:
            charts.show(charts.error_bars(bars, bars[0].value), _bars_text(bars), f"denoiser_bars_{report.name}")
    with right:
        _curves(report.name, "denoiser", record, published, (colours.LATENT, colours.DENOISER))
    _noise(report)


def _denoiser_sentence(report: Report, record: dict, published: float | None) -> str:
    if report.mse is None or report.denoised_mse is None:
        return f"Trained for {_epochs(record)}; not evaluated yet."
    change = f"from {error(report.mse)} to **{error(report.denoised_mse)}**"
    if report.denoised_mse < report.mse:
        words = f"Denoising lowers the error {change}, after {_epochs(record)}."
    else:
        words = f"Denoising raises the error {change} so far, after {_epochs(record)}."
    if share := record.get("noisy_share"):
        words += (
            f" The curves are of the second network's output alone: in training, where {share:.0%} of the pictures "
            "carry noise, and in validation, on clean ones."
        )
    if published:
        words += f" The thesis' {error(published)} is what one grey for every image gives: see Train, Collapse."
    return words


def _noise(report: Report) -> None:
    kinds = {
        kind: sorted((r for r in report.noisy if r["kind"] == kind), key=lambda record: record["strength"])
        for kind in KINDS_OF_NOISE
    }
    kinds = {kind: records for kind, records in kinds.items() if records}
    if not kinds:
        return
    st.markdown("**With noise added to the picture first**")
    for (kind, records), place in zip(kinds.items(), st.columns(len(kinds), gap="large"), strict=True):
        with place:
            st.caption(KINDS_OF_NOISE[kind])
            last = records[-1]
            alt = (
                f"{KINDS_OF_NOISE[kind]} at strength {last['strength']:g}: mean squared error of the noisy image "
                f"{error(last['noisy'])}, after a median filter {error(last['median_filter'])}, "
                f"of the reconstruction {error(last['reconstruction'])}"
                + (f", denoised {error(last['denoised'])}." if last.get("denoised") is not None else ".")
            )
            charts.show(charts.noise_curves(records), alt, f"noise_{report.name}_{kind}")


def _curves(name: str, part: str, record: dict, published: float | None, pair: tuple[str, str]) -> None:
    first, last = record["epochs"][0], record["epochs"][-1]
    alt = (
        f"Loss of the {part} by epoch: training from {error(first['loss'])} to {error(last['loss'])}, "
        f"validation from {error(first['val_loss'])} to {error(last['val_loss'])}, after {_epochs(record)}"
        + (f"; the thesis reports {error(published)}." if published else ".")
    )
    charts.show(charts.loss_curves(record, published, pair), alt, f"curves_{name}_{part}")


def _bars_text(bars: list[Bar]) -> str:
    return "Mean squared errors: " + ", ".join(f"{bar.label} {error(bar.value)}" for bar in bars) + "."


def _title(report: Report) -> str:
    return resources.title(report.name)


def _epochs(record: dict) -> str:
    done, planned = len(record["epochs"]), record.get("epochs_planned", 0)
    of = f" of {planned:,}" if planned > done else ""
    return f"{done:,}{of} epoch{'' if (planned if of else done) == 1 else 's'}"
