"""Evaluation of a trained model on the test images of its data set, beside baselines fitted on the training set."""

from bisect import bisect_left
from functools import cache

import numpy as np

from cae.data.source import SmallImages
from cae.evaluation.baselines import PCA, constant_image, mean_image, median_filter
from cae.imaging import metrics
from cae.imaging.noise import GAUSSIAN, SALT_AND_PEPPER, add_noise
from cae.imaging.pixels import as_network_input, eight_bits
from cae.model.denoising import denoised, twiced
from cae.model.fast_decoder import without_upsampling
from cae.model.network import build_network, set_weights
from cae.model.specification import SCALE, SIDE, Layer, layers_of
from cae.model.store import Pretrained
from cae.progress import progress_bar

BATCH = 250
NOISES = (
    *((GAUSSIAN, strength) for strength in (0.1, 0.2, 0.3, 0.5)),
    *((SALT_AND_PEPPER, strength) for strength in (0.05, 0.1, 0.2)),
)
"""Kinds and strengths of the noise that the denoiser is measured with."""


def evaluate(model: Pretrained, data: SmallImages) -> dict:
    """Run the model's weights over all test images; every output is clipped to [0, 1] and rounded to 8 bits.

    Returns:
        {"model", "images", "epochs", "reconstruction": {"mse", "psnr", "ssim", "mse_p95", "mse_max"}, "denoised": the
        same, or None without a denoiser, "noisy": [{"kind", "strength", "noisy", "median_filter", "reconstruction",
        "denoised"}, …], "baselines": {"constant_image", "mean_image", "pca_49", "pca_equal", "second_pass", "twicing",
        "denoiser_alone"}}.
        MSE in squared units of [0, 1]; `mse_p95` is the 95th percentile over images, linearly interpolated. PSNR in dB
        for a peak of 1, the mean over images of each image's own; an image given back exactly, whose PSNR is
        infinite, is left out, and None stands for no other image. Noisy inputs: the MSE, to the image without noise,
        of the noisy image itself and of what a 3×3 median filter and the networks make of it. Baselines: each
        {"mse"}; "pca_equal" is PCA with the fewest components that err no more than the reconstruction does, with its
        number of "components". Those of `model.denoising`: the autoencoder's "second_pass", "twicing" with it, and the
        network's own output, "denoiser_alone", which is left out without a denoiser.

    Raises:
        PretrainedError: a file of the model is missing or was altered.
    """
    training, test = data.training_images(), np.asarray(data.test_pictures())
    images = as_network_input(test)
    outputs = network_outputs(model, images)
    distortion = _distortion(outputs["reconstruction"], images)
    return {
        "model": model.name,
        "images": len(images),
        "epochs": len(model.history["autoencoder"]["epochs"]),
        "reconstruction": distortion,
        "denoised": _distortion(outputs["denoised"], images) if "denoised" in outputs else None,
        "noisy": [_with_noise(model, images, *noise) for noise in NOISES],
        "baselines": {
            **_baselines(training, test, _mse(outputs["reconstruction"], images)),
            **{
                name: {"mse": _mse(outputs[name], images)}
                for name in ("second_pass", "twicing", "denoiser_alone")
                if name in outputs
            },
        },
    }


def network_outputs(model: Pretrained, images: np.ndarray, prefix: str = "") -> dict[str, np.ndarray]:
    """The networks' outputs by name, for images float32 (N, 28, 28, 1) in [0, 1]; like them, in steps of 1/255.

    The names are "reconstruction", "second_pass" and "twicing"; with a denoiser, also "denoiser_alone" and "denoised".
    `prefix` goes before the descriptions of the progress bars.
    """
    autoencoder = model.weights("encoder", "decoder")
    reconstruction = reconstruct(autoencoder, images, f"{prefix}Reconstructing")
    second_pass = reconstruct(autoencoder, reconstruction, f"{prefix}Second pass")
    outputs = {
        "reconstruction": reconstruction,
        "second_pass": second_pass,
        "twicing": eight_bits(twiced(reconstruction, second_pass)),
    }
    if model.has_denoiser:
        output = reconstruct(model.weights("denoiser"), reconstruction, f"{prefix}Denoising")
        outputs["denoiser_alone"] = output
        outputs["denoised"] = eight_bits(denoised(reconstruction, output, second_pass))
    return outputs


