"""Large pictures on the page Compress, without a browser: the shipped network as a model of photographs."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import FunctionType

import numpy as np
import pytest
from sessions import mounts
from streamlit.testing.v1 import AppTest

from cae.codec import compression
from cae.codec.codec import Codec
from cae.codec.file_format import MAX_SIDE, QUALITIES, pack, unpack
from cae.imaging.metrics import distortion
from cae.imaging.pixels import to_png
from cae.model import store
from cae.progress import silent
from cae.ui import resources
from cae.ui.job import PATIENCE, Job
from cae.ui.pages.compress import page
from cae.ui.pages.compress.rate_chart import alt, read_curves
from cae.ui.state import Compress

PAGE = "from cae.ui.pages.compress import page\npage.page()"
OCTETS = "application/octet-stream"


@pytest.fixture
def codec() -> Codec:
    return Codec.load(store.load("photos"))


@pytest.fixture
def app(engine, codec, monkeypatch) -> AppTest:
    """The page where photographs are uploaded."""
    assert engine.ready
    monkeypatch.setattr(resources, "models", lambda: ["photos"])
    monkeypatch.setattr(resources, "codec", lambda _: codec)
    app = AppTest.from_string(PAGE, default_timeout=60).run()
    assert not app.exception
    app.segmented_control(key="compress_source").set_value("Upload").run()
    assert not app.exception
    return app


def picture(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.stack([127 + 100 * np.sin(x / 19 + k) * np.cos(y / 18) for k in range(3)], -1).astype(np.uint8)


def upload(app: AppTest, name: str, data: bytes, kind: str = "image/png") -> AppTest:
    app.file_uploader[0].set_value((name, data, kind)).run()
    assert not app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def state(app: AppTest) -> Compress:
    """The visitor's."""
    return app.session_state["Compress"]


def job(app: AppTest) -> Job:
    """The visitor's job."""
    return state(app).job.current


def wait(app: AppTest) -> AppTest:
    """Until the visitor's job is at its end, and the page has noticed; the page looks at it meanwhile."""
    for _ in range(100):
        app.run()
        if job(app).wait(1):
            break
    app.run()
    assert not app.exception
    return app


def metrics(app: AppTest) -> dict[str, str]:
    return {each.label: each.value for each in app.metric}


def wiped(app: AppTest) -> dict:
    return next(data for data in mounts(app) if "before" in data)


def grid(app: AppTest) -> dict:
    return next(data for data in mounts(app) if "groups" in data)


def test_figures_are_those_of_the_file(app, engine, codec):
    pixels = picture(230, 317)
    upload(app, "photo.png", to_png(pixels))
    assert metrics(app)["The file"] == "–"
    assert wiped(app)["after"] is None
    app.slider(key="compress_quality").set_value(6).run()
    wait(press(app, "Compress"))
    study = state(app).study
    data, size = study.result.data, len(study.result.data)
    header, payload = unpack(data)
    assert (header.height, header.width, header.colour, header.quality) == (230, 317, True, 6)
    assert metrics(app) == {
        "The file": f"{size:,} bytes",
        f"Of {pixels.size:,} bytes": f"{100 * size / pixels.size:.3g}\u00a0%",
        "Bits per pixel": f"{8 * size / (230 * 317):.3f}",
    }
    found = distortion(pixels, compression.decompress(engine, codec, data))
    said = next(caption.value for caption in app.caption if "MSE" in caption.value)
    assert said.startswith("Quality 6: typically off by ")
    assert f"PSNR {found.psnr:.1f} dB · SSIM {found.ssim:.3f}" in said
    shown = wiped(app)
    assert (shown["width"], shown["height"], shown["smooth"]) == (317, 230, True)
    assert shown["after"]["src"] != shown["before"]["src"]
    assert [button.label for button in app.button] == ["Compress", page.ALL]
    references = study.references
    assert [each.name for each in references] == ["JPEG", "WEBP", "AVIF"]
    captions = [group["rows"][0]["caption"] for group in grid(app)["groups"]]
    assert captions[0].endswith("PNG, no loss")
    assert captions[1].startswith(f"{size:,} bytes")
    assert captions[2].startswith(f"{len(references[0].data):,} bytes")
    words = next(block.value for block in app.markdown if "Without headers" in block.value)
    sizes = [f"{each.payload:,} in the {name}" for each, name in zip(references, ("JPEG", "WebP", "AVIF"), strict=True)]
    assert f"{sizes[0]}, {sizes[1]} and {sizes[2]}, and **{len(payload):,} bytes** in ours" in words
    assert "AVIF is libaom's, at speed 6 of 10." in words

    app.segmented_control(key="compress_source").set_value("Open a .cae file").run()
    upload(app, "photo.cae", data, OCTETS)
    wait(app)
    assert not app.error
    assert metrics(app)["Quality"] == "6 of 10"
    assert wiped(app)["before"]["src"] == shown["after"]["src"]


