"""Drawings as text for links: exactly back on the grid, short, and refused where they are mangled."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cae.imaging.examples import CLOTHES, DIGITS
from cae.imaging.reading import ImageError
from cae.imaging.stroke_text import GRID, LONGEST, strokes_from_text, strokes_to_text
from cae.imaging.strokes import MAX_POINTS, MAX_STROKES, Stroke, strokes_from_json

ALPHABET = set(string.ascii_letters + string.digits + "-_")
PLACES = st.integers(-GRID // 2, GRID * 3 // 2).map(lambda place: place / GRID)
WIDTHS = st.integers(1, 100).map(lambda width: width / 200)
STROKES = st.builds(
    Stroke, st.lists(st.tuples(PLACES, PLACES), min_size=1, max_size=40).map(tuple), WIDTHS, st.booleans()
)


@given(st.lists(STROKES, max_size=8).map(tuple))
def test_strokes_on_the_grid_come_back_exactly(strokes):
    text = strokes_to_text(strokes)
    assert set(text) <= ALPHABET
    if len(text) <= LONGEST:
        assert strokes_from_text(text) == strokes


@given(st.lists(st.tuples(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5)), min_size=1, max_size=30), st.floats(0.005, 0.5))
def test_all_others_come_back_rounded(points, width):
    (stroke,) = strokes_from_text(strokes_to_text([Stroke(tuple(points), width)]))
    assert stroke.width == pytest.approx(width, abs=0.5 / 200 + 1e-9)
    assert len(stroke.points) == len(points)
    for found, expected in zip(stroke.points, points, strict=True):
        assert found == pytest.approx(expected, abs=0.5 / GRID + 1e-9)


@pytest.mark.parametrize("name", DIGITS)
def test_a_digit_fits_into_a_link(name):
    assert len(strokes_to_text(DIGITS[name])) <= 400


@pytest.mark.parametrize("strokes", [*DIGITS.values(), *CLOTHES.values()])
def test_what_came_back_stays_as_it_is(strokes):
    again = strokes_from_text(strokes_to_text(strokes))
    assert [len(stroke.points) for stroke in again] == [len(stroke.points) for stroke in strokes]
    assert strokes_from_text(strokes_to_text(again)) == again


def test_neighbouring_points_take_two_bytes():
    line = Stroke(tuple((x / GRID, x / GRID) for x in range(0, 240, 20)), 0.08)
    assert len(strokes_to_text([line])) == -(-(2 + 2 * len(line.points)) * 8 // 6)


def test_no_strokes():
    assert strokes_to_text([]) == ""
    assert strokes_from_text("") == ()


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "DAJk-gEUA",
        "DAJk-gEUA=",
        "DA Jk-gEUAA",
        "DAJk-gEUAA\n",
        "DAJk-gEUÄÄ",
        "٣٣٣٣",
        "\0\0\0\0",
        "DA",
        "DAA",
        "DP____8H",
        "D______________",
        "A" * (LONGEST + 4),
    ],
)
def test_mangled_texts_are_refused_in_one_sentence(text):
    with pytest.raises(ImageError) as caught:
        strokes_from_text(text)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_too_many_strokes_are_refused():
    dot = Stroke(((0.5, 0.5),), 0.1)
    assert len(strokes_from_text(strokes_to_text([dot] * MAX_STROKES))) == MAX_STROKES
    with pytest.raises(ImageError, match="strokes"):
        strokes_from_text(strokes_to_text([dot] * (MAX_STROKES + 1)))


@settings(max_examples=300)
@given(st.text(st.sampled_from(sorted(ALPHABET)), max_size=60) | st.text(max_size=20))
def test_any_text_is_read_or_refused(text):
    try:
        strokes = strokes_from_text(text)
    except ImageError:
        return
    assert sum(len(stroke.points) for stroke in strokes) <= MAX_POINTS
    assert strokes == strokes_from_json(
        [{"points": [list(point) for point in s.points], "width": s.width, "erase": s.erase} for s in strokes]
    )


@given(st.data())
def test_a_link_that_was_cut_or_changed_is_read_or_refused(data):
    text = strokes_to_text(DIGITS[data.draw(st.sampled_from(sorted(DIGITS)))])
    at = data.draw(st.integers(0, len(text) - 1))
    changed = data.draw(st.sampled_from([text[:at], text[:at] + data.draw(st.characters()) + text[at + 1 :]]))
    try:
        found = strokes_from_text(changed)
    except ImageError:
        return
    assert isinstance(found, tuple)
