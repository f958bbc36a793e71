"""Trains an autoencoder further for its codec: the rate of the quantised and coded latents joins the loss.

Rounding passes no gradient; in training, uniform noise as wide as a step replaces it, and a context model like the
codec's, trained along, estimates the rate of the noisy latents. Each image gets a step of its own, and its rate is
weighted with the square of the step, as the quantiser's distortion grows: one network serves a whole range of steps.

Sources: J. Ballé, V. Laparra, E. Simoncelli, "End-to-end optimized image compression", 2017; L. Theis et al., "Lossy
image compression with compressive autoencoders", 2017.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import ops

from cae.codec.codec import GRID
from cae.codec.context_model import UNIT
from cae.imaging.pixels import as_network_input
from cae.model import devices, store
from cae.model.fast_decoder import without_upsampling
from cae.model.network import build_network, set_weights, weights_of
from cae.model.specification import SCALE, layers_of
from cae.progress import progress_bar, say
from cae.training.context_model import ContextNetwork, bits, fit, free_offsets, grid_offsets, neighbours
from cae.training.leak import keep_alive
from cae.training.loop import Settings, TrainingError, has_diverged, make_optimizer, new_record, train_epochs

RATE_WEIGHT = 0.0245
"""The weight of a bit per latent value at a step of 1, in squared units of [0, 1]; the latents' scale adapts to it."""
CONTEXT_EPOCHS = 2
"""Epochs of the context model alone, before it is trained with the networks."""
CONTEXT_STEPS = 5


@dataclass(frozen=True)
class RateSettings(Settings):
    """What determines such a training, together with the images and the weights that it starts from."""

    epochs: int = 3
    batch_size: int = 16
    peak_learning_rate: float = 6e-3
    finest: float = 0.1
    """The range of the quantiser's steps, in latent units."""
    coarsest: float = 1.0
    rate_weight: float = RATE_WEIGHT


def train_for_rate(
    start: Mapping[str, np.ndarray], images: np.ndarray, folder: Path, settings: RateSettings
) -> dict[str, float | list]:
    """Train on from the weights `start` of an encoder and a decoder, and write them as a model folder.

    Args:
        images: uint8 (N, H, W), with H and W multiples of 4.

    Returns:
        The record of the training, as in history.json: "loss" is "mse" and the weighted "rate" together.

    Raises:
        TrainingError: the training has diverged; what the epochs before it have written stays.
    """
    shown = as_network_input(images)
    height, width = images.shape[1:]
    h, w = height // SCALE, width // SCALE
    keras.utils.set_random_seed(settings.seed)
    with devices.dtype_policy():
        encoder_layers, decoder_layers = layers_of(start)
        encoder = build_network("encoder", encoder_layers, (height, width, 1), 0)
        decoder = build_network("decoder", decoder_layers, (h, w, 1), 1)
        set_weights(start, encoder, decoder)
        keep_alive(encoder, decoder)
        offsets = grid_offsets(h, w) if (h, w) == (GRID, GRID) else free_offsets()
        channel = Channel(_context_network(encoder, shown, offsets, settings), neighbours(h, w, offsets), settings)
        inputs = keras.Input(shown.shape[1:])
        noisy, cost = channel(encoder(inputs))
        model = keras.Model(inputs, {"mse": without_upsampling(decoder)(noisy), "rate": cost})
        model.compile(
            make_optimizer(settings, -(-len(shown) // settings.batch_size)),
            loss={"mse": "mse", "rate": lambda _, cost: cost},
        )
        no_target = np.zeros(len(shown), np.float32)
        record = new_record(settings, len(shown))
        for entry in train_epochs(
            model,
            settings,
            len(shown),
            lambda _, __, order: (shown[order], {"mse": shown[order], "rate": no_target}),
            seed=settings.seed,
        ):
            say(
                f"Epoch {entry['epoch']}/{settings.epochs}: loss {entry['loss']:.5f}, MSE {entry['mse']:.5f}, "
                f"{entry['images_per_second']:.0f} images/s"
            )
            if has_diverged(entry, weights_of(encoder, decoder)):
                raise TrainingError(f"The training has diverged in epoch {entry['epoch']}: try another --seed.")
            record["epochs"].append(entry)
            files = {f"{half.name}.safetensors": store.weights_file(weights_of(half)) for half in (encoder, decoder)}
            store.seal(folder, {**files, store.HISTORY: store.history_file(folder, "autoencoder", record)})
    return record


class Channel(keras.layers.Layer):
    """The layer between encoder and decoder: latents (N, h, w, 1) → the same with noise, and each image's cost (N,)."""

    def __init__(self, context: ContextNetwork, where: np.ndarray, settings: RateSettings) -> None:
        super().__init__(name="channel", dtype="float32")
        self.context, self.where = context, where.astype(np.int32)
        self.range = float(np.log(settings.finest)), float(np.log(settings.coarsest))
        self.weight = settings.rate_weight
        self.seeds = keras.random.SeedGenerator(settings.seed)

    def call(self, latents):
        positions, n = len(self.where), ops.shape(latents)[0]
        step = ops.exp(keras.random.uniform((n, 1, 1), *self.range, seed=self.seeds))
        flat = ops.reshape(latents, (n, positions, 1))
        noisy = flat + step * keras.random.uniform((n, positions, 1), -0.5, 0.5, seed=self.seeds)
        around = ops.take(ops.pad(noisy[..., 0], ((0, 0), (0, 1))), self.where, axis=1)  # (N, h·w, M)
        size = ops.broadcast_to(ops.log2(step), (n, positions, 1))
        inputs = ops.concatenate([around, size], -1)
        edges = ops.concatenate([noisy - step / 2, noisy + step / 2], -1)
        classes = self.context.classes
        shape = (n * positions // classes, classes)
        outputs = self.context(ops.reshape(inputs, (*shape, inputs.shape[-1])))
        spent = ops.reshape(bits(ops.reshape(edges, (*shape, 2)), outputs), (n, positions))
        cost = self.weight * step[:, 0, 0] ** 2 * ops.mean(spent, -1)
        return ops.reshape(noisy, ops.shape(latents)), cost

    def compute_output_spec(self, latents):
        return keras.KerasTensor(latents.shape, "float32"), keras.KerasTensor(latents.shape[:1], "float32")


def _context_network(
    encoder: keras.Model, images: np.ndarray, offsets: np.ndarray, settings: RateSettings
) -> ContextNetwork:
    """A context model trained on the latents of the encoder as it is at the start."""
    latents = []
    with progress_bar("Encoding", len(images)) as advance:
        for start in range(0, len(images), 256):
            latents.append(np.asarray(ops.convert_to_numpy(encoder.predict_on_batch(images[start : start + 256]))))
            advance(len(latents[-1]))
    steps = np.rint(np.geomspace(settings.finest, settings.coarsest, CONTEXT_STEPS) * UNIT).astype(int)
    return fit(np.concatenate(latents)[..., 0].astype(np.float32), steps.tolist(), offsets, CONTEXT_EPOCHS)
