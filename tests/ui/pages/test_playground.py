"""The page's logic without a browser: what it shows, in which state, with the real network."""

import base64
import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from places import ROOT
from sessions import draw, encoded, panels, picture, report
from streamlit.testing.v1 import AppTest

from cae.data.mnist import MNIST
from cae.imaging.examples import CLOTHES, DIGITS
from cae.imaging.metrics import distortion
from cae.imaging.preprocessing import fit_digit, fit_square
from cae.imaging.strokes import Stroke, rasterise, strokes_to_json
from cae.model import store
from cae.ui import resources

APP = ROOT / "app.py"
OWN = (Stroke(((0.2, 0.2), (0.8, 0.8)), 0.1),)
PAGES = {
    "playground": "from cae.ui.pages import playground\nplayground.page()",
    "compress": "from cae.ui.pages.compress import page\npage.page()",
}


@pytest.fixture
def app(engine):
    assert engine.ready
    return AppTest.from_file(APP, default_timeout=60).run()


def latent(app: AppTest) -> np.ndarray:
    """What the network made of the picture, float32 (7, 7, 1)."""
    return np.frombuffer(base64.b64decode(panels(app)["latent"]), "<f4").reshape(7, 7, 1)


def edit(app: AppTest, code: np.ndarray | None, of: str | None = None) -> AppTest:
    """Report what the code of the picture was changed to."""
    name = panels(app)["name"] if of is None else of
    return report(app, code={"of": name, "values": None if code is None else encoded(code)})


def choose(app: AppTest, *, fit: bool = True, noise: list | None = None) -> AppTest:
    return report(app, choices={"fit": fit, "noise": noise})


def test_first_view_shows_every_panel(app):
    assert not app.exception
    data = panels(app)
    assert set(data["pixels"]) == {"original", "reconstruction", "denoised"}
    assert data["latent"]
    assert data["code"] is None
    assert "ms in the network" in data["note"]
    model = store.load("mnist")
    served = {part: f"weights/mnist/{part}.safetensors?version={model.version[:16]}" for part in data["model"]}
    assert data["model"] == served
    assert set(served) == {"encoder", "decoder", "denoiser"}
    assert data["curves"]["history"] == f"weights/mnist/history.json?version={model.version[:16]}"
    assert data["curves"]["published"] == {"autoencoder": 0.0022}
    assert data["curves"]["epochs"] == list(model.snapshot_epochs)
    assert data["choices"] == {"fit": True, "noise": None}
    assert data["pad"]["strokes"] == strokes_to_json(DIGITS["3"])
    assert (data["examples"], data["fit"]["label"]) == ("digits", "MNIST")


def test_the_pad_is_the_only_component_beside_the_lesson(app):
    names = [mount.proto.component_name for mount in app.get("bidi_component")]
    assert sorted(name.rpartition("_")[2] for name in names) == ["lesson", "play"]


def test_drawing_from_the_browser_is_used(app):
    draw(app, DIGITS["1"])
    assert app.session_state["Drawing"].strokes == DIGITS["1"]
    assert np.array_equal(picture(app, "original"), MNIST.examples.image("1"))
    assert len(panels(app)["frame"]) == 3


def test_the_browser_is_told_which_drawing_is_answered(app):
    assert panels(app)["drawn"] is None
    version = panels(app)["pad"]["version"]
    report(app, drawing={"strokes": strokes_to_json(DIGITS["1"]), "version": version, "time": 1764278400123})
    assert panels(app)["drawn"] == 1764278400123
    choose(app, fit=False)
    assert panels(app)["drawn"] == 1764278400123
    assert panels(app)["address"]["x"] == "1"


def test_what_the_pad_is_handed_stays_while_the_visitor_draws(app):
    before = panels(app)["pad"]
    draw(app, OWN)
    draw(app, DIGITS["1"])
    assert panels(app)["pad"] == before


def test_an_empty_pad_is_no_error(app):
    draw(app, [])
    assert not app.exception
    data = panels(app)
    assert data["note"] == "Draw something, or pick an example."
    assert not picture(app, "original").any()
    assert data["latent"] is None
    assert {"x", "d"} & {name for name, value in data["address"].items() if value} == set()


def test_switching_the_fit_off_changes_the_picture(app):
    fitted = picture(draw(app, OWN), "original")
    assert np.array_equal(fitted, fit_digit(rasterise(OWN)))
    plain = picture(choose(app, fit=False), "original")
    assert np.array_equal(plain, fit_square(rasterise(OWN)))
    assert not np.array_equal(plain, fitted)


