"""The chart of a model for photographs; the one of 28×28 images is tested on its page, in test_compression.py."""

import json
import math
import shutil

import pytest
from golden_files import GOLDEN, MODEL
from streamlit.testing.v1 import AppTest

from cae.evaluation.rate_distortion import FILE
from cae.model import store
from cae.ui.pages.compression import rate_chart
from cae.ui.pages.compression.rate_chart import HIGHEST_RATE, Point


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

PAGE = """
from cae.ui.pages.compression import rate_chart
rate_chart.photo_section({curves!r}, [rate_chart.Point(3, 0.05, 20.0), rate_chart.Point(5, 0.08, 23.0)], 5)
"""

TRIAL_PAGE = """
from pathlib import Path
import numpy as np
from block_means import BlockMeans
from cae.model import store
from cae.codec.codec import Codec
from cae.codec.round_trip import Trial
from cae.ui.pages.compression import rate_chart
codec = Codec.load(store.load("{model}", Path({folder!r})))
trial = Trial(BlockMeans(), codec, np.eye(40, 60, dtype=np.float32))
rate_chart.section(trial, trial.at(5), codec, complete=False)
"""


def test_all_methods_are_in_the_chart():
    chart = rate_chart.photo_figure(CURVES, OWN, 5)
    traces = {trace.name: trace for trace in chart.data}
    assert list(traces) == ["this codec", "JPEG", "WebP", "block means", "JPEG files", "your picture"]
    assert list(traces["this codec"].x) == [0.06, 0.2]
    assert list(traces["this codec"].y) == [22.0, 26.0]
    assert traces["JPEG files"].x[0] == pytest.approx(0.08)
    assert len({(trace.line.color, trace.line.dash) for trace in chart.data}) == len(traces)
    assert chart.layout.xaxis.type == "log"
    assert "bits per pixel" in chart.layout.xaxis.title.text


def test_what_has_no_place_in_it_is_left_out():
    """Rates far beyond the codec's, nothing at all, and pictures without loss."""
    chart = rate_chart.photo_figure(CURVES, OWN, 5)
    for trace in chart.data:
        assert all(0 < x <= HIGHEST_RATE for x in trace.x)
        assert all(math.isfinite(y) for y in trace.y)
    low, high = chart.layout.yaxis.range
    assert low < 20
    assert 26 < high < 40


def test_the_visitors_quality_is_the_large_point():
    own = rate_chart.photo_figure(CURVES, OWN, 5).data[-1]
    assert list(own.x) == [0.05, 0.08]
    assert list(own.customdata) == [3, 5]
    assert own.marker.size[1] > own.marker.size[0]


def test_in_words():
    words = rate_chart.photo_alt(CURVES, OWN, 5)
    assert words.startswith("Your picture at quality 5: 0.080 bits per pixel, 23.0 dB.")
    assert (
        "JPEG on the photographs: from 0.070 bits per pixel and 21.0 dB to 1.000 bits per pixel and 32.0 dB." in words
    )
    assert "Block means on the photographs: from 0.100 bits per pixel and 22.0 dB" in words
    assert "at quality 7: 0.300 bits per pixel, no loss." in rate_chart.photo_alt(CURVES, OWN, 7)
    assert rate_chart.photo_alt(CURVES, [], 5).startswith("This codec on")


def test_on_a_page():
    app = AppTest.from_string(PAGE.format(curves=CURVES)).run(timeout=30)
    assert not app.exception
    assert any("42 photographs" in block.value for block in app.markdown)
    assert app.get("plotly_chart")[0].proto.alt == rate_chart.photo_alt(CURVES, OWN[:2], 5)


def test_a_grey_pictures_trial_among_curves_of_photographs(tmp_path):
    folder = shutil.copytree(GOLDEN / MODEL, tmp_path / MODEL)
    store.write(folder, FILE, json.dumps(CURVES))
    store.write_manifest(folder)
    app = AppTest.from_string(TRIAL_PAGE.format(model=MODEL, folder=str(tmp_path))).run(timeout=30)
    assert not app.exception
    assert "Your picture at quality 5: " in app.get("plotly_chart")[0].proto.alt
    assert "This codec on the photographs" in app.get("plotly_chart")[0].proto.alt


def test_which_curves_are_of_photographs():
    assert rate_chart.of_photographs(CURVES)
    assert not rate_chart.of_photographs({"images": 10, "bytes_at_mse": {}})
    assert not rate_chart.of_photographs({})
