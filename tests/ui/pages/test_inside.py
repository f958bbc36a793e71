"""Inside without a browser: which picture it shows, of which model."""

import base64
import json
from dataclasses import replace

import numpy as np
from streamlit.testing.v1 import AppTest

from cae.data.mnist import MNIST
from cae.imaging.examples import CLOTHES, DIGITS
from cae.imaging.noise import noisy_picture
from cae.model import store
from cae.model.specification import DECODER, ENCODER, layer_sizes
from cae.ui.assets import CONSTANTS
from cae.ui.components.play import View
from cae.ui.state import Drawing, Playground


def opened(playground: Playground | None = None, drawing: Drawing | None = None) -> dict:
    """What the page hands to its component, for a visitor who has been on Play, or not."""
    app = AppTest.from_string("from cae.ui.pages import inside\ninside.page()", default_timeout=60)
    if playground is not None:
        app.session_state["Playground"] = playground
    if drawing is not None:
        app.session_state["Drawing"] = drawing
    app.run()
    assert not app.exception
    assert [title.value for title in app.title] == ["How is it computed?"]
    [mount] = app.get("bidi_component")
    return json.loads(mount.proto.json)[0]


def picture(data: dict, name: str = "pixels") -> np.ndarray:
    return np.frombuffer(base64.b64decode(data[name]), np.uint8).reshape(28, 28)


def test_without_a_picture_the_first_example():
    data = opened()
    assert np.array_equal(picture(data), MNIST.examples.image(MNIST.examples.first))
    model = store.load("mnist")
    assert data["model"] == {
        half: f"weights/mnist/{half}.safetensors?version={model.version[:16]}" for half in ("encoder", "decoder")
    }
    assert data["address"]["x"] == MNIST.examples.first


def test_what_the_network_saw_on_play():
    view = View(np.full((28, 28), 7, np.uint8))
    assert np.array_equal(picture(opened(Playground(view=view))), view.original)
    noisy = replace(view, noisy=np.full((28, 28), 9, np.uint8))
    data = opened(Playground(view=noisy))
    assert np.array_equal(picture(data), noisy.noisy)
    assert np.array_equal(picture(data, "original"), view.original)


def test_what_a_link_put_on_the_pad():
    drawing = Drawing(DIGITS["7"], 1, MNIST.examples)
    image = MNIST.examples.image("7")
    assert np.array_equal(picture(opened(drawing=drawing)), image)
    noise = ("gaussian", 0.2)
    noisy = noisy_picture(image, *noise, np.random.default_rng(0))
    data = opened(Playground(noise=noise), drawing)
    assert np.array_equal(picture(data), noisy)
    assert np.array_equal(picture(data, "original"), image)


def test_another_model_has_its_own_first_example():
    data = opened(Playground(model="fashion_mnist"))
    assert "weights/fashion_mnist/encoder" in data["model"]["encoder"]
    assert data["address"]["x"] in CLOTHES


def test_the_browser_knows_all_figures_of_the_layers():
    layers = CONSTANTS["layers"]["encoder"] + CONSTANTS["layers"]["decoder"]
    sizes = layer_sizes(ENCODER, 28) + layer_sizes(DECODER, 7)
    for layer, size in zip(layers, sizes, strict=True):
        assert layer["parameters"] == size.parameters
        assert layer["multiplyAdds"] == size.multiply_adds
    assert [layer["receptiveField"] for layer in layers[:10]] == [3, 5, 6, 10, 14, 14, 16, 24, 24, 24]
