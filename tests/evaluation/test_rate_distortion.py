"""Interpolation along curves. The measuring itself is tested beside the codec, in test_compression.py."""

import pytest

from cae.evaluation.rate_distortion import interpolate


def test_interpolation():
    points = [(3.0, 10.0), (1.0, 0.0), (2.0, 4.0)]
    assert interpolate(points, 1.25) == pytest.approx(1)
    assert interpolate(points, 2.5) == pytest.approx(7)
    for x, y in points:
        assert interpolate(points, x) == y


@pytest.mark.parametrize("x", [0.99, 3.01])
def test_nothing_beyond_the_ends(x):
    assert interpolate([(3.0, 10.0), (1.0, 0.0)], x) is None
    assert interpolate([], x) is None
