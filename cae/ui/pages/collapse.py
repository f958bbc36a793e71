"""The collapse: one silent layer, the loss that follows from it, and how often it happens."""

import numpy as np
import streamlit as st

from cae.data import sources
from cae.data.mnist import FASHION_MNIST, MNIST
from cae.engine.client import EngineError
from cae.evaluation.proportion import interval
from cae.evaluation.reports import Report, read_all, read_stability
from cae.imaging import metrics
from cae.model.store import Pretrained
from cae.ui import charts, colours, resources
from cae.ui.charts import error
from cae.ui.components.picture_grid import Column, Group, Picture, Row, coloured, picture, picture_grid
from cae.ui.controls import choice
from cae.ui.job import poll
from cae.ui.state import Collapse, widget

MODEL = MNIST.name
DIGITS = MNIST.examples
THESIS_LOSS = FASHION_MNIST.published_losses["denoiser"]
OWN_DIGITS = "The ten digits"
NAMES = {"shipped": "as shipped here", "he": "plain He"}


def section() -> None:
    """The whole section, from the thesis' figure to its cause; what explains it opens where it is asked for."""
    reports = read_all(also=resources.check)
    st.markdown(_finding(reports))
    if any(report.name == MODEL for report in reports):
        poll(_silenced, until=lambda: resources.engine().ready, every=1.0)()
    st.header("Be that network: make the loss as small as you can", anchor=False)
    st.fragment(_one_grey)()
    if stability := read_stability():
        st.header("How often it happens", anchor=False)
        _stability(stability)


def _finding(reports: list[Report]) -> str:
    fashion = next((each for each in reports if each.name == FASHION_MNIST.name and each.evaluation), None)
    if fashion:
        variance = fashion.pixel_variance
    else:
        is_here = resources.test_images(FASHION_MNIST.name) is not None
        variance = _grey_figures(FASHION_MNIST.name)[1] if is_here else None
    measured = f", **{error(variance)}**," if variance else ""
    return (
        f"After 100 epochs the thesis reports a loss of **{THESIS_LOSS}** for its denoiser: the variance of "
        f"Fashion-MNIST's pixels{measured} and so the loss of a network that answers every picture with one grey."
    )


def _silenced() -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.header("One silent layer", anchor=False, width="content")
        digit = choice("Digit", list(DIGITS.drawings), default="3", control=st.pills, key=widget(Collapse, "digit"))
    image, engine = DIGITS.image(digit), resources.engine()
    if not engine.ready:
        failed = engine.status == "failed"
        st.caption("The network could not be started." if failed else "The network is starting …")
        return
    try:
        model = resources.model(MODEL)
        healthy = engine.run(model.network(), image[np.newaxis])
        code, silent = _silent_answer(model)
    except EngineError as problem:
        st.warning(str(problem), icon=":material/error:")
        return
    low, high = resources.examples(MODEL).latent_range
    columns = (Column("input"), Column("49 numbers", colours.LATENT), Column("output", colours.DECODER))

    def group(title: str, latent: np.ndarray, answer: np.ndarray, what: str) -> Group:
        loss = error(metrics.distortion(image, answer).mse)
        pictures: list[Picture] = [
            picture(image, f"The digit {digit}, drawn"),
            coloured(latent, low, high, "Viridis", f"Its code: {_span(latent)}"),
            picture(answer, f"The {title.lower()} network's output: {what}, mean squared error {loss}"),
        ]
        return Group([Row(pictures, f"code {_span(latent)} · MSE {loss}")], title, columns)

    picture_grid(
        [
            group("Healthy", healthy.latent[0], healthy.reconstruction[0], f"a {digit}"),
            group("One layer silent", code, silent, "the same for every input"),
        ],
        key="collapse",
        width=420,
    )
    digits = DIGITS.images()
    losses = metrics.mse(np.broadcast_to(silent, digits.shape), digits)
    with st.expander("Why every digit gets the same answer"):
        st.markdown(
            "Both are the network shipped here. In the second, the encoder's layer of two filters is silent: it gives "
            "zeros, as a layer does that ReLU has cut off. The next layer's bias is all that is left of the code, "
            "whatever the input. So the decoder's answer is the same for all ten digits; its mean error over them is "
            f"{error(float(losses.mean()))}."
        )


def _span(values: np.ndarray) -> str:
    low, high = (
        f"{float(value):.2f}".replace("-", "−").replace("−0.00", "0.00") for value in (values.min(), values.max())
    )
    return f"all {low}" if low == high else f"{low} to {high}"


