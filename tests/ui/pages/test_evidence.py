"""The page Evidence without a browser: what it says is what the files say, and what is missing is left out."""

import copy
import json

import forward_pass
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cae.data.folders import own_pictures
from cae.data.mnist import MNIST
from cae.evaluation.reports import Report, read_all
from cae.imaging.pixels import as_network_input
from cae.model import store
from cae.ui import resources
from cae.ui.pages import collapse, evidence, gallery

PAGE = "from cae.ui.pages import evidence\nevidence.page()"


def open_page(tab: str = evidence.EXPERIMENTS) -> AppTest:
    app = AppTest.from_string(PAGE, default_timeout=60)
    app.query_params["show"] = tab
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return "\n".join(block.value for block in app.markdown)


def charts(app: AppTest) -> list[str]:
    """The texts that stand for the charts."""
    return [chart.proto.alt for chart in app.get("plotly_chart")]


def grids(app: AppTest) -> list[dict]:
    return [json.loads(mount.proto.json) for mount in app.get("bidi_component")]


def shown(monkeypatch, *found: Report) -> None:
    monkeypatch.setattr(evidence, "read_all", lambda **_: list(found))


@pytest.fixture
def mnist_report() -> Report:
    return read_all()[0]


def altered(report: Report, **changes) -> Report:
    """A copy with other contents."""
    return Report(**(copy.deepcopy(vars(report)) | changes))


def test_shipped_figures(engine):
    assert engine.ready
    app = open_page()
    assert "Photographs" not in words(app)
    shipped = set(store.names()) - {"photos"}  # whoever runs this may have trained models of their own
    for report in (each for each in read_all() if each.name in shipped):
        assert f"**{report.mse:.5f}**" in words(app)
        assert any(f"this network {report.mse:.5f}" in text for text in charts(app))
    assert "Experiment 1: MNIST digits" in words(app)
    assert "0.0022" in words(app)
    assert all(text.endswith(".") for text in charts(app))


@pytest.mark.parametrize(("mse", "verdict"), [(0.0021, "beats"), (0.0023, "not reached yet")])
def test_verdict_follows_the_figure(monkeypatch, mnist_report, mse, verdict):
    evaluation = copy.deepcopy(mnist_report.evaluation)
    evaluation["reconstruction"]["mse"] = mse
    shown(monkeypatch, altered(mnist_report, evaluation=evaluation))
    assert verdict in words(open_page())


@pytest.mark.parametrize(("mse", "verdict"), [(0.001, "lowers"), (0.01, "raises")])
def test_denoiser_is_said_to_do_what_it_does(monkeypatch, mnist_report, mse, verdict):
    evaluation = copy.deepcopy(mnist_report.evaluation)
    evaluation["denoised"] = evaluation["reconstruction"] | {"mse": mse}
    shown(monkeypatch, altered(mnist_report, evaluation=evaluation, denoiser=mnist_report.autoencoder))
    assert f"Denoising {verdict} the error" in words(open_page())


def test_noise_and_equal_components_are_drawn_when_there(monkeypatch, mnist_report):
    evaluation = copy.deepcopy(mnist_report.evaluation)
    evaluation["baselines"]["pca_equal"] = {"components": 187, "mse": 0.0025}
    figures = {"noisy": 0.2, "median_filter": 0.08, "reconstruction": 0.04, "denoised": None}
    evaluation["noisy"] = [
        {"kind": kind, "strength": strength} | figures
        for kind in ("gaussian", "salt_and_pepper")
        for strength in (0.5, 0.1)
    ]
    report = altered(mnist_report, evaluation=evaluation, denoiser=mnist_report.autoencoder)
    shown(monkeypatch, report)
    app = open_page()
    assert "187 numbers" in words(app)
    noise = [text for text in charts(app) if "at strength 0.5" in text]
    assert len(noise) == 2
    assert "denoised" not in noise[0]


def test_models_with_gaps(monkeypatch, mnist_report):
    own = altered(mnist_report, name="my_own", source=own_pictures("my_own", None), evaluation=None, denoiser=None)
    no_denoiser = altered(mnist_report, evaluation=mnist_report.evaluation | {"denoised": None}, denoiser=None)
    shown(monkeypatch, no_denoiser, own)
    app = open_page()
    assert "my_own through 49 numbers" in words(app)
    assert "not evaluated yet" in words(app)
    assert "Experiment 3" not in words(app)


def test_a_model_of_own_pictures_is_shown_as_those_that_are_shipped(monkeypatch, mnist_report):
    """With its evaluation, and without anything that the thesis says of other data."""
    evaluation = mnist_report.evaluation | {"images": 6}
    own = altered(mnist_report, name="runs/drawn", source=own_pictures("drawn", None), evaluation=evaluation)
    shown(monkeypatch, own)
    app = open_page()
    assert "runs/drawn through 49 numbers" in words(app)
    assert f"Error **{own.mse:.5f}** over 6 test images" in words(app)
    assert any(f"this network {own.mse:.5f}" in text for text in charts(app))
    assert not any("thesis" in text for text in [words(app), *charts(app)])