def _with_noise(model: Pretrained, images: np.ndarray, kind: str, strength: float) -> dict:
    noisy = eight_bits(add_noise(images, kind, strength, np.random.default_rng(0)))
    outputs = network_outputs(model, noisy, f"{kind.replace('_', ' ').capitalize()} {strength:g}: ")
    pictures = {"noisy": noisy, "median_filter": median_filter(noisy), "reconstruction": outputs["reconstruction"]}
    if "denoised" in outputs:
        pictures["denoised"] = outputs["denoised"]
    errors = {name: _mse(picture, images) for name, picture in pictures.items()}
    return {"kind": kind, "strength": strength, "denoised": None, **errors}


def _baselines(training: np.ndarray, test: np.ndarray, mse: float) -> dict[str, dict]:
    images = as_network_input(test)
    pca = PCA.fit(training, images[0].size)

    def error(components: int) -> float:
        first = PCA(pca.mean, pca.components[:components])
        return _mse(first.decode(first.encode(test)), images)

    # More components err less.
    components = 1 + bisect_left(range(1, images[0].size), True, key=lambda count: error(count) <= mse)
    return {
        "constant_image": {"mse": _mse(constant_image(training, len(images)), images)},
        "mean_image": {"mse": _mse(mean_image(training, len(images)), images)},
        "pca_49": {"mse": error(49)},
        "pca_equal": {"components": components, "mse": error(components)},
    }


def _mse(outputs: np.ndarray, images: np.ndarray) -> float:
    return float(metrics.mse(outputs, images).mean())


def reconstruct(weights: dict[str, np.ndarray], images: np.ndarray, what: str = "Reconstructing") -> np.ndarray:
    """Encode and decode images float32 (N, 28, 28, 1) in [0, 1], in float32 precision; the result in steps of 1/255."""
    encoder, decoder, fast_decoder = _networks(*layers_of(weights))
    set_weights(weights, encoder, decoder)
    outputs = np.empty_like(images)
    with progress_bar(what, len(images)) as advance:
        for start in range(0, len(images), BATCH):
            batch = images[start : start + BATCH]
            latents = encoder.predict_on_batch(batch)
            outputs[start : start + BATCH] = eight_bits(np.asarray(fast_decoder.predict_on_batch(latents)))
            advance(len(batch))
    return outputs


@cache
def _networks(encoder_layers: tuple[Layer, ...], decoder_layers: tuple[Layer, ...]) -> tuple:
    """The encoder, the decoder, and the decoder again as it computes fastest, for whichever weights come next.

    Built once, since Keras takes longer to build and trace them than to run them over a few hundred images.
    """
    encoder = build_network("encoder", encoder_layers, (SIDE, SIDE, 1), 0)
    decoder = build_network("decoder", decoder_layers, (SIDE // SCALE, SIDE // SCALE, encoder.output_shape[-1]), 1)
    return encoder, decoder, without_upsampling(decoder)


def _distortion(outputs: np.ndarray, images: np.ndarray) -> dict[str, float | None]:
    errors, ratios = metrics.mse(outputs, images), metrics.psnr(outputs, images)
    finite = ratios[np.isfinite(ratios)]
    return {
        "mse": float(errors.mean()),
        "psnr": float(finite.mean()) if finite.size else None,
        "ssim": float(metrics.ssim(outputs, images).mean()),
        "mse_p95": float(np.percentile(errors, 95)),
        "mse_max": float(errors.max()),
    }
