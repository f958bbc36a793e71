"""Linear transform coding: round trips, its tables, and the figures it is known to reach on MNIST."""

import numpy as np
import pytest

from cae.codec.range_coder import TOTAL
from cae.evaluation.baselines import PCA
from cae.evaluation.klt import COMPONENTS, KLT
from cae.imaging import metrics
from cae.imaging.pixels import as_network_input


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Correlated pixels, uint8 (400, 6, 5)."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 30)) @ (rng.normal(size=(30, 30)) * np.geomspace(40, 0.5, 30)[:, np.newaxis])
    return np.clip(rows / 3 + 120, 0, 255).astype(np.uint8).reshape(400, 6, 5)


def test_round_trip(images):
    pca = PCA.fit(images[:300], 30)
    codes = pca.encode(images[:300])
    sizes, errors = [], []
    for step in (2.0, 0.5, 0.1, 0.004):
        klt = KLT.fit(pca, codes, step)
        assert all(table.sum() == TOTAL and table.min() >= 1 for table in klt.frequencies if len(table) > 1)
        payload = klt.encode(images[300:])
        decoded = klt.decode(payload, 100)
        assert (decoded.shape, decoded.dtype) == ((100, 6, 5, 1), np.float32)
        sizes.append(len(payload))
        errors.append(metrics.mse(decoded, as_network_input(images[300:])).mean())
    assert sizes == sorted(sizes)
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 1e-5


def test_points_are_the_means_of_their_bins(images):
    pca = PCA.fit(images, 4)
    codes = pca.encode(images)
    klt = KLT.fit(pca, codes, 0.25)
    column = codes[:, 0]
    one = column[(column >= 0.25 * 2 / 3) & (column < 0.25 * 5 / 3)]
    assert klt.points[0][klt.limits[0] + 1] == pytest.approx(one.mean())
    zero = column[np.abs(column) < 0.25 * 2 / 3]
    assert klt.points[0][klt.limits[0]] == pytest.approx(zero.mean())


@pytest.mark.slow
def test_known_values(mnist):
    """Measured before, with an ideal coder: MSE 0.0094 at 17 bytes, 0.0057 at 29, 0.0029 at 52."""
    pca = PCA.fit(mnist.x_train[:20_000], COMPONENTS)
    codes, test = pca.encode(mnist.x_train[:20_000]), mnist.x_test[:1_000]
    points = []
    for step in (0.2, 0.3, 0.45, 0.7, 1.0):
        klt = KLT.fit(pca, codes, step)
        payload = klt.encode(test)
        points.append((len(payload) / 1_000, metrics.mse(klt.decode(payload, 1_000), as_network_input(test)).mean()))
    sizes, errors = np.log(np.array(sorted(points))).T
    found = np.exp(np.interp(np.log([17, 29, 52]), sizes, errors))
    np.testing.assert_allclose(found, [0.0094, 0.0057, 0.0029], rtol=0.1)
