"""Test images as the network gives them back: the best, the middling and the worst, by class."""

from functools import partial

import numpy as np
import streamlit as st

from cae.data.source import Dataset
from cae.evaluation.ranking import Outputs, compute
from cae.evaluation.reports import Report
from cae.ui import colours, resources
from cae.ui.charts import error
from cae.ui.components.picture_grid import ERROR_SCALE, Column, Group, Picture, Row, error_map, picture, picture_grid
from cae.ui.controls import choice
from cae.ui.job import Job, SharedJobs, poll
from cae.ui.state import Gallery, widget

IMAGES = 1_000
"""The first so many test images are shown."""
EACH = 4
"""Images in each group."""

_outputs = SharedJobs()
"""By what the engine calls the model's network."""


def section(reports: list[Report]) -> None:
    """The whole section."""
    here = [report for report in reports if resources.small_images(report.source.argument) is not None]
    if not here:
        st.info("The test images are not on this machine. The page “Data” downloads them.", icon=":material/download:")
        return
    names = [report.name for report in here]
    name = names[0]
    if len(names) > 1:
        key = widget(Gallery, "model")
        name = choice("Model", names, default=name, key=key, format_func=resources.title, label_visibility="visible")
    report = next(each for each in here if each.name == name)
    job = _outputs.get(resources.model(name).network()) or _start(report)
    poll(_gallery, until=lambda: not job.running)(report, job)


def _start(report: Report) -> Job:
    """Have the network's outputs computed in the background, once for all visitors."""
    data = _dataset(report)
    network = resources.model(report.name).network()
    run = partial(resources.engine().background().run, network)
    images, labels = data.x_test[:IMAGES], data.y_test[:IMAGES]
    return _outputs.start(network, lambda advance: compute(run, images, labels, advance), len(images))


def _dataset(report: Report) -> Dataset:
    source = resources.small_images(report.source.argument)
    assert source is not None  # else the model is not offered
    return source.dataset


def _gallery(report: Report, job: Job) -> None:
    if job.running:
        words = "The network starts …" if not job.done else f"{job.done:,} of {job.total:,} test images"
        st.progress(job.share, text=words)
        return
    if job.error:
        st.warning(job.error, icon=":material/error:")
        if st.button("Try again", icon=":material/refresh:"):
            _start(report)
            st.rerun()
        return
    outputs: Outputs = job.result
    classes = _dataset(report).classes
    label = st.pills(
        "Class",
        range(len(classes)),
        format_func=lambda each: classes[each],
        key=widget(Gallery, "class", report.source.name),
        help="None chosen: all classes.",
    )
    ranked = outputs.ranked(label, EACH)
    if not len(ranked["Best"]):
        st.info("There are fewer than three such test images: nothing to rank.", icon=":material/info:")
        return
    groups = [_group(title, indices, outputs, classes) for title, indices in ranked.items()]
    picture_grid(groups, key="gallery", width=330, scale=ERROR_SCALE)
    what = "all classes" if label is None else f"class “{classes[label]}”"
    st.caption(
        f"Of the first {job.total:,} test images, {what}, by the reconstruction's mean squared error (MSE). "
        "Error map: reconstruction minus original."
    )


def _group(title: str, indices: np.ndarray, outputs: Outputs, classes: tuple[str, ...]) -> Group:
    columns = [Column("original"), Column("reconstruction", colours.DECODER), Column("error map")]
    if outputs.denoised is not None:
        columns.insert(2, Column("denoised", colours.DENOISER))
    return Group([_row(int(index), outputs, classes) for index in indices], title, tuple(columns))


def _row(index: int, outputs: Outputs, classes: tuple[str, ...]) -> Row:
    name, original, reconstruction = (
        classes[outputs.labels[index]],
        outputs.images[index],
        outputs.reconstruction[index],
    )
    caption = f"{name} · MSE {error(outputs.errors[index])}"
    pictures: list[Picture] = [
        picture(original, f"Test image {index + 1:,}, class {name}"),
        picture(reconstruction, f"Its reconstruction, mean squared error {error(outputs.errors[index])}"),
    ]
    if outputs.denoised is not None and outputs.denoised_errors is not None:
        denoised_error = error(outputs.denoised_errors[index])
        pictures.append(picture(outputs.denoised[index], f"Denoised, mean squared error {denoised_error}"))
        caption += f", denoised {denoised_error}"
    difference = (reconstruction.astype(np.float32) - original) / 255
    pictures.append(error_map(difference, f"Error map, largest absolute error {np.abs(difference).max():.2f}"))
    return Row(pictures, caption)
