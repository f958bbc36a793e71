"""Means, variances, counts and the histogram, against NumPy on everything at once."""

import numpy as np
import pytest

from cae.data import statistics
from cae.data.statistics import describe


@pytest.fixture
def images_and_labels(monkeypatch):
    monkeypatch.setattr(statistics, "CHUNK", 7)  # several chunks, the last one shorter, some without a class
    random = np.random.default_rng(3)
    labels = np.sort(random.integers(0, 10, 100).astype(np.uint8))
    labels[:10] = np.arange(10)
    return random.integers(0, 256, (100, 6, 5), np.uint8), labels


def test_against_numpy(images_and_labels):
    images, labels = images_and_labels
    figures = describe(images, labels)
    for index, chosen in enumerate([images] + [images[labels == label] for label in range(10)]):
        assert np.allclose(figures.means[index], (chosen / 255).mean(0))
        assert np.allclose(figures.variances[index], (chosen / 255).var(0))
    assert np.array_equal(figures.counts, np.bincount(labels))
    assert np.array_equal(figures.histogram, np.bincount(images.ravel(), minlength=256))
    assert np.isclose(figures.mean, (images / 255).mean())
    assert np.isclose(figures.variance, (images / 255).var())


def test_white_images_do_not_overflow():
    images = np.full((300, 2, 2), 255, np.uint8)
    figures = describe(images, np.arange(300, dtype=np.uint8) % 10)
    assert np.array_equal(figures.means, np.ones((11, 2, 2)))
    assert np.allclose(figures.variances, 0)


def test_real_data(mnist):
    """The published figures of the training set."""
    figures = describe(mnist.x_train, mnist.y_train)
    assert figures.counts.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert (round(figures.mean, 6), round(figures.variance**0.5, 6)) == (0.130660, 0.308108)
