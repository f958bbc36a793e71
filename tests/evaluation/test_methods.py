"""The methods beside the codec: block means, which are written here, and how others' encoders are asked."""

import time

import numpy as np
import pytest

from cae.evaluation import methods


def block_means(picture: np.ndarray, step: int) -> tuple[np.ndarray, float]:
    """The decoded picture and its bits."""
    [(setting, figures, decoded)] = methods.block_means(picture[np.newaxis], [step])
    assert setting == {"step": step}
    assert figures["bpp"] * picture.size == pytest.approx(8 * figures["bytes"])
    return decoded[0], 8 * figures["bytes"]


def test_block_means_of_two_greys():
    """Half of the blocks dark, half light: one bit each."""
    blocks = np.indices((6, 8)).sum(0) % 2 * 128 + 32
    _, bits = block_means(blocks.astype(np.uint8).repeat(4, 0).repeat(4, 1), 32)
    assert bits == pytest.approx(6 * 8)
    answer, bits = block_means(np.full((9, 5), 96, np.uint8), 32)
    assert bits == 0
    assert np.array_equal(answer, np.full((9, 5), 96, np.uint8))


@pytest.mark.parametrize(("height", "width"), [(40, 64), (37, 61), (3, 4)])
def test_block_means_of_a_slope(height, width):
    """What is smooth comes back, but for the levels' steps and the border."""
    picture = (2 * np.indices((height, width)).sum(0)).astype(np.uint8)
    inside = slice(6, -6)
    for step in (1, 4):
        answer, bits = block_means(picture, step)
        assert answer.shape == picture.shape
        assert 0 <= bits < picture.size
        assert np.abs(answer.astype(int) - picture)[inside, inside].max(initial=0) <= step


def test_interrupted_it_encodes_no_more():
    """Qualities that no thread has begun yet are left."""
    begun = []

    def encode(quality: int) -> int:
        begun.append(quality)
        time.sleep(0.01)
        return -quality

    samples = methods.at_once(encode, range(500))
    assert next(samples) == (0, 0)
    assert next(samples) == (1, -1)
    samples.close()
    assert len(begun) < 250
