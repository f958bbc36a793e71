"""The page Compress without a browser: what it shows is what the files hold, with the real network."""

import io
import subprocess
import sys

import numpy as np
import pytest
from golden_files import GOLDEN
from PIL import Image
from places import ROOT
from sessions import draw, mounts
from streamlit.testing.v1 import AppTest

from cae.codec import compression
from cae.codec.file_format import QUALITIES, CodecError, unpack
from cae.data.mnist import MNIST
from cae.imaging.pixels import to_png
from cae.ui import resources
from cae.ui.components.picture_grid import picture
from cae.ui.pages.compress import open_file, rate_chart
from cae.ui.pages.compress.study import WHOLE
from cae.ui.state import Compress

PAGE = "from cae.ui.pages.compress import page\npage.page()"
SOURCE = "compress_source"
DIGITS = MNIST.examples.drawings
PICTURES = MNIST.examples.images()


@pytest.fixture
def app(engine) -> AppTest:
    assert engine.ready
    app = AppTest.from_string(PAGE, default_timeout=60).run()
    assert not app.exception
    return app


def shown_bytes(app: AppTest) -> bytes:
    """The file as the page shows it in hexadecimal."""
    view = next(data for data in mounts(app) if "parts" in data)
    assert not any(part["more"] for part in view["parts"])
    return bytes.fromhex("".join(byte for part in view["parts"] for byte in part["bytes"]))


def wiped(app: AppTest) -> dict:
    return next(data for data in mounts(app) if "before" in data)


def metric(app: AppTest, label: str) -> str:
    return next(each.value for each in app.metric if each.label == label)


def chart_text(app: AppTest) -> str:
    return app.get("plotly_chart")[0].proto.alt


def state(app: AppTest) -> Compress:
    """The visitor's."""
    return app.session_state["Compress"]


def test_figures_are_those_of_the_file(app, engine):
    """Size, share and bits are the file's, and the picture is what `decompress` makes of it."""
    data = shown_bytes(app)
    header, payload = unpack(data)
    assert (header.quality, header.count) == (5, None)
    assert metric(app, "The file") == f"{len(data)} bytes"
    assert metric(app, "Of 784 bytes") == f"{100 * len(data) / 784:.2f}\u00a0%"
    assert metric(app, "Bits per pixel") == f"{8 * len(data) / 784:.3f}"
    result = state(app).study.result
    assert result.data == data
    assert result.payload == len(payload)
    decoded = compression.decompress(engine, resources.codec("mnist"), data)
    np.testing.assert_array_equal(result.after[WHOLE], decoded)
    assert result.distortion.mse == pytest.approx(np.mean((decoded / 255 - state(app).trip[1].picture / 255) ** 2))
    said = next(caption.value for caption in app.caption if "MSE" in caption.value)
    assert f"off by {100 * result.distortion.mse**0.5:.2f}\u00a0% of full brightness" in said
    assert f"SSIM {result.distortion.ssim:.3f}" in said


def test_quality_moves_bytes_and_chart(app):
    before = shown_bytes(app)
    app.slider(key="compress_quality").set_value(10).run()
    assert not app.exception
    assert len(shown_bytes(app)) > len(before)
    assert unpack(shown_bytes(app))[0].quality == 10
    assert "at quality 10" in chart_text(app)
    assert list(state(app).study.points) == list(QUALITIES)


def test_the_quality_stays_while_there_is_no_picture(app):
    app.slider(key="compress_quality").set_value(7).run()
    for source in ("Open a .cae file", "Upload", "Draw"):
        app.segmented_control(key=SOURCE).set_value(source).run()
    assert unpack(shown_bytes(app))[0].quality == 7


def test_what_takes_long_waits_until_the_pen_rests(app):
    assert wiped(app)["ask"] == ""
    before = state(app).study.name
    draw(app, DIGITS["8"], "drawing_pad")
    asked = wiped(app)["ask"]
    assert asked == state(app).trip[1].name != before
    assert state(app).study.name == before
    app.session_state["wipe"] = {"rested": asked}
    app.run()
    assert state(app).study.name == asked
    assert not app.exception


def test_empty_pad_says_what_to_do(app):
    draw(app, [], "drawing_pad")
    assert not app.exception
    assert [info.value for info in app.info] == ["Draw something, or pick an example."]


def test_upload_fitted_or_as_it_is(app):
    y, x = np.mgrid[:28, :37]
    disc = to_png(np.uint8(255) * ((x - 18) ** 2 + (y - 14) ** 2 < 40))
    app.segmented_control(key=SOURCE).set_value("Upload").run()
    app.file_uploader[0].set_value(("disc.png", disc, "image/png")).run()
    assert not app.exception
    assert unpack(shown_bytes(app))[0].height == 28
    app.radio(key="compress_how").set_value("As it is, in grey").run()
    assert not app.exception
    header, _ = unpack(shown_bytes(app))
    assert (header.height, header.width) == (28, 37)
    assert metric(app, f"Of {28 * 37:,} bytes")
    assert list(state(app).study.points) == list(QUALITIES)