def test_the_chart_holds_what_was_tried_and_all_qualities_on_demand(app, codec):
    """No quality is coded twice, and what stands above the chart stays."""
    upload(app, "photo.png", to_png(picture(80, 80)))
    for quality in (6, 2):
        app.slider(key="compress_quality").set_value(quality).run()
        assert not app.button[0].disabled
        wait(press(app, "Compress"))
        assert app.button[0].disabled
    tried = state(app).study
    assert list(tried.points) == [2, 6]
    wait(press(app, page.ALL))
    study = state(app).study
    assert study.result is tried.result
    assert list(study.points) == list(QUALITIES)
    assert all(study.points[quality] is tried.points[quality] for quality in (2, 6))
    assert app.get("plotly_chart")[0].proto.alt == alt(read_curves(codec), list(study.points.values()), 2, 80 * 80)
    assert [button.label for button in app.button] == ["Compress"]


def test_large_pictures_in_grey_too_are_compressed_in_the_background(app, monkeypatch):
    """As a model for digits sees them: without colour, as they are."""
    monkeypatch.setattr(Codec, "keeps_colour", False)
    upload(app, "photo.png", to_png(picture(130, 130)))
    app.radio(key="compress_how").set_value("As it is, in grey").run()
    wait(press(app, "Compress"))
    header, _ = unpack(state(app).study.result.data)
    assert (header.height, header.width, header.colour) == (130, 130, False)
    assert f"Of {130 * 130:,} bytes" in metrics(app)


def test_small_pictures_in_colour_are_compressed_at_once(app):
    upload(app, "small.png", to_png(picture(40, 60)))
    assert not app.button
    assert unpack(state(app).study.result.data)[0].colour
    assert list(state(app).study.points) == list(QUALITIES)