@resources.once_a_version
def _silent_answer(model: Pretrained) -> tuple[np.ndarray, np.ndarray]:
    """The code behind a silent layer, (7, 7, 1), and what the decoder, really run, makes of it, (28, 28, 1).

    The layer after the silent one sees zeros, so that only its bias is left: each of the 49 numbers is that bias.
    """
    bias = model.weights("encoder")["encoder_10_conv/bias"]
    code = np.full((1, 7, 7, 1), bias.item(), np.float32)
    return code[0], resources.engine().decode(model.network(), code)[0]


def _one_grey() -> None:
    choices = [each.name for each in (FASHION_MNIST, MNIST) if resources.small_images(each.name) is not None]
    choices.append(OWN_DIGITS)
    left, right = st.columns([1, 1], gap="large")
    with left:
        source = choices[0]
        if len(choices) > 1:
            source = choice(
                "Pictures to answer",
                choices,
                default=source,
                key=widget(Collapse, "source"),
                format_func=resources.title,
                label_visibility="visible",
            )
        mean, variance = _grey_figures(source)
        chosen = st.slider("Your grey: 0 is black, 1 is white", 0.0, 1.0, 0.6, 0.01, key=widget(Collapse, "grey"))
        loss = variance + (chosen - mean) ** 2
        with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
            swatch = np.full((28, 28), chosen)
            st.image(
                (swatch * 255).astype(np.uint8),
                width=96,
                alt=f"Your answer to every picture: an even grey, {chosen:.2f}",
            )
            st.metric("Your loss", error(loss), width="content")
            st.metric("Pixel variance", error(variance), width="content")
        st.markdown(_verdict(loss, variance, source))
        with st.expander("Why one grey is all that is left"):
            st.markdown(
                "No gradient passes a silent layer: nothing before it learns any more. What comes after it can only "
                "learn one answer for every picture, and ends as an even grey. The loss falls until that is the best "
                "one: a loss curve alone does not tell."
            )
    with right:
        published = _published(source)
        alt = (
            f"The loss of one grey is a parabola with its lowest point, {error(variance)}, at {mean:.2f}; yours is "
            f"{error(loss)} at {chosen:.2f}" + (f"; the thesis reports {error(published)}." if published else ".")
        )
        charts.show(charts.grey_parabola(mean, variance, chosen, published), alt, "parabola")


def _verdict(loss: float, variance: float, source: str) -> str:
    if loss - variance > 0.0005:
        return "A better grey exists."
    if published := _published(source):
        return f"**Lower is impossible.** This is where the thesis' denoiser stood: {error(published)}."
    return "**Lower is impossible:** with one grey, the pixel variance is where it ends."


def _published(source: str) -> float | None:
    """What the thesis reports for the denoiser of a data set, if there is such a figure."""
    known = sources.known_as(source)
    return known.published_losses.get("denoiser") if known else None


@st.cache_data(show_spinner=False)
def _grey_figures(source: str) -> tuple[float, float]:
    """Mean and variance of all pixels of a data set's test images; of our own digits where there is no such set."""
    pixels = resources.test_images(source)
    counts = np.bincount((DIGITS.images() if pixels is None else pixels).ravel())
    share, values = counts / counts.sum(), np.arange(len(counts)) / 255
    mean = float(share @ values)
    return mean, float(share @ np.square(values - mean))


def _stability(stability: dict) -> None:
    runs = stability["runs"]
    names, parts = {}, []
    for key, name in NAMES.items():
        chosen = [run for run in runs if run["initialisation"] == key]
        if chosen:
            collapsed = sum(run["collapsed"] for run in chosen)
            names[key] = f"{name}<br><b>{collapsed} of {len(chosen)}</b> collapsed"
            low, high = (100 * limit for limit in interval(collapsed, len(chosen)))
            sure = f"with 95 % confidence {low:.0f} to {high:.0f} % would"
            parts.append(f"started {name}, **{collapsed} of {len(chosen)}** runs collapse ({sure})")
    epochs = stability["epochs"]
    st.markdown(
        f"Short trainings, {stability['images']:,} images for {epochs} epoch{'' if epochs == 1 else 's'}, each dot "
        f"another seed: {'; '.join(parts)}. A collapsed run rests at the pixel variance."
    )
    runs = [run for run in runs if run["initialisation"] in names]
    alt = "; ".join(parts).replace("**", "") + "."
    charts.show(charts.stability_dots(runs, names, stability.get("pixel_variance")), alt, "stability")
