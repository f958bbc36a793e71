"""The chart of rates and distortions, of a model for digits and of one for photographs."""

import json
import math
import shutil

import numpy as np
import pytest
from golden_files import GOLDEN, MODEL
from streamlit.testing.v1 import AppTest

from cae.codec.codec import Codec
from cae.evaluation.rate_table import remark
from cae.evaluation.reports import RATE_DISTORTION
from cae.model import store
from cae.ui.pages.compress import rate_chart
from cae.ui.pages.compress.rate_chart import HIGHEST_RATE, Point


def points(*pairs: tuple[float, float | None]) -> list[dict]:
    return [{"bpp": rate, "file_bpp": rate + 0.01, "psnr": ratio} for rate, ratio in pairs]


CURVES = {
    "images": 42,
    "codec": points((0.06, 22.0), (0.2, 26.0)),
    "jpeg": points((0.07, 21.0), (1.0, 32.0), (5.0, 58.0)),
    "webp": points((0.12, 24.0), (0.9, 33.0), (1.2, None)),
    "block_means": points((0.4, 25.0), (0.1, 22.0), (0.0, 12.0)),
    "psnr_at_bpp": {},
}
OWN = [Point(3, 0.05, 20.0), Point(5, 0.08, 23.0), Point(7, 0.3, math.inf)]

DIGITS = {
    "images": 10,
    "codec": [
        {"bytes": size, "psnr": ratio, "mse": 10 ** (-ratio / 10)} for size, ratio in ((5.0, 19.0), (20.0, 27.0))
    ],
    "jpeg": {
        "mosaic": [{"bytes": size, "psnr": ratio} for size, ratio in ((30.0, 19.0), (300.0, 41.0))],
        "files": [{"bytes": 200.0, "psnr": 19.0}],
    },
    "png": {"mosaic": 196.0},
    "bytes_at_mse": {},
}
PAGE = """
from cae.ui.pages.compress import rate_chart
rate_chart.section({curves!r}, [rate_chart.Point(3, 0.05, 20.0), rate_chart.Point(5, 0.08, 23.0)], 5, {pixels})
"""


def test_all_methods_are_in_the_chart():
    chart = rate_chart.figure(CURVES, OWN, 5, 154_401)
    traces = {trace.name: trace for trace in chart.data}
    assert list(traces) == ["this codec", "JPEG", "WebP", "block means", "JPEG files", "your picture"]
    assert list(traces["this codec"].x) == [0.06, 0.2]
    assert list(traces["this codec"].y) == [22.0, 26.0]
    assert list(traces["block means"].x) == [0.1, 0.4]
    assert traces["JPEG files"].x[0] == pytest.approx(0.08)
    assert len({(trace.line.color, trace.line.dash) for trace in chart.data}) == len(traces)
    assert chart.layout.xaxis.type == "log"
    assert "bits per pixel" in chart.layout.xaxis.title.text


@pytest.mark.parametrize("curves", [CURVES, DIGITS, {}])
def test_every_line_has_its_name_at_one_of_its_points(curves):
    """Where a line leaves the chart at the top, its name stands there; positions on the axis are logarithms."""
    chart = rate_chart.figure(curves, OWN, 5, 784)
    names = {text.text.replace("<br>", " "): (10**text.x, text.y) for text in chart.layout.annotations}
    names.pop("PNG", None)
    assert set(names) == {trace.name for trace in chart.data}
    top = chart.layout.yaxis.range[1]
    for trace in chart.data:
        rate, ratio = names[trace.name]
        if ratio == top:
            assert rate == pytest.approx(10 ** np.interp(top, trace.y, np.log10(trace.x)))
        else:
            assert any((rate, ratio) == pytest.approx(point) for point in zip(trace.x, trace.y, strict=True))
    assert not chart.layout.showlegend


