"""How well a trained model does on the test images of its data set, beside baselines fitted on the training set."""

import numpy as np

from cae import metrics
from cae.architecture import build_autoencoder, set_weights
from cae.baselines import PCA, constant_image, eight_bits, mean_image
from cae.datasets import Dataset, as_network_input
from cae.pretrained import Pretrained
from cae.progress import progress_bar
from cae.upsampled_convolution import without_upsampling

BATCH = 250


def evaluate(model: Pretrained, dataset: Dataset) -> dict:
    """Run the model's weights over all test images; every output is clipped to [0, 1] and rounded to 8 bits.

    Returns:
        {"model", "images", "epochs", "reconstruction": {"mse", "psnr", "ssim", "mse_p95", "mse_max"}, "denoised": the
        same, or None without a denoiser, "baselines": {"constant_image", "mean_image", "pca_49"}, each {"mse"}}.
        MSE in squared units of [0, 1]; `mse_p95` is the 95th percentile over images, linearly interpolated. PSNR in dB
        for a peak of 1, the mean over images of each image's own; an image given back exactly, whose PSNR is
        infinite, is left out, and None stands for no other image.

    Raises:
        PretrainedError: a file of the model is missing or was altered.
    """
    images = as_network_input(dataset.x_test)
    reconstructed = reconstruct(model.weights("encoder", "decoder"), images, "Reconstructing")
    denoised = reconstruct(model.weights("denoiser"), reconstructed, "Denoising") if model.has_denoiser else None
    baselines = {
        "constant_image": constant_image(dataset.x_train, len(images)),
        "mean_image": mean_image(dataset.x_train, len(images)),
        "pca_49": (pca := PCA.fit(dataset.x_train, 49)).decode(pca.encode(dataset.x_test)),
    }
    return {
        "model": model.name,
        "images": len(images),
        "epochs": len(model.history["autoencoder"]["epochs"]),
        "reconstruction": _distortion(reconstructed, images),
        "denoised": None if denoised is None else _distortion(denoised, images),
        "baselines": {name: {"mse": float(metrics.mse(x, images).mean())} for name, x in baselines.items()},
    }


def reconstruct(weights: dict[str, np.ndarray], images: np.ndarray, what: str = "Reconstructing") -> np.ndarray:
    """Encode and decode images float32 (N, 28, 28, 1) in [0, 1] in float32 precision; the same kind, 8 bits deep."""
    encoder, decoder = build_autoencoder()
    set_weights(weights, encoder, decoder)
    decoder = without_upsampling(decoder)
    answers = np.empty_like(images)
    with progress_bar(what, len(images)) as advance:
        for start in range(0, len(images), BATCH):
            batch = images[start : start + BATCH]
            latents = encoder.predict_on_batch(batch)
            answers[start : start + BATCH] = eight_bits(np.asarray(decoder.predict_on_batch(latents)))
            advance(len(batch))
    return answers


def _distortion(answers: np.ndarray, images: np.ndarray) -> dict[str, float | None]:
    errors, ratios = metrics.mse(answers, images), metrics.psnr(answers, images)
    finite = ratios[np.isfinite(ratios)]
    return {
        "mse": float(errors.mean()),
        "psnr": float(finite.mean()) if finite.size else None,
        "ssim": float(metrics.ssim(answers, images).mean()),
        "mse_p95": float(np.percentile(errors, 95)),
        "mse_max": float(errors.max()),
    }
