"""Drawings: strokes to pixels, and what a browser may send."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cae.imaging.reading import ImageError
from cae.imaging.strokes import MAX_POINTS, MAX_STROKES, Stroke, rasterise, strokes_from_json, strokes_to_json

STROKES = st.lists(st.tuples(st.floats(0.1, 0.9), st.floats(0.1, 0.9)), min_size=1, max_size=8)


def test_a_dot_is_a_disc():
    image = rasterise([Stroke(((0.5, 0.5),), 0.2)], 200)
    assert image.dtype == np.uint8
    assert image.shape == (200, 200)
    assert image.sum() / 255 == pytest.approx(np.pi * 20**2, rel=0.03)
    y, x = np.mgrid[:200, :200] + 0.5
    away = np.hypot(x - 100, y - 100)
    assert image[away < 19].min() == 255
    assert image[away > 21.5].max() == 0


def test_a_line_has_its_width_and_round_ends():
    image = rasterise([Stroke(((0.25, 0.5), (0.75, 0.5)), 0.1)], 200)
    assert image[:, 100].sum() / 255 == pytest.approx(20, abs=0.5)
    assert image.sum() / 255 == pytest.approx(100 * 20 + np.pi * 10**2, rel=0.03)
    assert (image[100].argmax(), 199 - image[100, ::-1].argmax()) == pytest.approx((40, 160), abs=1)


def test_joints_are_round():
    image = rasterise([Stroke(((0.2, 0.8), (0.5, 0.2), (0.8, 0.8)), 0.1)], 200)
    y, x = np.mgrid[:200, :200] + 0.5
    assert image[np.hypot(x - 100, y - 40) < 9].min() == 255


def test_lines_are_antialiased():
    image = rasterise([Stroke(((0.1, 0.2), (0.9, 0.7)), 0.05)])
    assert 0.05 < ((image > 0) & (image < 255)).sum() / (image > 0).sum() < 0.5


def test_x_goes_right_and_y_down():
    image = rasterise([Stroke(((0.9, 0.1),), 0.1)], 100)
    assert image[10, 90] == 255
    assert image[90, 10] == 0


def test_order_of_ink_and_eraser_counts():
    ink, rubber = Stroke(((0.2, 0.5), (0.8, 0.5)), 0.1), Stroke(((0.5, 0.3), (0.5, 0.7)), 0.1, erase=True)
    image = rasterise([ink, rubber], 100)
    assert image[50, 50] == 0
    assert image[50, 25] == 255
    np.testing.assert_array_equal(rasterise([rubber, ink], 100), rasterise([ink], 100))
    np.testing.assert_array_equal(rasterise([ink, rubber, ink], 100), rasterise([ink], 100))


@given(STROKES, st.floats(0.01, 0.2), st.floats(0.02, 0.2))
def test_a_wider_pen_leaves_more_ink(points, width, more):
    thin, thick = (rasterise([Stroke(tuple(points), w)], 70) for w in (width, width + more))
    assert thick.sum() > thin.sum()
    assert np.mean(thin > thick) < 0.01


def test_strokes_beyond_the_pad_and_none_at_all():
    assert not rasterise([], 50).any()
    assert not rasterise([Stroke((), 0.1), Stroke(((1.4, 1.4), (1.5, -0.5)), 0.1)], 50).any()
    assert rasterise([Stroke(((-0.5, 0.5), (1.5, 0.5)), 0.1)], 50)[25].min() == 255


def test_json_there_and_back():
    strokes = (Stroke(((0.1, 0.2), (0.3, 0.4)), 0.08), Stroke(((1.2, -0.1),), 0.3, erase=True))
    assert strokes_from_json(json.loads(json.dumps(strokes_to_json(strokes)))) == strokes
    assert strokes_from_json([]) == ()


def test_json_values_are_clamped_and_become_floats():
    strokes = strokes_from_json([{"points": [[-9, 10**400], [1, 0]], "width": 3}, {"points": [[0, 0]], "width": -1}])
    assert strokes == (Stroke(((-0.5, 1.5), (1.0, 0.0)), 0.5), Stroke(((0.0, 0.0),), 0.005))
    assert all(type(v) is float for stroke in strokes for point in stroke.points for v in (*point, stroke.width))


GOOD = {"points": [[0.5, 0.5]], "width": 0.1}


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        "[]",
        7,
        [None],
        [[]],
        [{}],
        [{"width": 0.1}],
        [{"points": [[0.5, 0.5]]}],
        [{"points": [], "width": 0.1}],
        [{"points": "ab", "width": 0.1}],
        [{"points": {"0": 1}, "width": 0.1}],
        [{"points": [0.5, 0.5], "width": 0.1}],
        [{"points": ["ab"], "width": 0.1}],
        [{"points": [[0.5]], "width": 0.1}],
        [{"points": [[0.5, 0.5, 0.5]], "width": 0.1}],
        [{"points": [[0.5, None]], "width": 0.1}],
        [{"points": [[0.5, "0.5"]], "width": 0.1}],
        [{"points": [[0.5, True]], "width": 0.1}],
        [{"points": [[0.5, float("nan")]], "width": 0.1}],
        [{"points": [[0.5, float("inf")]], "width": 0.1}],
        [{"points": [[0.5, 0.5]], "width": float("-inf")}],
        [{"points": [[0.5, 0.5]], "width": "wide"}],
        [{**GOOD, "erase": 1}],
        [{**GOOD, "erase": "false"}],
        [GOOD] * (MAX_STROKES + 1),
        [{"points": [[0.5, 0.5]] * (MAX_POINTS + 1), "width": 0.1}],
        [{"points": [[0.5, 0.5]] * (MAX_POINTS // 2 + 1), "width": 0.1}] * 2,
    ],
)
def test_malformed_drawings_are_refused(value):
    with pytest.raises(ImageError) as caught:
        strokes_from_json(value)
    assert str(caught.value).endswith(".")


def test_the_largest_drawing_is_accepted():
    strokes = [{"points": [[0.5, 0.5]] * (MAX_POINTS // MAX_STROKES), "width": 0.1}] * MAX_STROKES
    assert len(strokes_from_json(strokes)) == MAX_STROKES


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["points", "width", "erase"]), inner),
    max_leaves=8,
)


@given(JSON)
def test_any_json_is_read_or_refused(value):
    try:
        strokes = strokes_from_json(value)
    except ImageError:
        return
    assert all(isinstance(stroke, Stroke) for stroke in strokes)
