"""The noise has the strength that it says, and the denoiser's training images are as described."""

import numpy as np
import pytest

from cae.imaging.noise import (
    CLEAN_SHARE,
    GAUSSIAN,
    SALT_AND_PEPPER,
    STRONGEST,
    add_noise,
    add_training_noise,
    noisy_picture,
)

GREY = np.full((40, 28, 28, 1), 0.5, np.float32)


@pytest.mark.parametrize("sigma", [0.0, 0.05, 0.1])
def test_gaussian_strength(sigma):
    noisy = add_noise(GREY, GAUSSIAN, sigma, np.random.default_rng(0))
    assert (noisy.dtype, noisy.shape) == (np.float32, GREY.shape)
    assert noisy.std() == pytest.approx(sigma, rel=0.02, abs=1e-7)
    assert noisy.mean() == pytest.approx(0.5, abs=0.002)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.2, 1.0])
def test_salt_and_pepper_share(share):
    noisy = add_noise(GREY, SALT_AND_PEPPER, share, np.random.default_rng(0))
    assert noisy.dtype == np.float32
    assert set(np.unique(noisy)) <= {0, np.float32(0.5), 1}
    for value in (0, 1):
        assert (noisy == value).mean() == pytest.approx(share / 2, abs=0.01)


@pytest.mark.parametrize("kind", STRONGEST)
def test_stays_a_picture_and_is_repeatable(kind):
    images = np.random.default_rng(1).random((8, 28, 28, 1), np.float32)
    noisy, again = (add_noise(images, kind, 0.5, np.random.default_rng(2)) for _ in range(2))
    assert 0 <= noisy.min() <= noisy.max() <= 1
    np.testing.assert_array_equal(noisy, again)


def test_a_strength_for_each_image():
    strengths = np.linspace(0, 0.1, len(GREY)).reshape(-1, 1, 1, 1)
    noisy = add_noise(GREY, GAUSSIAN, strengths, np.random.default_rng(0))
    np.testing.assert_allclose(noisy.std(axis=(1, 2, 3)), strengths.ravel(), atol=0.01)


@pytest.mark.parametrize("kind", STRONGEST)
def test_a_picture_is_rounded_to_8_bits(kind):
    picture = np.random.default_rng(1).integers(0, 256, (20, 30), np.uint8)
    noisy = noisy_picture(picture, kind, 0.2, np.random.default_rng(2))
    assert (noisy.dtype, noisy.shape) == (np.uint8, picture.shape)
    expected = add_noise(picture / np.float32(255), kind, 0.2, np.random.default_rng(2))
    assert np.abs(noisy - 255 * expected).max() < 0.5001
    assert np.array_equal(noisy_picture(picture, kind, 0.0, np.random.default_rng(2)), picture)


def test_unknown_kind():
    with pytest.raises(ValueError, match="only gaussian and salt_and_pepper"):
        add_noise(GREY, "snow", 0.1, np.random.default_rng(0))


def test_what_the_denoiser_is_trained_against():
    chosen, noisy = add_training_noise(GREY, np.random.default_rng(0))
    assert len(set(chosen)) == len(noisy) == len(GREY) * (1 - CLEAN_SHARE)
    peppered = (noisy == 0.5).mean(axis=(1, 2, 3)) > 0.5  # most pixels are as they were
    assert peppered.tolist() == [bool(index % 2) for index in range(len(noisy))]
    strengths = noisy[::2].std(axis=(1, 2, 3))
    assert strengths.min() < 0.1
    assert 0.2 < strengths.max() < STRONGEST[GAUSSIAN]
    assert (noisy[1::2] != 0.5).mean(axis=(1, 2, 3)).max() < STRONGEST[SALT_AND_PEPPER] + 0.05