def test_noise_is_what_the_network_sees(app):
    """The original stays as it is, the noisy picture differs from it by what was chosen, and the result is worse."""
    clean = panels(app)
    original = picture(app, "original")
    good = distortion(original, picture(app, "reconstruction")).mse
    noisy = panels(choose(app, noise=["gaussian", 0.2]))
    assert not app.exception
    assert set(noisy["pixels"]) == {"original", "noisy", "reconstruction", "denoised"}
    assert noisy["pixels"]["original"] == clean["pixels"]["original"]
    assert noisy["latent"] != clean["latent"]
    assert good < distortion(original, picture(app, "reconstruction")).mse
    assert 0.005 < distortion(original, picture(app, "noisy")).mse < 0.2**2
    choose(app, noise=["gaussian", 0.05])
    assert distortion(original, picture(app, "noisy")).mse < 0.05**2
    assert panels(choose(app, noise=["salt_and_pepper", 0.1]))["pixels"]["noisy"] != noisy["pixels"]["noisy"]
    assert panels(choose(app))["pixels"] == clean["pixels"]


def test_an_edited_code_gives_the_reconstruction_of_exactly_that_code(app, engine):
    before = panels(app)
    code = latent(app).copy()
    code[3, 3] += 2
    edit(app, code)
    assert not app.exception
    data = panels(app)
    assert data["latent"] == before["latent"], "what the network gave stays"
    assert data["name"] == before["name"]
    assert data["code"] == encoded(code)
    assert data["pixels"]["original"] == before["pixels"]["original"]
    decoded = engine.decode("mnist", code[np.newaxis])[0].astype(int)
    assert np.abs(picture(app, "reconstruction") - decoded).max() <= 1
    expected = engine.redraw("mnist", code[np.newaxis])
    assert np.abs(picture(app, "denoised") - expected.denoised[0].astype(int)).max() <= 1
    assert data["pixels"]["reconstruction"] != before["pixels"]["reconstruction"]
    assert data["pixels"]["denoised"] != before["pixels"]["denoised"]


def test_an_edit_is_taken_back(app):
    before = panels(app)
    edit(app, np.zeros((7, 7, 1)))
    assert panels(app)["address"]["z"]
    after = panels(edit(app, None))
    assert after["code"] is None
    assert after["pixels"] == before["pixels"]
    assert after["address"] == before["address"]


def test_the_next_picture_drops_an_edit(app):
    edit(app, np.zeros((7, 7, 1)))
    assert panels(app)["code"]
    draw(app, DIGITS["1"])
    data = panels(app)
    assert data["code"] is None
    assert data["address"]["z"] is None


def test_noise_is_another_picture(app):
    edit(app, np.zeros((7, 7, 1)))
    assert panels(choose(app, noise=["gaussian", 0.1]))["code"] is None


def test_nonsense_from_the_browser_changes_nothing(app):
    before = panels(app)
    for code in ("code", {"of": before["name"], "values": encoded(np.full(49, np.nan))}):
        report(app, code=code, choices=["none"], drawing="a house")
        assert not app.exception
        assert panels(app) == before


def test_a_link_shows_the_same_in_a_new_visit(app):
    draw(app, OWN)
    choose(app, fit=False, noise=["gaussian", 0.1])
    code = np.round(latent(app), 2)
    code[0, 0] = 3
    first = panels(edit(app, code))
    other = AppTest.from_file(APP, default_timeout=60)
    for name, value in first["address"].items():
        if value is not None:
            other.query_params[name] = value
    other.run()
    assert not other.exception
    assert not other.toast
    second = panels(other)
    assert second["pixels"]["original"] == first["pixels"]["original"]
    assert second["address"] == first["address"]
    assert second["choices"] == {"fit": False, "noise": ["gaussian", 0.1]}
    for name in ("reconstruction", "denoised"):
        assert np.abs(picture(other, name) - picture(app, name).astype(int)).max() <= 3


def test_a_link_that_is_mangled_shows_the_first_view(app):
    other = AppTest.from_file(APP, default_timeout=60)
    for name in ("m", "x", "d", "n", "z"):
        other.query_params[name] = "no such thing"
    other.run()
    assert not other.exception
    assert len(other.toast) == 1
    assert panels(other)["pixels"] == panels(app)["pixels"]


