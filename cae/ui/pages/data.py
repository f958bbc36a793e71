"""The data: figures of MNIST and Fashion-MNIST, and what they look like, or their download where they are not here."""

import os
import secrets

import numpy as np
import streamlit as st

from cae.data import sources
from cae.data.source import Dataset, SmallImages
from cae.data.statistics import Description, Published, describe, published
from cae.imaging.pixels import quantise
from cae.progress import Advance
from cae.ui import charts, resources
from cae.ui.charts import error
from cae.ui.components.picture_grid import Group, Row, coloured, picture, picture_grid
from cae.ui.controls import choice
from cae.ui.job import Job, SharedJobs, poll
from cae.ui.state import DATA_SET, Data, state

SAMPLES = 12
"""Images of each class."""
LARGEST_VARIANCE = 0.25
"""Of values between 0 and 1."""
SETS = tuple(source.name for source in sources.KNOWN if isinstance(source, SmallImages))

_downloads = SharedJobs()
"""By the data set's name."""


def section() -> None:
    """The whole section."""
    name = choice("Data set", SETS, default=SETS[0], format_func=resources.title, key=DATA_SET, bind="query-params")
    source, figures = resources.small_images(name), published(name)
    st.markdown(
        f"**{figures.counts.sum():,}** training images · **{figures.test_counts.sum():,}** test images · "
        "28 × 28 pixels of 256 greys · ten classes · "
        f"mean **{figures.mean:.4f}** and variance **{error(figures.variance)}** over 0 to 1"
    )
    if source is None:
        _missing(name)
        _drawings(name)
    else:
        st.fragment(_samples)(source.dataset)
        _mean_and_variance(figures.classes, _description(name))
    left, right = st.columns(2, gap="large")
    with left:
        _histogram(figures)
    with right:
        _class_counts(figures)
    st.caption(f"{sources.source(name).credit}. Means, variances and pixels: the training images.")


@st.cache_resource(show_spinner="Counting pixels …")
def _description(name: str) -> Description:
    source = resources.small_images(name)
    assert source is not None  # else the page ends before
    return describe(source.dataset.x_train, source.dataset.y_train)


def _samples(data: Dataset) -> None:
    own = state(Data)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header("Samples by class", anchor=False, width="content")
        if st.button("Reshuffle", icon=":material/shuffle:") or own.seed is None:
            own.seed = secrets.randbits(32)
    random = np.random.default_rng(own.seed)
    rows = []
    for label, name in enumerate(data.classes):
        members = np.flatnonzero(data.y_train == label)
        chosen = random.choice(members, min(SAMPLES, len(members)), replace=False)
        rows.append(Row([picture(data.x_train[i], f"{name}, training image {i + 1:,}") for i in chosen], name))
    picture_grid([Group(rows)], key="samples", captions_left=True, hide_after=6)


def _mean_and_variance(classes: tuple[str, ...], figures: Description) -> None:
    st.header("Mean and variance", anchor=False)
    st.markdown("Left the mean of each pixel, right its variance.")
    groups = []
    for index, what in enumerate(("all classes", *classes)):
        mean, variance = figures.means[index], figures.variances[index]
        pictures = [
            picture(quantise(mean), f"Mean image of {what}"),
            coloured(variance, 0, LARGEST_VARIANCE, "Viridis", f"Variance image of {what}, up to {variance.max():.2f}"),
        ]
        groups.append(Group([Row(pictures)], what))
    picture_grid(groups, key="means", width=150, scale=("Viridis", "0: always the same", "0.25: black or white"))


def _drawings(name: str) -> None:
    """In place of samples, what we have drawn ourselves."""
    examples = sources.source(name).examples
    st.header("One of each class, drawn by us", anchor=False)
    pictures = [Row([picture(examples.image(each), f"{each}, drawn by us")], each) for each in examples.drawings]
    picture_grid([Group([row]) for row in pictures], key="drawings", width=96)


def _histogram(figures: Published) -> None:
    st.header("Pixel values", anchor=False)
    total = figures.histogram.sum()
    black, white = figures.histogram[0] / total, figures.histogram[248:].sum() / total
    words = f"{black:.0%} of all pixels are black, {white:.0%} are white or nearly so."
    st.markdown(words)
    charts.show(charts.histogram(figures.histogram), f"Histogram of the pixel values: {words}", "histogram")


def _class_counts(figures: Published) -> None:
    st.header("Classes", anchor=False)
    names, test = figures.classes, figures.test_counts
    least, most = figures.counts.min(), figures.counts.max()
    evenly = f"{least:,} training images each" if least == most else f"{least:,} to {most:,} training images"
    st.markdown(f"Ten classes, {evenly}.")
    listed = ", ".join(f"{name} {a:,} and {b:,}" for name, a, b in zip(names, figures.counts, test, strict=True))
    charts.show(charts.class_counts(names, figures.counts, test), f"Training and test images: {listed}.", "classes")


def _missing(name: str) -> None:
    """Offer the download, show how far it is, or say in one sentence why it is not to be had."""
    title = resources.title(name)
    if os.environ.get("CAE_DATA_DIR"):
        st.warning(
            f"The folder that CAE_DATA_DIR names holds no readable {name}.npz; without CAE_DATA_DIR, this page can "
            "download it.",
            icon=":material/folder_off:",
        )
        return
    poll(_download, until=lambda: not _downloads.running(name))(name, title)


def _download(name: str, title: str) -> None:
    job, source = _downloads.get(name), sources.source(name)
    size = source.download_size / 1e6
    if job and job.running:
        st.progress(job.share, text=f"{title}: {job.done / 1e6:.1f} of {size:.1f} MB")
        return
    if job and job.error:
        st.warning(job.error, icon=":material/cloud_off:")
    else:
        st.markdown(f"The {title} are not on this machine yet.")
    if st.button(f"Download {title} ({size:.0f} MB)", icon=":material/download:"):
        start_download(name)
        st.rerun()


def start_download(name: str) -> Job:
    """Start a download, or join the one that is under way."""

    source = sources.source(name)

    def fetch(advance: Advance) -> None:
        source.download(advance)
        resources.small_images.clear()

    return _downloads.start(name, fetch, source.download_size)
