"""The network against the published counts, against plain NumPy, and alive from the start."""

import forward_pass
import keras
import numpy as np
import pytest
import tensorflow as tf

from cae.model import store
from cae.model.network import build_autoencoder, build_decoder, build_encoder, set_weights, weights_of
from cae.model.specification import (
    DECODER,
    DECODER_PARAMETERS,
    ENCODER,
    ENCODER_PARAMETERS,
    PARAMETERS,
    Convolution,
)

# Kind, kernel side, output shape and parameters, as the source publication's counts imply them.
ENCODER_TABLE = [
    ("Conv2D", 3, (28, 28, 128), 1_280),
    ("Conv2D", 3, (28, 28, 64), 73_792),
    ("MaxPooling2D", 2, (14, 14, 64), 0),
    ("Conv2D", 3, (14, 14, 32), 18_464),
    ("Conv2D", 3, (14, 14, 16), 4_624),
    ("Conv2D", 1, (14, 14, 8), 136),
    ("MaxPooling2D", 2, (7, 7, 8), 0),
    ("Conv2D", 3, (7, 7, 4), 292),
    ("Conv2D", 1, (7, 7, 2), 10),
    ("Conv2D", 1, (7, 7, 1), 3),
]
DECODER_TABLE = [
    ("Conv2D", 1, (7, 7, 2), 4),
    ("Conv2D", 3, (7, 7, 4), 76),
    ("Conv2D", 3, (7, 7, 8), 296),
    ("UpSampling2D", 2, (14, 14, 8), 0),
    ("Conv2D", 3, (14, 14, 16), 1_168),
    ("Conv2D", 3, (14, 14, 32), 4_640),
    ("Conv2D", 3, (14, 14, 64), 18_496),
    ("UpSampling2D", 2, (28, 28, 64), 0),
    ("Conv2D", 3, (28, 28, 128), 73_856),
    ("Conv2D", 3, (28, 28, 1), 1_153),
]


def strokes(count: int, seed: int = 0) -> np.ndarray:
    """Pictures (N, 28, 28, 1) in [0, 1] that differ as digits do: a bright bar on black in each."""
    rng = np.random.default_rng(seed)
    images = np.zeros((count, 28, 28, 1), np.float32)
    for image in images:
        top, left = rng.integers(4, 12, 2)
        height, width = rng.integers(3, 13, 2)
        image[top : top + height, left : left + width] = rng.uniform(0.6, 1)
    return images


@pytest.fixture(scope="module")
def networks() -> tuple[keras.Model, keras.Model]:
    return build_autoencoder(0)


def kernel_side(layer: keras.Layer) -> int:
    size = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None) or layer.size
    assert size[0] == size[1]
    return size[0]


def test_layers_are_the_published_ones(networks):
    for network, table in zip(networks, (ENCODER_TABLE, DECODER_TABLE), strict=True):
        layers = network.layers[1:]
        found = [(type(x).__name__, kernel_side(x), x.output.shape[1:], x.count_params()) for x in layers]
        assert found == table


def test_activations(networks):
    names = [
        [x.activation.__name__ for x in network.layers if isinstance(x, keras.layers.Conv2D)] for network in networks
    ]
    assert names == [["relu"] * 7 + ["linear"], ["relu"] * 7 + ["tanh"]]


def test_parameter_counts(networks):
    assert [network.count_params() for network in networks] == [98_601, 99_689]
    assert (ENCODER_PARAMETERS, DECODER_PARAMETERS, PARAMETERS) == (98_601, 99_689, 198_290)


