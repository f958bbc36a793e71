"""The evaluation against the same figures computed in another way."""

import dataclasses
import json

import forward_pass
import numpy as np
import pytest
from given_images import given
from skimage.filters import median
from skimage.metrics import structural_similarity

from cae.data.source import Dataset
from cae.evaluation.evaluate import evaluate, reconstruct
from cae.imaging.pixels import as_network_input
from cae.model import store
from cae.model.denoising import CHANGE_OF_NOISE
from cae.model.network import build_network, weights_of
from cae.model.specification import DECODER, ENCODER, scaled

IMAGES = 60


@pytest.fixture(scope="module")
def few(mnist) -> Dataset:
    return dataclasses.replace(mnist, x_train=mnist.x_train[:2_000], x_test=mnist.x_test[:IMAGES])


@pytest.fixture(scope="module")
def model(trained) -> store.Pretrained:
    return store.load(trained.name, trained.parent)


@pytest.fixture(scope="module")
def result(model, few) -> dict:
    return evaluate(model, given(few))


def as_picture(outputs: np.ndarray) -> np.ndarray:
    return np.round(np.clip(outputs, 0, 1) * 255) / 255


def figures(answers: np.ndarray, images: np.ndarray) -> dict[str, float]:
    errors = ((answers - images) ** 2).reshape(len(images), -1).mean(1)
    similarities = [
        structural_similarity(
            *pair, data_range=1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, channel_axis=-1
        )
        for pair in zip(answers, images, strict=True)
    ]
    return {
        "mse": errors.mean(),
        "psnr": (10 * np.log10(1 / errors)).mean(),
        "ssim": np.mean(similarities),
        "mse_p95": np.percentile(errors, 95),
        "mse_max": errors.max(),
    }


def passes(model: store.Pretrained, images: np.ndarray) -> dict[str, np.ndarray]:
    """What the networks make of images, in plain NumPy."""

    def through(images: np.ndarray, *parts: str) -> np.ndarray:
        weights = model.weights(*parts)
        return as_picture(forward_pass.decode(weights, forward_pass.encode(weights, images)))

    once = through(images, "encoder", "decoder")
    twice = through(once, "encoder", "decoder")
    answer = through(once, "denoiser")
    changes = [((once - after) ** 2).mean((1, 2, 3), keepdims=True) for after in (twice, answer)]
    clean = 1 / (1 + changes[0] * changes[1] / CHANGE_OF_NOISE**2)
    return {
        "reconstruction": once,
        "second_pass": twice,
        "twicing": as_picture(2 * once - twice),
        "denoiser_alone": answer,
        "denoised": as_picture(clean * (2 * once - twice) + (1 - clean) * answer),
    }


def test_shape(result):
    assert list(result) == ["model", "images", "epochs", "reconstruction", "denoised", "noisy", "baselines"]
    assert (result["model"], result["images"], result["epochs"]) == ("mnist", IMAGES, 4)
    assert {name: list(value) for name, value in result["baselines"].items()} == {
        "constant_image": ["mse"],
        "mean_image": ["mse"],
        "pca_49": ["mse"],
        "pca_equal": ["components", "mse"],
        "second_pass": ["mse"],
        "twicing": ["mse"],
        "denoiser_alone": ["mse"],
    }
    assert json.loads(json.dumps(result, allow_nan=False)) == result


def test_distortion_against_numpy(result, model, few):
    images = few.x_test[..., np.newaxis] / 255
    answers = passes(model, images)
    for name in ("reconstruction", "denoised"):
        assert result[name] == pytest.approx(figures(answers[name], images), rel=1e-3)
    for name in ("second_pass", "twicing", "denoiser_alone"):
        expected = ((answers[name] - images) ** 2).mean()
        assert result["baselines"][name]["mse"] == pytest.approx(expected, rel=1e-3)


def test_a_narrower_network_of_the_page_train(few):
    layers = (scaled(half, 16) for half in (ENCODER, DECODER))
    shapes = zip(("encoder", "decoder"), layers, ((28, 28, 1), (7, 7, 1)), strict=True)
    networks = [build_network(name, half, shape, 3) for name, half, shape in shapes]
    images = as_network_input(few.x_test[:5])
    expected = as_picture(np.asarray(networks[1](networks[0](images))))
    assert np.abs(reconstruct(weights_of(*networks), images) - expected).max() <= 1.01 / 255


def test_baselines_are_fitted_on_the_training_images(result, few):
    train, test = given(few).training_images() / 255, few.x_test / 255
    assert result["baselines"]["constant_image"]["mse"] == pytest.approx(((test - train.mean()) ** 2).mean(), rel=1e-3)
    assert result["baselines"]["mean_image"]["mse"] == pytest.approx(((test - train.mean(0)) ** 2).mean(), rel=1e-3)
    assert result["baselines"]["pca_49"]["mse"] < result["baselines"]["mean_image"]["mse"]


def test_fewest_components_for_the_same_error(result, few):
    """Beside a second way of projecting: a singular value decomposition of the training images."""
    train, test = (x.reshape(len(x), -1) / 255 for x in (given(few).training_images(), few.x_test))
    mean = train.mean(0)
    axes = np.linalg.svd(train - mean, full_matrices=False)[2]

    def error(components: int) -> float:
        kept = axes[:components]
        return ((as_picture((test - mean) @ kept.T @ kept + mean) - test) ** 2).mean()

    components, bar = result["baselines"]["pca_equal"]["components"], result["reconstruction"]["mse"]
    assert error(components) == pytest.approx(result["baselines"]["pca_equal"]["mse"], rel=1e-3)
    assert error(components) <= bar < error(components - 1) if components > 1 else error(1) <= bar


def test_noisy_inputs(result, model, few):
    """The noise is drawn anew for each kind and strength from the same seed, and rounded to 8 bits."""
    assert [(entry["kind"], entry["strength"]) for entry in result["noisy"]] == [
        *(("gaussian", strength) for strength in (0.1, 0.2, 0.3, 0.5)),
        *(("salt_and_pepper", strength) for strength in (0.05, 0.1, 0.2)),
    ]
    images = few.x_test[..., np.newaxis] / np.float32(255)
    noise = np.random.default_rng(0).standard_normal(images.shape, np.float32)
    noisy = as_picture(images + np.float32(0.2) * noise)
    answers = {
        "noisy": noisy,
        "median_filter": np.stack([median(image[..., 0], mode="nearest")[..., np.newaxis] for image in noisy]),
        **passes(model, noisy),
    }
    found = result["noisy"][1]
    assert list(found) == ["kind", "strength", "denoised", "noisy", "median_filter", "reconstruction"]
    for name in list(found)[2:]:
        assert found[name] == pytest.approx(((answers[name] - images) ** 2).mean(), rel=2e-3)


def test_without_a_denoiser(model, few):
    alone = dataclasses.replace(
        model, checksums={name: sha for name, sha in model.checksums.items() if "denoiser" not in name}
    )
    result = evaluate(alone, given(dataclasses.replace(few, x_test=few.x_test[:2])))
    assert result["denoised"] is None
    assert {entry["denoised"] for entry in result["noisy"]} == {None}