@pytest.fixture
def held(monkeypatch) -> Iterator[threading.Event]:
    """Work that counts one half, and goes on when this is set."""
    on, whole = threading.Event(), page.study

    def halting(trip, quality, known, *, complete, advance=silent):
        advance(page.work(trip, quality, known, complete=complete) // 2)
        assert on.wait(60)
        return whole(trip, quality, known, complete=complete, advance=advance)

    monkeypatch.setattr(page, "study", halting)
    yield on
    on.set()


def test_stopped_and_begun_again(app, held):
    upload(app, "photo.png", to_png(picture(80, 80)))
    press(app, "Compress")
    assert [button.label for button in app.button] == ["Stop"]
    press(app, "Stop")
    held.set()
    wait(app)
    assert [info.value for info in app.info] == ["Stopped."]
    assert metrics(app)["The file"] == "–"
    wait(press(app, "Compress"))
    assert metrics(app)["The file"].endswith(" bytes")


def test_another_picture_stops_the_first(app, held):
    upload(app, "photo.png", to_png(picture(80, 80)))
    press(app, "Compress")
    first = job(app)
    upload(app, "other.png", to_png(picture(84, 80)))
    held.set()
    assert first.wait(60)
    assert first.stopped
    assert [button.label for button in app.button] == ["Compress"]


def progress(app: AppTest) -> str:
    """What stands at the bar of a job."""
    return app.get("progress")[0].proto.text


@pytest.fixture
def other(app) -> AppTest:
    """A second visitor of the same app, who has chosen a photograph, too."""
    assert not app.exception
    other = AppTest.from_string(PAGE, default_timeout=60).run()
    other.segmented_control(key="compress_source").set_value("Upload").run()
    return upload(other, "other.png", to_png(picture(80, 80)))


def test_one_visitor_waits_for_another_and_may_stop(app, other, held):
    press(upload(app, "photo.png", to_png(picture(80, 80))), "Compress")
    press(other, "Compress")
    other.run()
    assert progress(other).endswith("waiting for 1 other visitor")
    press(other, "Stop")
    wait(other)
    assert [info.value for info in other.info] == ["Stopped."]
    held.set()
    assert metrics(wait(app))["The file"].endswith(" bytes")


def test_a_visitor_who_has_gone_leaves_the_turn_to_the_next(app, other, held):
    press(upload(app, "photo.png", to_png(picture(80, 80))), "Compress")
    press(other, "Compress")
    job(app)._looked -= PATIENCE + 1
    other.run()
    assert "other visitor" not in progress(other)
    held.set()
    assert metrics(wait(other))["The file"].endswith(" bytes")
    assert job(app).wait(60)
    assert job(app).result is None
    app.run()
    assert [info.value for info in app.info] == ["Stopped, since this page was left for more than 10 seconds."]


def test_a_visitor_has_one_job_at_most(app, held):
    """Another picture's takes the place of the first, and is not told to wait for other visitors."""
    press(upload(app, "photo.png", to_png(picture(80, 80))), "Compress")
    first = job(app)
    press(upload(app, "other.png", to_png(picture(84, 80))), "Compress")
    assert first.stopping
    app.run()
    assert "other visitor" not in progress(app)
    held.set()
    assert metrics(wait(app))["The file"].endswith(" bytes")
    assert first.stopped


def arrays(value: object, seen: set[int] | None = None) -> Iterator[np.ndarray]:
    """All arrays that are reached from here, through containers, our own objects and what functions close over."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return
    seen.add(id(value))
    inner: Iterable[object] = ()
    if isinstance(value, np.ndarray):
        yield value
        inner = [value.base]
    elif isinstance(value, dict):
        inner = value.values()
    elif isinstance(value, list | tuple | set):
        inner = value
    elif isinstance(value, FunctionType):
        inner = [cell.cell_contents for cell in value.__closure__ or ()]
    elif type(value).__module__.startswith("cae."):
        inner = vars(value).values()
    for each in inner:
        yield from arrays(each, seen)


def test_a_visitor_keeps_no_picture_in_its_full_size(app, held):
    """Neither before it is compressed, nor while the job waits, nor afterwards."""

    def sizes() -> set[tuple[int, ...]]:
        return {array.shape[:2] for array in arrays(state(app))}

    upload(app, "photo.png", to_png(picture(80, 920)))
    assert (80, 920) not in sizes()
    press(app, "Compress")
    assert (80, 920) not in sizes()
    held.set()
    wait(app)
    assert (78, 900) in sizes()
    assert (80, 920) not in sizes()


def test_grey_photographs_stay_grey(app):
    upload(app, "grey.png", to_png(picture(130, 130)[..., 0]))
    wait(press(app, "Compress"))
    assert not unpack(state(app).study.result.data)[0].colour
    assert f"Of {130 * 130:,} bytes" in metrics(app)


def test_a_picture_too_long_for_the_format_says_so(app):
    upload(app, "long.png", to_png(np.zeros((1, MAX_SIDE + 1, 3), np.uint8)))
    press(app, "Compress")
    assert len(app.error) == 1
    assert "pixels a side" in app.error[0].value


def test_bad_files_get_one_sentence(app, codec):
    upload(app, "photo.png", b"no picture")
    assert len(app.error) == 1
    app.segmented_control(key="compress_source").set_value("Open a .cae file").run()
    header = codec.header(5, 45, 30, colour=True)
    data = codec.write(header, [np.zeros(shape, np.int16) for shape in header.shapes])
    other = Codec(
        replace(codec.model, name="photos", checksums=codec.model.checksums | {"codec.json": "0"}),
        codec.settings,
        codec.contexts,
    )
    foreign = other.write(other.header(5, 45, 30, colour=True), codec.read(data)[1])
    for bad, phrase in ((data[:-1], "damaged"), (foreign, "photos")):
        upload(app, "photo.cae", bad, OCTETS)
        assert len(app.error) == 1
        assert phrase in app.error[0].value


def test_pictures_larger_than_is_read_are_not_opened(app, codec):
    header = codec.header(1, 5_004, 5_004, colour=True)
    planes = [np.zeros(shape, np.int16) for shape in codec.header(1, 8, 8, colour=True).shapes]
    small = codec.write(codec.header(1, 8, 8, colour=True), planes)
    app.segmented_control(key="compress_source").set_value("Open a .cae file").run()
    upload(app, "large.cae", pack(header, unpack(small)[1]), OCTETS)
    assert [error.value for error in app.error] == [
        "The file holds 5,004 × 5,004 pixels; at most 25 megapixels can be opened here."
    ]