@pytest.mark.parametrize(("height", "width"), [(32, 20), (4, 4)])
def test_other_sizes(height, width):
    encoder, decoder = build_encoder(0, height, width), build_decoder(0, height // 4, width // 4)
    assert encoder.output_shape == (None, height // 4, width // 4, 1)
    assert decoder.output_shape == (None, height, width, 1)


def test_open_sizes():
    encoder, decoder = build_encoder(0, None, None), build_decoder(0, None, None)
    image = strokes(1)
    large = np.pad(image, ((0, 0), (4, 0), (0, 12), (0, 0)))
    weights = weights_of(encoder, decoder)
    latent = encoder.predict_on_batch(large)
    assert latent.shape == (1, 8, 10, 1)
    assert decoder.predict_on_batch(latent).shape == large.shape
    np.testing.assert_allclose(latent, forward_pass.encode(weights, large), atol=1e-4)


def test_same_seed_gives_same_weights():
    first, again, other = (weights_of(*build_autoencoder(seed)) for seed in (3, 3, 4))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    wide = [name for name in first if name.endswith("kernel") and name != "decoder_01_conv/kernel"]
    assert not any(np.array_equal(first[name], other[name]) for name in wide)


def test_weights_go_out_and_in_unchanged(networks):
    rng = np.random.default_rng(0)
    before = weights_of(*networks)
    assert len(before) == 32
    assert before["encoder_01_conv/kernel"].shape == (3, 3, 1, 128)
    assert sum(array.size for array in before.values()) == PARAMETERS
    others = {name: rng.normal(size=array.shape).astype(np.float32) for name, array in before.items()}
    try:
        set_weights(others, *networks)
        after = weights_of(*networks)
        assert all(np.array_equal(after[name], others[name]) for name in others)
        with pytest.raises(KeyError):
            set_weights({}, *networks)
        with pytest.raises(ValueError, match="shape"):
            set_weights(others | {"encoder_01_conv/bias": np.zeros(3)}, *networks)
    finally:
        set_weights(before, *networks)


@pytest.mark.parametrize("model", ["fresh", *store.names()])
def test_keras_agrees_with_numpy(networks, model):
    encoder, decoder = networks
    before = weights_of(*networks)
    weights = before if model == "fresh" else store.load(model).weights("encoder", "decoder")
    images = np.concatenate([strokes(2), np.random.default_rng(0).random((1, 28, 28, 1), np.float32)])
    try:
        set_weights(weights, *networks)
        latents = encoder.predict_on_batch(images)
        outputs = decoder.predict_on_batch(latents)
    finally:
        set_weights(before, *networks)
    np.testing.assert_allclose(latents, forward_pass.encode(weights, images), atol=1e-4)
    np.testing.assert_allclose(outputs, forward_pass.decode(weights, latents), atol=1e-4)


@pytest.mark.parametrize("seed", range(8))
def test_starts_alive(seed):
    """Outputs differ between images, and the loss reaches every kernel.

    One half of the decoder's first layer may rest: it passes negative codes, and at the start there may be none.
    """
    encoder, decoder = build_autoencoder(seed)
    images = tf.constant(strokes(8))
    with tf.GradientTape() as tape:
        outputs = decoder(encoder(images))
        loss = tf.reduce_mean((outputs - images) ** 2)
    assert np.std(outputs, axis=0).mean() > 0.01 * np.std(images, axis=0).mean()
    variables = encoder.trainable_variables + decoder.trainable_variables
    for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
        if variable.path.endswith("kernel"):
            assert np.abs(gradient).max() > 0, variable.path


def test_plain_start_is_often_dead():
    """Without that initialisation, and with a ReLU code, the output is often the same for all images."""
    images = strokes(4)
    dead = sum(is_dead(plain_weights(seed), images) for seed in range(16))
    assert dead >= 4


def plain_weights(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    weights = {}
    for name, specification in (("encoder", ENCODER), ("decoder", DECODER)):
        channels = 1
        for index, layer in enumerate(specification, start=1):
            if isinstance(layer, Convolution):
                shape = (layer.kernel, layer.kernel, channels, layer.filters)
                he = np.sqrt(2 / (layer.kernel**2 * channels))
                weights[f"{name}_{index:02d}_conv/kernel"] = rng.normal(0, he, shape)
                weights[f"{name}_{index:02d}_conv/bias"] = np.zeros(layer.filters)
                channels = layer.filters
    return weights


def is_dead(weights: dict[str, np.ndarray], images: np.ndarray) -> bool:
    code = forward_pass.relu(forward_pass.encode(weights, images))
    return bool(np.ptp(forward_pass.decode(weights, code), axis=0).max() < 1e-9)
