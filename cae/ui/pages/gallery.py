"""Test images as the network gives them back: the best, the middling and the worst, by class."""

from functools import partial

import numpy as np
import streamlit as st

from cae.data.source import Dataset
from cae.evaluation.ranking import Answers, answer
from cae.evaluation.reports import Outcome
from cae.imaging.pixels import quantise
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

_answers = SharedJobs()
"""By what the engine calls the model's network."""


def section(outcomes: list[Outcome]) -> None:
    """The whole section."""
    here = [outcome for outcome in outcomes if resources.small_images(outcome.source.argument) is not None]
    if not here:
        st.info("The test images are not on this machine. The page “Data” downloads them.", icon=":material/download:")
        return
    names = [outcome.name for outcome in here]
    name = names[0]
    if len(names) > 1:
        key = widget(Gallery, "model")
        name = choice("Model", names, default=name, key=key, format_func=resources.title, label_visibility="visible")
    outcome = next(each for each in here if each.name == name)
    job = _answers.get(resources.model(name).network()) or _start(outcome)
    poll(_gallery, until=lambda: not job.running)(outcome, job)


def _start(outcome: Outcome) -> Job:
    """Have the network's answers computed in the background, once for all visitors."""
    data = _dataset(outcome)
    network = resources.model(outcome.name).network()
    run = partial(resources.engine().background().run, network)
    images, labels = data.x_test[:IMAGES], data.y_test[:IMAGES]
    return _answers.start(network, lambda advance: answer(run, images, labels, advance), len(images))


def _dataset(outcome: Outcome) -> Dataset:
    source = resources.small_images(outcome.source.argument)
    assert source is not None  # else the model is not offered
    return source.dataset


def _gallery(outcome: Outcome, job: Job) -> None:
    if job.running:
        words = "The network starts …" if not job.done else f"{job.done:,} of {job.total:,} test images"
        st.progress(job.share, text=words)
        return
    if job.error:
        st.warning(job.error, icon=":material/error:")
        if st.button("Try again", icon=":material/refresh:"):
            _start(outcome)
            st.rerun()
        return
    answers: Answers = job.result
    classes = _dataset(outcome).classes
    label = st.pills(
        "Class",
        range(len(classes)),
        format_func=lambda each: classes[each],
        key=widget(Gallery, "class", outcome.source.name),
        help="None chosen: all classes.",
    )
    groups = [_group(title, indices, answers, classes) for title, indices in answers.ranked(label, EACH).items()]
    picture_grid(groups, key="gallery", width=330, scale=ERROR_SCALE)
    what = "all classes" if label is None else f"class “{classes[label]}”"
    st.caption(
        f"Of the first {job.total:,} test images, {what}, by the reconstruction's mean squared error (MSE). "
        "Error map: reconstruction minus original."
    )


def _group(title: str, indices: np.ndarray, answers: Answers, classes: tuple[str, ...]) -> Group:
    columns = [Column("original"), Column("reconstruction", colours.DECODER), Column("error map")]
    if answers.denoised is not None:
        columns.insert(2, Column("denoised", colours.DENOISER))
    return Group([_row(int(index), answers, classes) for index in indices], title, tuple(columns))


def _row(index: int, answers: Answers, classes: tuple[str, ...]) -> Row:
    name, original, reconstruction = (
        classes[answers.labels[index]],
        answers.images[index],
        answers.reconstruction[index],
    )
    caption = f"{name} · MSE {error(answers.errors[index])}"
    pictures: list[Picture] = [
        picture(quantise(original[..., 0]), f"Test image {index + 1:,}, class {name}"),
        picture(
            quantise(reconstruction[..., 0]), f"Its reconstruction, mean squared error {error(answers.errors[index])}"
        ),
    ]
    if answers.denoised is not None and answers.denoised_errors is not None:
        denoised_error = error(answers.denoised_errors[index])
        pictures.append(
            picture(quantise(answers.denoised[index][..., 0]), f"Denoised, mean squared error {denoised_error}")
        )
        caption += f", denoised {denoised_error}"
    difference = reconstruction - original
    pictures.append(error_map(difference, f"Error map, largest absolute error {np.abs(difference).max():.2f}"))
    return Row(pictures, caption)