def test_bad_picture_gets_one_sentence(app):
    app.segmented_control(key=SOURCE).set_value("Upload").run()
    app.file_uploader[0].set_value(("picture.png", b"no picture", "image/png")).run()
    assert not app.exception
    assert len(app.error) == 1


def test_a_written_file_opens_again(app, engine):
    data = shown_bytes(app)
    app.segmented_control(key=SOURCE).set_value("Open a .cae file").run()
    app.file_uploader[0].set_value(("picture.cae", data, "application/octet-stream")).run()
    assert not app.exception
    assert not app.error
    assert shown_bytes(app) == data
    assert metric(app, "Quality") == "5 of 10"
    expected = compression.decompress(engine, resources.codec("mnist"), data)
    _, pictures, png = state(app).opened
    np.testing.assert_array_equal(pictures, [expected])
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(png))), expected)
    assert wiped(app)["after"] is None


@pytest.mark.parametrize("count", [3, 50])
def test_an_archive_shows_its_pictures(app, engine, count):
    """The first ones; a large archive is opened in the background."""
    pictures = np.stack([PICTURES[index % 10] for index in range(count)])
    data = compression.compress(engine, resources.codec("mnist"), pictures, 3, archive=True)
    app.segmented_control(key=SOURCE).set_value("Open a .cae file").run()
    app.file_uploader[0].set_value(("many.cae", data, "")).run()
    job = state(app).job.current
    assert (job is not None) == (count == 50)
    if job:
        assert job.wait(60)
        assert job.done == job.total
        app.run()
    assert not app.exception
    grid = next(each for each in mounts(app) if "groups" in each)
    sources = [each["src"] for row in grid["groups"][0]["rows"] for each in row["pictures"]]
    decoded = compression.decompress(engine, resources.codec("mnist"), data)
    assert sources == [picture(each, "").src for each in decoded[: open_file.SHOWN]]
    assert any("of 50 pictures" in caption.value for caption in app.caption) == (count > open_file.SHOWN)


@pytest.mark.parametrize("damage", ["cut", "changed", "foreign", "future", "empty", "another model"])
def test_bad_files_get_the_codecs_sentence(app, damage):
    data = shown_bytes(app)
    data = {
        "cut": data[:-3],
        "changed": data[:10] + bytes([data[10] ^ 1]) + data[11:],
        "foreign": b"GIF89a" + data,
        "future": data[:3] + b"\x20" + data[4:],
        "empty": b"",
        "another model": (GOLDEN / "single-5.cae").read_bytes(),
    }[damage]
    app.segmented_control(key=SOURCE).set_value("Open a .cae file").run()
    app.file_uploader[0].set_value(("picture.cae", data, "")).run()
    assert not app.exception
    assert len(app.error) == 1
    with pytest.raises(CodecError) as error:
        open_file.codec_for(data).read(data)
    assert app.error[0].value == str(error.value)


def test_a_model_without_a_codec_says_so(app, monkeypatch):
    def missing(name: str):
        raise CodecError(f"The model {name} has no codec yet.")

    monkeypatch.setattr(resources, "codec", missing)
    app.run()
    assert not app.exception
    assert [info.value for info in app.info] == ["The model mnist has no codec yet."]


def test_chart_of_measured_curves(app, monkeypatch):
    points = [{"bytes": 7.84 * factor, "psnr": 20.0 + factor, "mse": 0.01} for factor in (1, 2, 3)]
    curves = {"images": 42, "codec": points, "klt": points, "jpeg": {"files": points, "mosaic": points}}
    curves |= {"webp": {"files": [], "mosaic": [*points, {"bytes": 99, "psnr": None, "mse": 0}]}}
    curves |= {"png": {"files": 300.0, "mosaic": 123.4}}
    monkeypatch.setattr(rate_chart, "read_curves", lambda _: curves)
    app.run()
    assert not app.exception
    assert "This codec on the test images: from 8 bytes and 21.0 dB to 24 bytes and 23.0 dB." in chart_text(app)
    assert "PNG without loss: 123 bytes." in chart_text(app)
    assert any("42 test images" in block.value for block in app.markdown)
    result = state(app).study.result
    assert f"Your picture at quality 5: {result.payload} bytes, {result.distortion.psnr:.1f} dB." in chart_text(app)


def test_while_the_network_starts_the_picture_is_there():
    code = (
        "from streamlit.testing.v1 import AppTest\n"
        "import cae.engine.client, json, sys\n"
        "cae.engine.client.Engine.start = lambda self: None\n"
        f"app = AppTest.from_string({PAGE!r}, default_timeout=60).run()\n"
        "assert not app.exception, app.exception\n"
        "assert [info.value for info in app.info] == ['The network is starting …']\n"
        "assert any('before' in json.loads(m.proto.json)[0] for m in app.get('bidi_component'))\n"
        "assert not {'tensorflow', 'keras', 'jax', 'torch'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120, cwd=ROOT)