def test_digits_are_in_bytes_and_other_pictures_in_bits_per_pixel():
    """The same measurements for both: 784 pixels of a digit."""
    digits, others = (rate_chart.figure(DIGITS, OWN, 5, pixels) for pixels in (784, 785))
    assert list(digits.data[0].x) == pytest.approx([5.0, 20.0])
    assert list(others.data[0].x) == pytest.approx([8 * 5.0 / 784, 8 * 20.0 / 784])
    assert digits.data[-1].x[0] == pytest.approx(0.05 * 784 / 8)
    assert others.data[-1].x[0] == 0.05
    assert digits.layout.shapes[0].x0 == pytest.approx(196)
    assert others.layout.shapes[0].x0 == pytest.approx(2)
    assert rate_chart.alt(DIGITS, OWN, 5, 784).startswith("Your picture at quality 5: 8 bytes, 23.0 dB. From quality 3")
    assert "PNG without loss: 196 bytes." in rate_chart.alt(DIGITS, OWN, 5, 784)
    assert "PNG without loss: 2.000 bits per pixel." in rate_chart.alt(DIGITS, OWN, 5, 785)


def test_what_has_no_place_in_it_is_left_out():
    """Rates far beyond the codec's, nothing at all, and pictures without loss."""
    chart = rate_chart.figure(CURVES, OWN, 5, 154_401)
    for trace in chart.data:
        assert all(0 < x <= HIGHEST_RATE for x in trace.x)
        assert all(math.isfinite(y) for y in trace.y)
    low, high = chart.layout.yaxis.range
    assert low < 20
    assert 26 < high < 40


def test_the_visitors_quality_is_the_large_point():
    own = rate_chart.figure(CURVES, OWN, 5, 154_401).data[-1]
    assert list(own.x) == [0.05, 0.08]
    assert list(own.customdata) == [3, 5]
    assert own.marker.size[1] > own.marker.size[0]


def test_in_words():
    words = rate_chart.alt(CURVES, OWN, 5, 154_401)
    assert words.startswith("Your picture at quality 5: 0.080 bits per pixel, 23.0 dB.")
    assert "From quality 3 to 7: 0.050 bits per pixel to 0.300 bits per pixel." in words
    assert (
        "JPEG on the photographs: from 0.070 bits per pixel and 21.0 dB to 1.000 bits per pixel and 32.0 dB." in words
    )
    assert "Block means on the photographs: from 0.100 bits per pixel and 22.0 dB" in words
    assert "at quality 7: 0.300 bits per pixel, no loss." in rate_chart.alt(CURVES, OWN, 7, 154_401)
    assert rate_chart.alt(CURVES, [], 5, 154_401).startswith("This codec on")


@pytest.mark.parametrize(
    ("curves", "pixels", "said"),
    [(CURVES, 154_401, "42 photographs"), (CURVES, 784, "42 photographs"), (DIGITS, 784, "10 test images")],
)
def test_on_a_page(curves, pixels, said):
    app = AppTest.from_string(PAGE.format(curves=curves, pixels=pixels)).run(timeout=30)
    assert not app.exception
    assert any(said in block.value for block in app.markdown)
    assert [caption.value for caption in app.caption] == [remark(curves)]
    assert app.get("plotly_chart")[0].proto.alt == rate_chart.alt(curves, OWN[:2], 5, pixels)


def test_without_measured_curves_there_is_the_picture_alone():
    app = AppTest.from_string(PAGE.format(curves={}, pixels=784)).run(timeout=30)
    assert not app.exception
    assert any("has not been measured yet" in block.value for block in app.markdown)
    assert [trace.name for trace in rate_chart.figure({}, OWN, 5, 784).data] == ["your picture"]


def test_measured_curves_are_read_from_the_models_folder(tmp_path):
    folder = shutil.copytree(GOLDEN / MODEL, tmp_path / MODEL)
    assert rate_chart.read_curves(Codec.load(store.load(MODEL, tmp_path))) == {}
    store.seal(folder, {RATE_DISTORTION: json.dumps(CURVES)})
    assert rate_chart.read_curves(Codec.load(store.load(MODEL, tmp_path))) == CURVES


def test_which_curves_are_of_photographs():
    assert rate_chart.of_photographs(CURVES)
    assert not rate_chart.of_photographs(DIGITS)
    assert not rate_chart.of_photographs({})
