"""The page Evidence without a browser: what it says is what the files say, and what is missing is left out."""

import copy

import pytest
from sessions import mounts, words
from streamlit.testing.v1 import AppTest

from cae.cli.parser import COMMANDS
from cae.data import sources
from cae.data.folders import own_pictures
from cae.evaluation.reports import Report, read_all
from cae.model import store
from cae.ui import resources
from cae.ui.pages import evidence, gallery, source

PAGE = "from cae.ui.pages import evidence\nevidence.page()"


def open_page(tab: str = evidence.EXPERIMENTS) -> AppTest:
    app = AppTest.from_string(PAGE, default_timeout=60)
    app.query_params["show"] = tab
    app.run()
    assert not app.exception
    return app


def charts(app: AppTest) -> list[str]:
    """The texts that stand for the charts."""
    return [chart.proto.alt for chart in app.get("plotly_chart")]


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


@pytest.mark.parametrize(("mse", "verdict"), [(0.0021, "beaten"), (0.0023, "not reached yet")])
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
    assert not any("thesis" in text for text in [words(app).replace(evidence.THESIS, ""), *charts(app)])


def test_no_models(monkeypatch):
    shown(monkeypatch)
    assert len(open_page().info) == 1


def open_gallery(monkeypatch: pytest.MonkeyPatch, images: int) -> AppTest:
    """The test images, of so many, once the network has drawn them all."""
    monkeypatch.setattr(gallery, "IMAGES", images)
    gallery._outputs.clear()
    app = open_page(evidence.IMAGES)
    assert gallery._outputs.get(store.load("mnist").network()).wait(120)
    app.run()
    assert not app.exception
    return app


def test_test_images(monkeypatch, mnist, engine):
    assert engine.ready
    app = open_gallery(monkeypatch, images=60)
    groups = mounts(app)[0]["groups"]
    assert [group["title"] for group in groups] == ["Best", "Median", "Worst"]
    app.pills(key="gallery_class_mnist").set_value(7).run()
    groups = mounts(app)[0]["groups"]
    for group in groups:
        for row in group["rows"]:
            assert row["caption"].startswith("7 · MSE 0.")
            number = row["pictures"][0]["alt"].split(",")[0].rsplit(" ", 1)[1]
            assert mnist.y_test[int(number) - 1] == 7
    gallery._outputs.clear()


def test_without_test_images_it_says_so(monkeypatch):
    monkeypatch.setattr(resources, "small_images", lambda _: None)
    assert len(open_page(evidence.IMAGES).info) == 1


def test_too_few_test_images_to_rank(monkeypatch, mnist, engine):
    """As a class of own pictures may have."""
    assert len(mnist.x_test)
    assert engine.ready
    app = open_gallery(monkeypatch, images=2)
    assert "fewer than three" in app.info[0].value
    assert not mounts(app)
    gallery._outputs.clear()


def test_the_source_of_each_figure(engine):
    """The commands and files that the page names are there, and each model's card is shown as it is."""
    assert engine.ready
    app = open_page(evidence.SOURCE)
    for what, command, file in source.FIGURES:
        assert what in words(app)
        assert command.split()[0] in COMMANDS
        assert (store.FOLDER / "mnist" / file).exists() or (store.FOLDER / file).exists(), file
    card = (store.FOLDER / "mnist" / "README.md").read_text("utf-8")
    lines = card.strip().splitlines()[2:]
    assert "\n".join(f"#{line}" if line.startswith("##") else line for line in lines) in words(app)
    assert all(sources.of(store.load(name)).credit in words(app) for name in store.names())
