"""The page's logic without a browser: what it shows, in which state, with the real network."""

import json
import subprocess
import sys

import numpy as np
import pytest
from places import ROOT
from sessions import draw
from streamlit.testing.v1 import AppTest

from cae.imaging.clothing import CLOTHES
from cae.imaging.examples import DIGITS, examples_for
from cae.imaging.strokes import Stroke
from cae.model.specification import DECODER, DECODER_PARAMETERS, ENCODER, ENCODER_PARAMETERS, layer_sizes
from cae.ui import resources

APP = ROOT / "app.py"


@pytest.fixture
def app(engine):
    assert engine.ready
    return AppTest.from_file(APP, default_timeout=60).run()


def panels(app: AppTest) -> dict:
    """What the page hands to the row of panels."""
    mounts = [json.loads(mount.proto.json) for mount in app.get("bidi_component")]
    return next(data for data in mounts if "pixels" in data)


def test_first_view_shows_every_panel(app):
    assert not app.exception
    data = panels(app)
    assert set(data["pixels"]) == {"original", "reconstruction", "denoised"}
    assert data["latent"]
    assert "ms in the network" in data["note"]
    assert data["curves"] == {"history": "weights/mnist/history.json", "published": {"autoencoder": 0.0022}}


def test_example_buttons_change_the_picture(app):
    before = panels(app)["pixels"]["original"]
    app.button(key="playground_example_8").click().run()
    assert not app.exception
    assert panels(app)["pixels"]["original"] != before


def test_drawing_from_the_browser_is_used(app):
    draw(app, DIGITS["1"])
    assert app.session_state["Drawing"].strokes == DIGITS["1"]


def test_switching_the_fit_off_changes_the_picture(app):
    before = panels(app)["pixels"]["original"]
    app.checkbox(key="playground_fit").uncheck().run()
    assert panels(app)["pixels"]["original"] != before


def test_noise_is_what_the_network_sees(app):
    """The original stays as it is, the noisy picture differs from it by what the slider says, and less helps."""
    clean = panels(app)
    app.segmented_control(key="playground_noise").set_value("Gaussian").run()
    assert not app.exception
    noisy = panels(app)
    assert set(noisy["pixels"]) == {"original", "noisy", "reconstruction", "denoised"}
    assert noisy["pixels"]["original"] == clean["pixels"]["original"]
    assert noisy["latent"] != clean["latent"]
    assert clean["quality"]["reconstruction"]["mse"] < noisy["quality"]["reconstruction"]["mse"]
    assert 0.005 < noisy["quality"]["noisy"]["mse"] < 0.2**2
    app.slider(key="playground_strength_gaussian").set_value(0.05).run()
    assert panels(app)["quality"]["noisy"]["mse"] < 0.05**2
    app.segmented_control(key="playground_noise").set_value("Salt & pepper").run()
    assert panels(app)["pixels"]["noisy"] != noisy["pixels"]["noisy"]
    app.segmented_control(key="playground_noise").set_value("None").run()
    assert panels(app)["pixels"] == clean["pixels"]


def test_another_model_comes_with_its_own_examples(app):
    digit = panels(app)
    app.segmented_control(key="playground_model").set_value("fashion_mnist").run()
    assert not app.exception
    assert app.session_state["Drawing"].strokes == CLOTHES["Ankle boot"]
    boot = panels(app)
    assert boot["pixels"]["original"] != digit["pixels"]["original"]
    assert boot["curves"]["history"] == "weights/fashion_mnist/history.json"
    assert boot["curves"]["published"] == {"autoencoder": 0.0064, "denoiser": 0.1242}
    app.button(key="playground_example_Dress").click().run()
    assert panels(app)["pixels"]["original"] != boot["pixels"]["original"]
    assert app.checkbox(key="playground_fit").label == "Fit as Fashion-MNIST did"


def test_a_drawing_of_ones_own_outlives_a_change_of_model(app):
    own = (Stroke(((0.2, 0.2), (0.8, 0.8)), 0.1),)
    draw(app, own)
    app.segmented_control(key="playground_model").set_value("fashion_mnist").run()
    assert app.session_state["Drawing"].strokes == own


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"x" * 50], ids=["empty", "cut GIF", "no PNG"]
)
def test_bad_uploads_get_one_sentence(app, content):
    app.segmented_control(key="playground_source").set_value("Upload").run()
    app.file_uploader[0].set_value(("picture.png", content, "image/png")).run()
    assert not app.exception
    assert len(app.error) == 1
    assert app.error[0].value.endswith(".")
    assert "\n" not in app.error[0].value


def test_stored_examples_are_what_the_network_gives(engine):
    stored = resources.examples("mnist")
    for name, result in stored.results.items():
        answer = engine.run("mnist", examples_for("mnist").image(name)[np.newaxis])
        assert np.allclose(answer.latent, result.latent, atol=1e-3)
        assert np.abs(answer.reconstruction - result.reconstruction).max() < 0.01
        assert np.abs(answer.denoised - result.denoised).max() < 0.01
        assert stored.latent_range[0] <= result.latent.min() + 1e-3
        assert result.latent.max() <= stored.latent_range[1] + 1e-3


def test_an_example_needs_no_engine():
    """In a process where the engine never becomes ready, the first view is complete all the same."""
    code = (
        "from streamlit.testing.v1 import AppTest\n"
        "import cae.engine.client, sys, json\n"
        "cae.engine.client.Engine.start = lambda self: None\n"
        f"app = AppTest.from_file({str(APP)!r}, default_timeout=60).run()\n"
        "assert not app.exception, app.exception\n"
        "data = next(d for d in (json.loads(m.proto.json) for m in app.get('bidi_component')) if 'pixels' in d)\n"
        "assert set(data['pixels']) == {'original', 'reconstruction', 'denoised'}, data['note']\n"
        "assert 'stored result' in data['note']\n"
        "assert not {'tensorflow', 'keras', 'jax', 'torch'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_how_it_works_lists_all_layers():
    app = AppTest.from_string("from cae.ui.pages import how_it_works\nhow_it_works.page()").run()
    text = "\n".join(block.value for block in app.markdown)
    assert not app.exception
    for layers, side, total in ((ENCODER, 28, ENCODER_PARAMETERS), (DECODER, 7, DECODER_PARAMETERS)):
        sizes = layer_sizes(layers, side)
        assert sum(size.parameters for size in sizes) == total
        for size in sizes:
            assert f"| {size.description} | {size.side}×{size.side}×{size.channels} | {size.parameters:,} |" in text
