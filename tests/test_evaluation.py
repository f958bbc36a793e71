"""The evaluation against the same figures computed in another way."""

import dataclasses
import json

import forward_pass
import numpy as np
import pytest
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
    assert list(result) == ["model", "images", "epochs", "reconstruction", "denoised", "baselines"]
    assert (result["model"], result["images"], result["epochs"]) == ("mnist", IMAGES, 4)
    assert {name: list(value) for name, value in result["baselines"].items()} == {
        name: ["mse"] for name in ("constant_image", "mean_image", "pca_49")
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


def test_without_a_denoiser(model, few):
    alone = dataclasses.replace(
        model, checksums={name: sha for name, sha in model.checksums.items() if "denoiser" not in name}
    )
    result = evaluate(alone, dataclasses.replace(few, x_test=few.x_test[:2]))
    assert result["denoised"] is None
