"""The evaluation against the same figures computed in another way."""

import dataclasses
import json

import forward_pass
import numpy as np
import pytest
from skimage.filters import median
from skimage.metrics import structural_similarity

from cae import pretrained
from cae.evaluation import evaluate

IMAGES = 60


@pytest.fixture(scope="module")
def few(mnist):
    return dataclasses.replace(mnist, x_train=mnist.x_train[:2_000], x_test=mnist.x_test[:IMAGES])


@pytest.fixture(scope="module")
def model(trained) -> pretrained.Pretrained:
    return pretrained.load(trained.name, trained.parent)


@pytest.fixture(scope="module")
def result(model, few) -> dict:
    return evaluate(model, few)


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


def test_shape(result):
    assert list(result) == ["model", "images", "epochs", "reconstruction", "denoised", "noisy", "baselines"]
    assert (result["model"], result["images"], result["epochs"]) == ("mnist", IMAGES, 4)
    assert {name: list(value) for name, value in result["baselines"].items()} == {
        "constant_image": ["mse"],
        "mean_image": ["mse"],
        "pca_49": ["mse"],
        "pca_equal": ["components", "mse"],
    }
    assert json.loads(json.dumps(result, allow_nan=False)) == result


def test_distortion_against_numpy(result, model, few):
    images = few.x_test[..., np.newaxis] / 255
    weights = model.weights("encoder", "decoder")
    answers = as_picture(forward_pass.decode(weights, forward_pass.encode(weights, images)))
    assert result["reconstruction"] == pytest.approx(figures(answers, images), rel=1e-3)
    weights = model.weights("denoiser")
    answers = as_picture(forward_pass.decode(weights, forward_pass.encode(weights, answers)))
    assert result["denoised"] == pytest.approx(figures(answers, images), rel=1e-3)


def test_baselines_are_fitted_on_the_training_images(result, few):
    train, test = few.x_train / 255, few.x_test / 255
    assert result["baselines"]["constant_image"]["mse"] == pytest.approx(((test - train.mean()) ** 2).mean(), rel=1e-3)
    assert result["baselines"]["mean_image"]["mse"] == pytest.approx(((test - train.mean(0)) ** 2).mean(), rel=1e-3)
    assert result["baselines"]["pca_49"]["mse"] < result["baselines"]["mean_image"]["mse"]


def test_fewest_components_for_the_same_error(result, few):
    """Beside a second way of projecting: a singular value decomposition of the training images."""
    train, test = (x.reshape(len(x), -1) / 255 for x in (few.x_train, few.x_test))
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
    autoencoder, denoiser = model.weights("encoder", "decoder"), model.weights("denoiser")
    reconstructed = as_picture(forward_pass.decode(autoencoder, forward_pass.encode(autoencoder, noisy)))
    answers = {
        "noisy": noisy,
        "median_filter": np.stack([median(image[..., 0], mode="nearest")[..., np.newaxis] for image in noisy]),
        "reconstruction": reconstructed,
        "denoised": as_picture(forward_pass.decode(denoiser, forward_pass.encode(denoiser, reconstructed))),
    }
    expected = {name: ((answer - images) ** 2).mean() for name, answer in answers.items()}
    found = result["noisy"][1]
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=2e-3)


def test_without_a_denoiser(model, few):
    alone = dataclasses.replace(
        model, checksums={name: sha for name, sha in model.checksums.items() if "denoiser" not in name}
    )
    result = evaluate(alone, dataclasses.replace(few, x_test=few.x_test[:2]))
    assert result["denoised"] is None
    assert {entry["denoised"] for entry in result["noisy"]} == {None}
