"""What a network makes of test images, with a stand-in for the network."""

import numpy as np
import pytest

from cae.engine.client import Result
from cae.evaluation.ranking import STEP, Outputs, compute


def half_as_bright(images: np.ndarray) -> Result:
    latent = np.zeros((len(images), 7, 7, 1), np.float32)
    half, most = (np.rint(images * share).astype(np.uint8) for share in (0.5, 0.75))
    return Result(latent, half, most, 1.0)


def numbered(errors: list[float], labels: list[int]) -> Outputs:
    nothing = np.zeros((len(errors), 28, 28), np.uint8)
    return Outputs(nothing, np.array(labels), nothing, None, np.array(errors), None)


@pytest.mark.parametrize("count", [1, STEP, STEP + 1])
def test_answers_belong_to_their_images(count):
    images = np.random.default_rng(4).integers(0, 256, (count, 28, 28), np.uint8)
    steps = []
    outputs = compute(half_as_bright, images, np.arange(count), steps.append)
    assert sum(steps) == count
    assert np.array_equal(outputs.images, images)
    assert np.allclose(outputs.errors, np.square(images / 255).mean((1, 2)) / 4, atol=0.002)
    assert np.allclose(outputs.denoised_errors, np.square(images / 255).mean((1, 2)) / 16, atol=0.002)
    assert np.array_equal(outputs.reconstruction, half_as_bright(images).reconstruction)


def test_no_denoiser():
    def run(images: np.ndarray) -> Result:
        return Result(np.zeros((len(images), 7, 7, 1), np.float32), images, None, 1.0)

    outputs = compute(run, np.zeros((3, 28, 28), np.uint8), np.arange(3), lambda _: None)
    assert outputs.denoised is None
    assert outputs.denoised_errors is None


def test_ranks():
    outputs = numbered([5, 3, 9, 1, 7, 2, 8, 4, 6], [0] * 9)
    ranked = {title: indices.tolist() for title, indices in outputs.ranked(None, 2).items()}
    assert ranked == {"Best": [3, 5], "Median": [7, 0], "Worst": [2, 6]}


def test_ranks_of_one_class_use_no_other():
    outputs = numbered(list(range(20)), [0, 1] * 10)
    ranked = outputs.ranked(1, 3)
    assert all(index % 2 for indices in ranked.values() for index in indices)
    assert ranked["Worst"].tolist() == [19, 17, 15]


@pytest.mark.parametrize("images", range(15))
def test_few_images_are_shown_once_at_most(images):
    shown = np.concatenate(list(numbered(list(range(images)), [0] * images).ranked(0, 4).values()))
    assert len(shown) == len(set(shown.tolist())) == 3 * min(4, images // 3)
