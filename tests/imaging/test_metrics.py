"""Metrics against scikit-image, and against values that can be worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from cae.imaging import colour
from cae.imaging.metrics import distortion, mse, psnr, ssim


def pairs(seed: int = 0, n: int = 6, height: int = 28, width: int = 28) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    a = rng.random((n, height, width, 1))
    return a, np.clip(a + rng.normal(0, np.linspace(0.01, 0.5, n))[:, None, None, None] * rng.random(a.shape), 0, 1)


def reference(a: np.ndarray, b: np.ndarray) -> float:
    return structural_similarity(
        a[..., 0].astype(float),
        b[..., 0].astype(float),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=1,
    )


@pytest.mark.parametrize("shape", [(28, 28), (11, 11), (11, 40), (65, 33)])
def test_ssim_agrees_with_scikit_image(shape):
    a, b = pairs(height=shape[0], width=shape[1])
    np.testing.assert_allclose(ssim(a, b), [reference(x, y) for x, y in zip(a, b, strict=True)], atol=1e-9)


def test_ssim_agrees_with_scikit_image_on_flat_and_sparse_images():
    a = np.zeros((4, 28, 28, 1), np.float32)
    b = np.zeros_like(a)
    a[1] = b[2] = 1
    a[3, 5:9, 4:20], b[3, 6:10, 4:20] = 1, 0.5
    np.testing.assert_allclose(ssim(a, b), [reference(x, y) for x, y in zip(a, b, strict=True)], atol=1e-6)


def test_psnr_agrees_with_scikit_image():
    a, b = pairs()
    expected = [peak_signal_noise_ratio(x, y, data_range=1) for x, y in zip(a, b, strict=True)]
    np.testing.assert_allclose(psnr(a, b), expected, atol=1e-9)


def test_equal_images():
    a, _ = pairs()
    assert np.all(mse(a, a) == 0)
    assert np.all(psnr(a, a) == np.inf)
    np.testing.assert_allclose(ssim(a, a), 1)


def test_known_values():
    black, grey = np.zeros((1, 28, 28, 1)), np.full((1, 28, 28, 1), 0.1)
    np.testing.assert_allclose(mse(black, grey), 0.01)
    np.testing.assert_allclose(psnr(black, grey), 20)
    np.testing.assert_allclose(ssim(black, grey), 1e-4 / (0.01 + 1e-4))  # means differ, variances are 0


@given(st.integers(0, 2**32 - 1))
def test_metrics_do_not_care_for_the_order_of_the_two(seed):
    a, b = pairs(seed, n=2)
    for metric in (mse, psnr, ssim):
        np.testing.assert_allclose(metric(a, b), metric(b, a), rtol=1e-12)


@pytest.mark.parametrize("pixels", [3 * 784, 300, 1])
def test_chunks_change_nothing(monkeypatch, pixels):
    """Neither several images at a time nor strips of an image."""
    a, b = pairs(n=11)
    whole = [metric(a, b) for metric in (mse, psnr, ssim)]
    monkeypatch.setattr("cae.imaging.metrics.CHUNK_PIXELS", pixels)
    for metric, expected in zip((mse, psnr, ssim), whole, strict=True):
        np.testing.assert_allclose(metric(a, b), expected, rtol=1e-12)


def test_float32_is_summed_in_double_precision():
    a = np.full((1, 28, 28, 1), 0.1, np.float32)
    b = np.full((1, 28, 28, 1), 0.1001, np.float32)
    assert mse(a, b)[0] == pytest.approx((float(b.flat[0]) - float(a.flat[0])) ** 2, rel=1e-12)
    assert ssim(a, b).dtype == psnr(a, b).dtype == mse(a, b).dtype == np.float64


def test_no_images_give_no_values():
    none = np.zeros((0, 28, 28, 1))
    assert mse(none, none).shape == psnr(none, none).shape == ssim(none, none).shape == (0,)


@pytest.mark.parametrize("metric", [mse, psnr, ssim])
@pytest.mark.parametrize(
    "shapes",
    [
        [(2, 28, 28, 1), (3, 28, 28, 1)],
        [(2, 28, 28, 1), (1, 28, 28, 1)],
        [(28, 28), (28, 28)],
        [(2, 28, 28, 3), (2, 28, 28, 3)],
        [(2, 28, 28, 1), (2, 28, 28)],
    ],
)
def test_other_shapes_are_refused(metric, shapes):
    with pytest.raises(ValueError, match="must have the"):
        metric(*(np.zeros(shape) for shape in shapes))


def test_ssim_needs_a_whole_window():
    with pytest.raises(ValueError, match="at least 11×11"):
        ssim(np.zeros((1, 10, 28, 1)), np.zeros((1, 10, 28, 1)))


def test_batches_of_all_kinds_agree():
    """uint8 is in 0…255, floats are in [0, 1]; a last axis of one channel may be there or not."""
    a, b = (np.rint(each * 255).astype(np.uint8) for each in pairs())
    for metric in (mse, psnr, ssim):
        expected = metric(a / 255, b / 255)
        np.testing.assert_allclose(metric(a, b), expected, rtol=1e-12)
        np.testing.assert_allclose(metric(a[..., 0], b[..., 0] / 255), expected, rtol=1e-12)


def picture(height: int, width: int, channels: int, seed: int) -> np.ndarray:
    shape = (height, width, channels) if channels > 1 else (height, width)
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(28, 28), (11, 40), (10, 40)])
def test_distortion_of_pictures(channels, size):
    a, b = (picture(*size, channels, seed) for seed in range(2))
    found = distortion(a, b)
    assert found.mse == pytest.approx(np.mean((a / 255 - b / 255) ** 2))
    assert found.psnr == pytest.approx(peak_signal_noise_ratio(a, b))
    if min(size) < 11:
        assert found.ssim is None
    else:
        grey = (colour.luma(each)[np.newaxis, ..., np.newaxis] / 255 for each in (a, b))
        assert found.ssim == pytest.approx(reference(*(each[0] for each in grey)))


def test_equal_pictures():
    a = picture(20, 30, 3, 0)
    found = distortion(a, a.copy())
    assert (found.mse, found.psnr) == (0, np.inf)
    assert found.ssim == pytest.approx(1)


@pytest.mark.parametrize(
    "pair",
    [
        (picture(20, 30, 3, 0), picture(20, 30, 1, 0)),
        (picture(20, 30, 1, 0), picture(20, 31, 1, 0)),
        (picture(20, 30, 2, 0), picture(20, 30, 2, 0)),
        (picture(20, 30, 1, 0), picture(20, 30, 1, 0) / 255),
    ],
)
def test_other_pictures_are_refused(pair):
    with pytest.raises(ValueError, match="must have the same shape"):
        distortion(*pair)
