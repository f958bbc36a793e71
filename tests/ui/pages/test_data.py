"""The data without a browser: the figures, the download, and no network at all."""

import numpy as np
import pytest
from sessions import mounts, opened, words

from cae.data import sources
from cae.ui import resources
from cae.ui.pages import data

pytestmark = pytest.mark.slow

PAGE = "from cae.ui.pages import data\ndata.section()"


@pytest.fixture(autouse=True)
def fresh():
    """Nothing that another test has loaded or downloaded."""
    for cached in (resources.small_images, data._description, data._downloads):
        cached.clear()
    yield
    for cached in (resources.small_images, data._description, data._downloads):
        cached.clear()


@pytest.mark.parametrize("name", data.SETS)
def test_figures_of_the_real_data(data_folder, name):
    assert (data_folder / f"{name}.npz").exists()
    app = opened(PAGE)
    app.segmented_control(key="set").set_value(name).run()
    assert not app.exception
    samples, means = mounts(app)
    dataset = sources.source(name).dataset
    assert [row["caption"] for row in samples["groups"][0]["rows"]] == list(dataset.classes)
    assert {len(row["pictures"]) for row in samples["groups"][0]["rows"]} == {data.SAMPLES}
    assert [group["title"] for group in means["groups"]] == ["all classes", *dataset.classes]
    pixels = dataset.x_train / np.float32(255)
    assert f"mean **{pixels.mean(dtype=np.float64):.4f}**" in words(app)
    assert f"variance **{pixels.var(dtype=np.float64):.4f}**" in words(app)


def test_samples_are_of_their_class_and_change_on_demand(mnist):
    app = opened(PAGE)
    before = mounts(app)[0]
    for label, row in enumerate(before["groups"][0]["rows"]):
        for picture in row["pictures"]:
            index = int(picture["alt"].rsplit(" ", 1)[1].replace(",", "")) - 1
            assert mnist.y_train[index] == label
    next(button for button in app.button if button.label == "Reshuffle").click()
    app.run()
    assert mounts(app)[0] != before
    assert mounts(app)[1]["groups"]


def test_every_picture_has_words(data_folder):
    assert data_folder.is_dir()
    for grid in mounts(opened(PAGE)):
        assert all(picture["alt"] for group in grid["groups"] for row in group["rows"] for picture in row["pictures"])


def test_download(data_server):
    app = opened(PAGE)
    assert "**60,000** training images" in words(app), "the figures are there without the data"
    assert [group["rows"][0]["caption"] for group in mounts(app)[0]["groups"]] == list("0123456789"), "drawn by us"
    assert len(app.get("plotly_chart")) == 2
    assert data_server.asked == [], "nothing is fetched before somebody asks for it"
    app.button[0].click().run()
    job = data._downloads.get("mnist")
    assert job.wait(30)
    assert job.share == 1.0
    app.run()
    assert not app.exception
    assert [len(row["pictures"]) for row in mounts(app)[0]["groups"][0]["rows"]] == [3] * 10
    assert resources.test_images("mnist").shape == (20, 28, 28), "the other pages find it, too"


def test_two_visitors_share_one_download(data_server):
    first = data.start_download("mnist")
    second = data.start_download("mnist")
    assert second is first or not first.running
    assert first.wait(30)
    assert second.wait(30)
    assert data_server.asked.count("mnist.npz") == (1 if first is second else 2)


def test_offline_is_one_plain_sentence_and_can_be_tried_again(data_server):
    content = data_server.files.pop("mnist.npz")
    app = opened(PAGE)
    app.button[0].click().run()
    assert data._downloads.get("mnist").wait(30)
    app.run()
    assert not app.exception
    assert len(app.warning) == 1
    message = app.warning[0].value
    assert message.startswith("The data set mnist could not be downloaded")
    assert message.endswith(".")
    assert "\n" not in message
    data_server.files["mnist.npz"] = content
    app.button[0].click().run()
    assert data._downloads.get("mnist").wait(30)
    app.run()
    assert not app.warning
    assert mounts(app)


def test_folder_without_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("CAE_DATA_DIR", str(tmp_path))
    app = opened(PAGE)
    assert len(app.warning) == 1
    assert "CAE_DATA_DIR" in app.warning[0].value
    assert str(tmp_path) not in app.warning[0].value, "paths of the server are not for visitors"
    assert not app.button