def test_no_models(monkeypatch):
    shown(monkeypatch)
    assert len(open_page().info) == 1


def test_collapsed_network_answers_every_digit_alike(engine):
    assert engine.ready
    app = open_page(evidence.COLLAPSE)
    healthy, silent, codes = set(), set(), set()
    for digit in "3058":
        app.pills(key="collapse_digit").set_value(digit).run()
        assert not app.exception
        one, other = grids(app)[0]["groups"]
        healthy.add(one["rows"][0]["pictures"][2]["src"])
        codes.add(other["rows"][0]["pictures"][1]["src"])
        silent.add(other["rows"][0]["pictures"][2]["src"])
    assert (len(healthy), len(codes), len(silent)) == (4, 1, 1)


def test_silent_answer_is_what_a_network_with_that_layer_silenced_gives(engine):
    """In plain NumPy, with the layer's weights set to zero, for two digits."""
    assert engine.ready
    weights = resources.model("mnist").weights("encoder", "decoder")
    for name in ("encoder_09_conv/kernel", "encoder_09_conv/bias"):
        weights[name] = np.zeros_like(weights[name])
    codes = forward_pass.encode(weights, as_network_input(MNIST.examples.images()[[1, 8]]))
    code, answer = collapse._silent_answer(resources.model("mnist"))
    assert np.allclose(codes, code, atol=1e-6)
    expected = 255 * np.clip(forward_pass.decode(weights, codes[:1])[0, ..., 0], 0, 1)
    assert np.abs(expected - answer).max() < 0.5 + 255 * 1e-4


def test_best_grey_is_the_pixel_variance(data_folder, engine):
    assert data_folder.is_dir()
    assert engine.ready
    app = open_page(evidence.COLLAPSE)
    loss, variance = (float(metric.value) for metric in app.metric)
    assert loss > variance + 0.05
    assert variance == collapse.THESIS_LOSS, "of Fashion-MNIST's test images"
    app.slider(key="collapse_grey").set_value(0.29).run()
    loss, variance = (float(metric.value) for metric in app.metric)
    assert loss == pytest.approx(variance, abs=0.0001)
    assert "Lower is impossible" in words(app)


def test_collapse_without_data_uses_our_digits(monkeypatch, engine):
    assert engine.ready
    monkeypatch.setattr(resources, "small_images", lambda _: None)
    collapse._grey_figures.clear()
    app = open_page(evidence.COLLAPSE)
    collapse._grey_figures.clear()
    assert "0.1242" in words(app)
    assert len(app.metric) == 2
    app = open_page(evidence.IMAGES)
    assert len(app.info) == 1


def test_collapse_does_not_wait_for_the_network(monkeypatch):
    class Starting:
        ready, status = False, "starting"

    monkeypatch.setattr(resources, "engine", Starting)
    app = open_page(evidence.COLLAPSE)
    assert "The network is starting …" in [caption.value for caption in app.caption]
    assert len(app.metric) == 2, "the rest is there"


def test_stability(monkeypatch, engine):
    assert engine.ready
    runs = [
        {"initialisation": start, "seed": seed, "val_loss": 0.09 if start == "he" and seed else 0.01}
        | {"collapsed": start == "he" and seed > 0}
        for start in ("shipped", "he")
        for seed in range(10)
    ]
    stability = {"images": 5_000, "epochs": 1, "pixel_variance": 0.0964, "runs": runs}
    monkeypatch.setattr(collapse, "read_stability", lambda: stability)
    app = open_page(evidence.COLLAPSE)
    assert "**0 of 10**" in words(app)
    assert "**9 of 10**" in words(app)


def test_test_images(monkeypatch, mnist, engine):
    assert engine.ready
    monkeypatch.setattr(gallery, "IMAGES", 60)
    gallery._outputs.clear()
    app = open_page(evidence.IMAGES)
    assert gallery._outputs.get(store.load("mnist").network()).wait(120)
    app.run()
    assert not app.exception
    groups = grids(app)[0]["groups"]
    assert [group["title"] for group in groups] == ["Best", "Median", "Worst"]
    app.pills(key="gallery_class_mnist").set_value(7).run()
    groups = grids(app)[0]["groups"]
    for group in groups:
        for row in group["rows"]:
            assert row["caption"].startswith("7 · MSE 0.")
            number = row["pictures"][0]["alt"].split(",")[0].rsplit(" ", 1)[1]
            assert mnist.y_test[int(number) - 1] == 7
    gallery._outputs.clear()


def test_too_few_test_images_to_rank(monkeypatch, mnist, engine):
    """As a class of own pictures may have."""
    assert len(mnist.x_test)
    assert engine.ready
    monkeypatch.setattr(gallery, "IMAGES", 2)
    gallery._outputs.clear()
    app = open_page(evidence.IMAGES)
    assert gallery._outputs.get(store.load("mnist").network()).wait(120)
    app.run()
    assert not app.exception
    assert "fewer than three" in app.info[0].value
    assert not grids(app)
    gallery._outputs.clear()
