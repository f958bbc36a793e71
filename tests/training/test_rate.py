"""The channel costs what its context model says; training with it writes a model folder that a codec can use."""

import json

import keras
import numpy as np
import pytest
from golden_files import smooth
from keras import ops

from cae.codec.context_model import ESCAPE, FLOOR
from cae.codec.range_coder import TOTAL
from cae.model import store
from cae.model.network import build_autoencoder, build_network, weights_of
from cae.model.specification import DECODER, ENCODER, scaled
from cae.training.context_model import fit, free_offsets, grid_offsets, neighbours
from cae.training.loop import TrainingError
from cae.training.rate import Channel, RateSettings, train_for_rate

pytestmark = pytest.mark.slow

STEP = 0.25


@pytest.fixture(scope="module")
def latents() -> np.ndarray:
    return smooth(300, 7, 7, seed=3).astype(np.float32)


@pytest.mark.parametrize("offsets", [grid_offsets(7, 7), free_offsets()], ids=["grid", "free"])
def test_channel(latents, offsets):
    context = fit(latents, [256], offsets, epochs=1)
    settings = RateSettings(finest=STEP, coarsest=STEP, rate_weight=3.0)
    channel = Channel(context, neighbours(7, 7, offsets), settings)
    noisy, cost = (ops.convert_to_numpy(x) for x in channel(latents[:4, ..., np.newaxis]))
    difference = noisy[..., 0] - latents[:4]
    assert np.abs(difference).max() <= STEP / 2 + 1e-6
    assert difference.std() == pytest.approx(STEP / np.sqrt(12), rel=0.15)
    expected = [3.0 * STEP**2 * bits_by_hand(context, image[..., 0], offsets) / 49 for image in noisy]
    assert cost == pytest.approx(expected, rel=1e-4)


def bits_by_hand(context, image: np.ndarray, offsets: np.ndarray) -> float:
    """What the noisy latents (7, 7) cost, one position after the other."""
    inputs = np.zeros((49, offsets.shape[1] + 1), np.float32)
    for position in range(49):
        for index, (row, column) in enumerate(offsets[position % len(offsets)]):
            row, column = position // 7 + int(row), position % 7 + int(column)
            if 0 <= row < 7 and 0 <= column < 7:
                inputs[position, index] = image[row, column]
    inputs[:, -1] = np.log2(STEP)
    classes = len(offsets)
    outputs = ops.convert_to_numpy(context(inputs.reshape(49 // classes, classes, -1))).reshape(49, 3, 3)
    total = 0.0
    for value, (means, scales, shares) in zip(image.ravel(), outputs.astype(float), strict=True):
        shares = 2**shares / (2**shares).sum()
        below, above = (1 / (1 + np.exp(-(value + side * STEP / 2 - means) / 2**scales)) for side in (-1, 1))
        total -= np.log2((shares * (above - below)).sum() * (1 - ESCAPE / TOTAL) + FLOOR / TOTAL)
    return total


def test_steps_differ_between_images(latents):
    """With a range of steps the noise is uniform in none of them, and stays within the coarsest."""
    offsets = grid_offsets(7, 7)
    channel = Channel(
        fit(latents, [256], offsets, epochs=1), neighbours(7, 7, offsets), RateSettings(finest=0.1, coarsest=1.0)
    )
    noisy, _ = channel(latents[..., np.newaxis])
    noise = np.abs(ops.convert_to_numpy(noisy)[..., 0] - latents).max(axis=(1, 2))
    assert 0.04 < noise.min() < 0.1
    assert 0.4 < noise.max() <= 0.5


@pytest.mark.usefixtures("without_graphs")
def test_a_training_that_diverges_writes_nothing(tmp_path):
    images = np.rint(255 / (1 + np.exp(-smooth(32, 28, 28, seed=4)))).astype(np.uint8)
    start = weights_of(*build_autoencoder(1))
    start["decoder_09_conv/kernel"][:] = np.nan
    with pytest.raises(TrainingError, match="diverged in epoch 1"):
        train_for_rate(start, images, tmp_path / "rate", RateSettings(epochs=1))
    assert not (tmp_path / "rate").exists()


def narrow_autoencoder() -> tuple[keras.Model, keras.Model]:
    """Of 16 filters at most."""
    encoder, decoder = (scaled(layers, 16) for layers in (ENCODER, DECODER))
    return build_network("encoder", encoder, (28, 28, 1), 1), build_network("decoder", decoder, (7, 7, 1), 1)


@pytest.mark.usefixtures("without_graphs")
def test_training(tmp_path):
    """The networks do move, and the folder is complete; the same seed gives the same weights."""
    images = np.rint(255 / (1 + np.exp(-smooth(64, 28, 28, seed=4)))).astype(np.uint8)
    start = weights_of(*narrow_autoencoder())  # as a visitor may have trained it
    settings = RateSettings(epochs=2, batch_size=16, data_set="mnist", peak_learning_rate=1e-3)
    folders = tmp_path / "a", tmp_path / "b"
    for folder in folders:
        record = train_for_rate(start, images, folder, settings)
        assert [epoch["epoch"] for epoch in record["epochs"]] == [1, 2]
        assert all(epoch["loss"] > epoch["mse"] > 0 for epoch in record["epochs"])
        keras.backend.clear_session()
    models = [store.load(folder.name, tmp_path) for folder in folders]
    weights = [model.weights("encoder", "decoder") for model in models]
    assert {name: x.shape for name, x in weights[0].items()} == {name: x.shape for name, x in start.items()}
    for name in ("encoder_01_conv/kernel", "decoder_09_conv/kernel"):
        assert not np.array_equal(weights[0][name], start[name])
        assert np.allclose(weights[0][name], weights[1][name], atol=1e-4)
    history = json.loads((folders[0] / "history.json").read_text())["autoencoder"]
    assert (history["data_set"], history["images"], history["finest"]) == ("mnist", 64, settings.finest)
