"""8-bit pixels and PNG files."""

import io

import numpy as np
import pytest
from PIL import Image

from cae.imaging.pixels import quantise, to_png


def test_quantisation_rounds_clips_and_inverts_reading():
    assert quantise(np.array([-1, 0, 0.5 / 255, 1.5 / 255, 0.999, 1, 7])).tolist() == [0, 0, 0, 2, 255, 255, 255]
    levels = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(quantise(levels.astype(np.float32) / 255), levels)


@pytest.mark.parametrize("shape", [(28, 28), (5, 9), (6, 7, 3)])
@pytest.mark.parametrize("scale", [1, 4])
def test_png_gives_the_pixels_back(shape, scale):
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    image = Image.open(io.BytesIO(to_png(pixels, scale)))
    assert image.mode == ("RGB" if len(shape) == 3 else "L")
    assert image.info == {}
    np.testing.assert_array_equal(np.asarray(image), pixels.repeat(scale, 0).repeat(scale, 1))


@pytest.mark.parametrize(
    ("shape", "scale", "dtype"),
    [
        ((28, 28, 1), 1, np.uint8),
        ((28,), 1, np.uint8),
        ((2, 28, 28, 3), 1, np.uint8),
        ((28, 28), 0, np.uint8),
        ((28, 28), 1, np.float32),
    ],
)
def test_png_of_something_else_is_refused(shape, scale, dtype):
    with pytest.raises(ValueError, match="are needed"):
        to_png(np.zeros(shape, dtype), scale)
