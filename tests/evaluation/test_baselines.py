"""The baselines against other ways of computing them, and against values measured before."""

import numpy as np
import pytest

from cae.evaluation.baselines import PCA, constant_image, mean_image
from cae.imaging import metrics
from cae.imaging.pixels import as_network_input, eight_bits


@pytest.fixture
def images() -> np.ndarray:
    """Correlated pixels: smooth random pictures, uint8 (300, 6, 5)."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 30)) @ (rng.normal(size=(30, 30)) * np.geomspace(40, 0.5, 30)[:, np.newaxis])
    return np.clip(rows / 3 + 120, 0, 255).astype(np.uint8).reshape(300, 6, 5)


def test_eight_bits():
    values = np.array([-0.5, 0, 0.49 / 255, 0.51 / 255, 0.5, 1, 1.5])
    rounded = eight_bits(values)
    assert rounded.dtype == np.float32
    np.testing.assert_allclose(rounded * 255, [0, 0, 0, 1, 128, 255, 255], atol=1e-4)


def test_constant_and_mean(images):
    constant, mean = constant_image(images, 4), mean_image(images, 4)
    assert constant.shape == mean.shape == (4, 6, 5, 1)
    assert np.all(np.rint(constant * 255) == np.rint(images.astype(float).mean()))
    assert np.array_equal(np.rint(mean[3, ..., 0] * 255), np.rint(images.astype(float).mean(0)))


@pytest.mark.parametrize("k", [1, 7, 30])
def test_pca_against_svd(images, k):
    pca = PCA.fit(images, k)
    rows = images.reshape(300, 30) / 255
    _, _, directions = np.linalg.svd(rows - rows.mean(0), full_matrices=False)
    np.testing.assert_allclose(np.abs(np.sum(pca.components * directions[:k], axis=1)), 1, atol=1e-8)
    expected = (rows - rows.mean(0)) @ directions[:k].T @ directions[:k] + rows.mean(0)
    decoded = pca.decode(pca.encode(images))
    assert (decoded.shape, decoded.dtype) == ((300, 6, 5, 1), np.float32)
    np.testing.assert_allclose(decoded.reshape(300, 30), np.clip(expected, 0, 1), atol=0.5 / 255 + 1e-6)
    assert pca.encode(images).shape == (300, k)


def test_all_components_lose_nothing(images):
    pca = PCA.fit(images, 30)
    assert np.array_equal(np.rint(pca.decode(pca.encode(images))[..., 0] * 255), images)
    assert pca.encode(images[:0]).shape == (0, 30)


@pytest.mark.parametrize(("array", "k"), [(np.zeros((3, 4, 4)), 2), (np.zeros((3, 16), np.uint8), 2)])
def test_other_arrays_are_refused(array, k):
    with pytest.raises(ValueError, match="uint8"):
        PCA.fit(array, k)


@pytest.mark.parametrize("k", [0, 31])
def test_impossible_numbers_of_components(images, k):
    with pytest.raises(ValueError, match="1 to 30"):
        PCA.fit(images, k)


@pytest.mark.slow
def test_known_values(mnist):
    test = as_network_input(mnist.x_test)
    pca = PCA.fit(mnist.x_train, 49)
    found = [
        metrics.mse(answers, test).mean()
        for answers in (
            constant_image(mnist.x_train, len(test)),
            mean_image(mnist.x_train, len(test)),
            pca.decode(pca.encode(mnist.x_test)),
        )
    ]
    np.testing.assert_allclose(found, [0.0964, 0.0675, 0.0102], atol=1e-4)
