"""The page's logic without a browser: what it shows, in which state, with the real network."""

import io
import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from places import ROOT
from sessions import draw
from streamlit.testing.v1 import AppTest

from cae.data.mnist import MNIST
from cae.imaging.examples import CLOTHES, DIGITS
from cae.imaging.strokes import Stroke
from cae.model import store
from cae.model.specification import DECODER, DECODER_PARAMETERS, ENCODER, ENCODER_PARAMETERS, layer_sizes
from cae.ui import resources

APP = ROOT / "app.py"
PAGES = {
    "playground": "from cae.ui.pages import playground\nplayground.page()",
    "compression": "from cae.ui.pages.compression import page\npage.page()",
}


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
    history = f"weights/mnist/history.json?version={store.load('mnist').version}"
    assert data["curves"] == {"history": history, "published": {"autoencoder": 0.0022}}


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
    assert boot["curves"]["history"].startswith("weights/fashion_mnist/history.json?version=")
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


def photo(orientation: int | None, shape: tuple[int, int] = (60, 40)) -> bytes:
    """A bar on black, higher than wide once turned, with this EXIF orientation or without EXIF data."""
    pixels = np.zeros(shape, np.uint8)
    pixels[10:-10, shape[1] // 2 - 3 : shape[1] // 2 + 3] = 220
    exif = Image.Exif()
    if orientation:
        exif[0x0112] = orientation
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", exif=exif)
    return file.getvalue()


def upload(app: AppTest, name: str, content: bytes) -> AppTest:
    app.file_uploader[0].set_value((name, content, "image/jpeg")).run()
    assert not app.exception
    return app


def ticks(app: AppTest) -> dict[str, bool]:
    return {box.label: box.value for box in app.checkbox}


def test_what_is_ticked_for_one_upload_is_forgotten_with_it(app):
    """An unticked box must not turn the next picture, nor be there where there is nothing to turn."""
    app.segmented_control(key="playground_source").set_value("Upload").run()
    first = ticks(upload(app, "turned.jpg", photo(6)))
    turned = panels(app)["pixels"]["original"]
    assert len(first) == 3
    assert first["Turned upright, as its EXIF data says"]
    for box in app.checkbox:
        box.set_value(not box.value)
    app.run()
    assert "60 × 40" not in app.caption[0].value
    assert panels(app)["pixels"]["original"] != turned
    plain = ticks(upload(app, "plain.jpg", photo(None)))
    assert plain == {label: value for label, value in first.items() if not label.startswith("Turned")}
    assert ticks(upload(app, "again.jpg", photo(6))) == first
    assert panels(app)["pixels"]["original"] == turned
    assert app.caption[0].value == "60 × 40 pixels"


@pytest.mark.parametrize("choice", [None, "no such model"], ids=["empty list", "unknown"])
@pytest.mark.parametrize("page", ["playground", "compression"])
def test_no_choice_of_a_model_is_the_one_before(engine, page, choice):
    """What a browser may send: an empty list, and a name that is on no button."""
    assert engine.ready
    app = AppTest.from_string(PAGES[page], default_timeout=60).run()
    for before in ("mnist", "fashion_mnist"):
        app.segmented_control(key=f"{page}_model").set_value(before).run()
        app.segmented_control(key=f"{page}_model").set_value(choice).run()
        assert not app.exception
        assert app.segmented_control(key=f"{page}_model").value == before


def test_two_visitors_at_once(engine):
    """What one of them draws, uploads and chooses, the other's page does not know."""
    assert engine.ready
    one, two = (AppTest.from_file(APP, default_timeout=60).run() for _ in range(2))
    untouched = panels(two)
    own = (Stroke(((0.2, 0.2), (0.8, 0.8)), 0.1),)
    draw(one, own)
    one.segmented_control(key="playground_noise").set_value("Gaussian").run()
    drawn = panels(one)["pixels"]
    one.segmented_control(key="playground_model").set_value("fashion_mnist").run()
    one.segmented_control(key="playground_source").set_value("Upload").run()
    upload(one, "own.jpg", photo(6))
    one.checkbox[0].uncheck().run()
    two.run()
    assert not two.exception
    assert panels(two)["pixels"] == untouched["pixels"]
    assert two.session_state["Drawing"].strokes == DIGITS["3"]
    two.segmented_control(key="playground_source").set_value("Upload").run()
    assert panels(two)["note"] == "Choose a picture."
    upload(two, "own.jpg", photo(6))
    assert ticks(two)["Turned upright, as its EXIF data says"]
    assert not ticks(one)["Turned upright, as its EXIF data says"]
    assert panels(two)["pixels"]["original"] != panels(one)["pixels"]["original"]
    one.segmented_control(key="playground_source").set_value("Draw").run()
    assert one.session_state["Drawing"].strokes == own
    assert drawn["original"] != untouched["pixels"]["original"]


def test_stored_examples_are_what_the_network_gives(engine):
    stored = resources.examples("mnist")
    for name, result in stored.results.items():
        answer = engine.run("mnist", MNIST.examples.image(name)[np.newaxis])
        assert np.allclose(answer.latent, result.latent, atol=1e-3)
        assert np.abs(answer.reconstruction.astype(int) - result.reconstruction).max() <= 2
        assert np.abs(answer.denoised.astype(int) - result.denoised).max() <= 2
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
