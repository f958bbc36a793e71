"""The script that draws the examples: its curves and areas, and that the file is its work."""

import draw_examples
import pytest
from draw_examples import filled, smooth

from cae.imaging.strokes import rasterise


def test_the_file_is_what_the_script_writes():
    assert draw_examples.FILE.read_text() == draw_examples.text()


def test_a_smooth_curve_passes_through_its_knots():
    knots = ((0.1, 0.2), (0.5, 0.25), (0.4, 0.9))
    curve = smooth(knots, 4)
    assert (curve[0], curve[4], curve[8]) == knots
    assert len(curve) == 9


def test_a_smooth_curve_through_points_of_a_line_stays_on_it():
    for x, y in smooth(((0.0, 0.0), (0.2, 0.1), (0.4, 0.2), (0.6, 0.3))):
        assert y == pytest.approx(x / 2, abs=1e-3)


def test_an_outline_is_filled_without_gaps():
    ink = rasterise([filled((0.2, 0.3), (0.8, 0.3), (0.8, 0.7), (0.2, 0.7))]) > 0.5
    assert ink[45:95, 32:108].all()
    assert ink.mean() == pytest.approx(0.6 * 0.4, rel=0.03)
