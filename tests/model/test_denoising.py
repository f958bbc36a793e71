"""The denoised picture lies between the denoiser's answer and twicing, by how much the two networks change it."""

import numpy as np
import pytest

from cae.model.denoising import CHANGE_OF_NOISE, denoised, twiced

RECONSTRUCTION = np.full((1, 8, 12, 1), 0.5, np.float32)


@pytest.mark.parametrize(
    ("by_denoiser", "by_autoencoder", "share"),
    [(0, 1, 0), (1, 0, 0), (0.1, 0.1, 0.01), (1, 1, 0.5), (4, 0.25, 0.5), (10, 10, 0.99), (100, 100, 1)],
)
def test_share_of_the_answer(by_denoiser: float, by_autoencoder: float, share: float):
    change, lost = (np.float32(np.sqrt(each * CHANGE_OF_NOISE)) for each in (by_denoiser, by_autoencoder))
    expected = np.clip((0.5 - change) * share + (0.5 + lost) * (1 - share), 0, 1)
    found = np.asarray(denoised(RECONSTRUCTION, RECONSTRUCTION - change, RECONSTRUCTION - lost))
    np.testing.assert_allclose(found, np.full((1, 8, 12, 1), expected), atol=1e-3)


def test_each_picture_by_itself():
    reconstructions = np.random.default_rng(0).random((3, 28, 28, 1), np.float32)
    seconds = reconstructions + np.array([0, 0.02, 0.3], np.float32).reshape(3, 1, 1, 1)
    answers = reconstructions[::-1]
    together = np.asarray(denoised(reconstructions, answers, seconds))
    for index in range(3):
        alone = denoised(*(pictures[index : index + 1] for pictures in (reconstructions, answers, seconds)))
        np.testing.assert_allclose(together[index : index + 1], np.asarray(alone), atol=1e-6)
    np.testing.assert_allclose(together[0], reconstructions[0], atol=1e-6)
    np.testing.assert_allclose(together[2], answers[2], atol=0.01)


def test_twicing_adds_what_is_lost():
    """A smoother that keeps nine tenths of all contrast: with twicing it loses a hundredth, no longer a tenth."""
    original = np.random.default_rng(0).random((1, 28, 28, 1)) - 0.5
    np.testing.assert_allclose(twiced(0.9 * original, 0.81 * original), 0.99 * original)


def test_stays_a_picture():
    white = np.ones((1, 28, 28, 1), np.float32)
    assert np.asarray(denoised(white, white, white - 0.01)).max() == 1
