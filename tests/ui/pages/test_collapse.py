"""The collapse without a browser: what it shows is what the network gives, and the figures are those of the files."""

import forward_pass
import numpy as np
import pytest
from sessions import mounts, opened, words

from cae.data.mnist import MNIST
from cae.imaging.pixels import as_network_input
from cae.ui import resources
from cae.ui.pages import collapse

PAGE = "from cae.ui.pages import collapse\ncollapse.section()"


def test_collapsed_network_answers_every_digit_alike(engine):
    assert engine.ready
    app = opened(PAGE)
    healthy, silent, codes = set(), set(), set()
    for digit in "3058":
        app.pills(key="collapse_digit").set_value(digit).run()
        assert not app.exception
        one, other = mounts(app)[0]["groups"]
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
    app = opened(PAGE)
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
    app = opened(PAGE)
    collapse._grey_figures.clear()
    assert "0.1242" in words(app)
    assert len(app.metric) == 2


def test_collapse_does_not_wait_for_the_network(monkeypatch):
    class Starting:
        ready, status = False, "starting"

    monkeypatch.setattr(resources, "engine", Starting)
    app = opened(PAGE)
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
    app = opened(PAGE)
    assert "**0 of 10**" in words(app)
    assert "**9 of 10**" in words(app)