def test_another_model_comes_with_its_own_examples(app):
    digit = panels(app)
    app.segmented_control(key="playground_model").set_value("fashion_mnist").run()
    assert not app.exception
    assert app.session_state["Drawing"].strokes == CLOTHES["Ankle boot"]
    boot = panels(app)
    assert boot["pixels"]["original"] != digit["pixels"]["original"]
    assert boot["examples"] == "clothes"
    assert boot["pad"]["strokes"] == strokes_to_json(CLOTHES["Ankle boot"])
    assert boot["curves"]["history"].startswith("weights/fashion_mnist/history.json?version=")
    assert boot["curves"]["published"] == {"autoencoder": 0.0064, "denoiser": 0.1242}
    assert boot["fit"]["label"] == "Fashion-MNIST"


def test_photographs_are_not_offered(app):
    """They are no pictures of 28×28 pixels; the other pages have their model."""
    assert "photos" in resources.models()
    assert app.segmented_control(key="playground_model").options == ["MNIST digits", "Fashion-MNIST clothes"]


def test_a_drawing_of_ones_own_outlives_a_change_of_model(app):
    draw(app, OWN)
    app.segmented_control(key="playground_model").set_value("fashion_mnist").run()
    assert app.session_state["Drawing"].strokes == OWN


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
    assert app.caption[0].value == "again.jpg: 60 × 40 pixels; kept on this server for this visit only"


def test_the_square_that_the_browser_reports_is_taken(app):
    """Of the picture that it names; anything else is ignored."""
    app.segmented_control(key="playground_source").set_value("Upload").run()
    upload(app, "upright.jpg", photo(None))
    whole = panels(app)
    of = whole["picture"]["of"]
    assert whole["pad"] is None
    assert whole["picture"]["size"] == [40, 60]
    assert whole["picture"]["url"].startswith("data:image/jpeg;base64,")
    for square in ([3, 8, 0], [3, 8, -5], [3, 8], [3, 8, 20.5], ["3", 8, 20], None):
        report(app, square={"of": of, "square": square})
        assert not app.exception
        assert panels(app) == whole
    assert panels(report(app, square={"of": "another", "square": [0, 0, 20]})) == whole
    part = panels(report(app, square={"of": of, "square": [10, 0, 20]}))
    assert part["picture"]["square"] == [10, 0, 20]
    assert part["pixels"]["original"] != whole["pixels"]["original"]
    app.button(key="playground_whole").click().run()
    assert panels(app)["pixels"] == whole["pixels"]
    of = panels(app)["picture"]["of"]
    report(app, square={"of": of, "square": [10, 0, 20]})
    assert panels(app)["pixels"] == part["pixels"]
    report(app, square={"of": of, "square": [5000, -9000, 20]})
    assert not app.exception
    upload(app, "another.jpg", photo(None))
    assert panels(app)["pixels"] == whole["pixels"], "another picture has no square yet"


def test_a_photograph_gets_a_link_to_the_other_page(app):
    picture = Image.effect_noise((300, 200), 90).convert("RGB")
    picture.paste("orange", (0, 0, 300, 90))
    file = io.BytesIO()
    picture.save(file, "PNG")
    app.segmented_control(key="playground_source").set_value("Upload").run()
    upload(app, "photograph.png", file.getvalue())
    (link,) = app.get("page_link")
    assert link.proto.page == "compress"


def test_there_is_a_sample_to_upload(app):
    app.segmented_control(key="playground_source").set_value("Upload").run()
    app.button(key="playground_sample").click().run()
    assert not app.exception
    assert not app.error
    assert picture(app, "original").max() > 150
    assert "ms in the network" in panels(app)["note"]


@pytest.mark.parametrize("choice", [None, "no such model"], ids=["empty list", "unknown"])
@pytest.mark.parametrize("page", ["playground", "compress"])
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
    draw(one, OWN)
    choose(one, noise=["gaussian", 0.2])
    edit(one, np.zeros((7, 7, 1)))
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
    assert one.session_state["Drawing"].strokes == OWN
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
        "mounts = [json.loads(m.proto.json)[0] for m in app.get('bidi_component') if m.proto.json]\n"
        "data = next(d for d in mounts if 'pixels' in d)\n"
        "assert set(data['pixels']) == {'original', 'reconstruction', 'denoised'}, data['note']\n"
        "assert 'stored result' in data['note']\n"
        "assert not {'tensorflow', 'keras', 'jax', 'torch'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
