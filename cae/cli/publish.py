"""`publish`: makes a trained model folder complete: stored examples, model card, checksums."""

import argparse
from pathlib import Path

import numpy as np

from cae.cli import load_keras
from cae.data import sources
from cae.engine import stored_examples
from cae.engine.client import Result
from cae.imaging.examples import Examples
from cae.imaging.pixels import as_network_input, quantise
from cae.model import store
from cae.training.keep import check_has_a_command
from cae.training.model_card import write_model_card


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", type=Path, metavar="DIR")


def run(options: argparse.Namespace) -> None:
    publish(options.folder.resolve())


def publish(folder: Path) -> None:
    """Run the built-in drawings through the model and store the results, write its card, and seal the folder.

    Raises:
        PretrainedError: there is no trained autoencoder in the folder, or it was altered.
        TrainingError: the model's training has diverged.
        LiveError: it was trained on the page Train.
    """
    model = store.load(folder.name, folder.parent)
    check_has_a_command(model)
    examples = sources.of(model).examples
    stored_examples.write(model, examples, _results(model, examples))
    write_model_card(folder)


def _results(model: store.Pretrained, examples: Examples) -> Result:
    load_keras()
    from keras import ops

    from cae.model import denoising
    from cae.model.network import build_like
    from cae.training.loop import TrainingError

    def through(weights: dict[str, np.ndarray], images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        encoder, decoder = build_like(weights)
        latent = encoder(images)
        return ops.convert_to_numpy(latent), np.clip(ops.convert_to_numpy(decoder(latent)), 0, 1)

    autoencoder = model.weights("encoder", "decoder")
    latent, reconstruction = through(autoencoder, as_network_input(examples.images()))
    denoised = None
    if model.has_denoiser:
        _, second_pass = through(autoencoder, reconstruction)
        _, output = through(model.weights("denoiser"), reconstruction)
        denoised = denoising.denoised(reconstruction, output, second_pass)
    if not all(np.isfinite(values).all() for values in (latent, reconstruction, denoised) if values is not None):
        raise TrainingError(f"The training of {model.name} has diverged: its outputs are not all numbers.")
    cleaned = None if denoised is None else quantise(denoised[..., 0])
    return Result(latent, quantise(reconstruction[..., 0]), cleaned, milliseconds=0.0)
