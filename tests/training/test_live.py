"""What a small training makes of its recipe: the network's shape, its start, and how it ends."""

import numpy as np
import pytest

from cae.data.mnist import MNIST
from cae.imaging.examples import DIGITS
from cae.imaging.preprocessing import fit_square
from cae.imaging.strokes import rasterise
from cae.model import specification
from cae.model.network import build_like, build_network
from cae.training.live import HELD_OUT, OWN, Order, Recipe, start_brightening, train

pytestmark = pytest.mark.slow


def trained(count: int = 32, **recipe) -> tuple[str, list, list[dict[str, np.ndarray]]]:
    """How it has ended, and what it has published."""
    points, weights = [], []

    def publish(point, found):
        points.append(point)
        weights.append(found)

    how = train(Order(Recipe(**({"widest": 16, "epochs": 3} | recipe)), DIGITS["3"], 5, count), publish)
    return how, points, weights


@pytest.mark.usefixtures("without_graphs")
def test_the_loss_is_that_of_the_published_weights():
    how, points, weights = trained()
    assert how == "learned"
    assert (points[0].step, points[-1].step) == (0, 3)
    _, held_out = Order(Recipe(), DIGITS["3"], 5, 32).images()
    pictures = held_out[..., np.newaxis] / np.float32(255)
    for point, found in zip(points, weights, strict=True):
        encoder, decoder = build_like(found, 28)
        error = np.mean(np.square(decoder(encoder(pictures)) - pictures))
        assert point.val_loss == pytest.approx(error, rel=1e-4)
        assert point.variance == pytest.approx(pictures.var(), rel=1e-6)


@pytest.mark.usefixtures("without_graphs")
def test_a_wide_bottleneck_is_wide_in_all_its_layers():
    _, _, weights = trained(knob="bottleneck", value=196)
    filters = [len(array) for name, array in weights[0].items() if name.endswith("bias")]
    assert filters == [16, 8, 8, 8, 32, 16, 8, 4, 8, 16, 32, 8, 8, 8, 16, 1]
    both = np.concatenate([np.eye(4), -np.eye(4)], axis=1)
    assert np.array_equal(weights[0]["decoder_01_conv/kernel"][0, 0], both), "each channel passes ReLU with both signs"


@pytest.mark.usefixtures("without_graphs")
def test_learning_rate_and_initialisation_change_what_they_say():
    usual, small = (trained(value=value)[2] for value in (1.0, 0.1))
    other = trained(knob="initialisation", value="he")[2]
    name = "encoder_01_conv/kernel"
    assert np.array_equal(usual[0][name], small[0][name])
    moved = [np.abs(found[-1][name] - found[0][name]).mean() for found in (usual, small)]
    assert moved[1] < 0.3 * moved[0]
    narrow = "encoder_09_conv/kernel"
    assert usual[0][narrow].min() >= 0 > other[0][narrow].min(), "plain weights have both signs"


def test_no_start_makes_pictures_darker_with_what_it_sees():
    """Such a start collapses within the first steps, whatever the learning rate."""
    turned = 0
    for seed in range(6):
        decoder = build_network("decoder", specification.scaled(specification.DECODER, 32), (7, 7, 1), seed)
        before = np.array(decoder.layers[-1].kernel)
        start_brightening(decoder)
        after = np.array(decoder.layers[-1].kernel)
        assert after.sum() > 0
        assert np.allclose(np.abs(after), 0.1 * np.abs(before))
        turned += not np.allclose(after, 0.1 * before)
    assert 0 < turned < 6


def test_the_full_width_is_the_network_of_all_pages():
    for layers in (specification.ENCODER, specification.DECODER):
        assert specification.scaled(layers, 128) == layers


def test_images_are_the_drawings_or_the_data_set(mnist):
    images, held_out = Order(Recipe(pictures=OWN), DIGITS["8"], 1, 50).images()
    assert (images.shape, held_out.shape, images.dtype) == ((50, 28, 28), (HELD_OUT, 28, 28), np.uint8)
    eight, one = (fit_square(rasterise(DIGITS[name])).astype(float) for name in "81")
    mean = images.mean(axis=0)
    assert np.corrcoef(mean.ravel(), eight.ravel())[0, 1] > np.corrcoef(mean.ravel(), one.ravel())[0, 1]
    assert len(np.unique(np.concatenate([images, held_out]).reshape(-1, 784), axis=0)) == 50 + HELD_OUT
    images, held_out = Order(Recipe(pictures=MNIST.name), count=50).images()
    kept = np.delete(mnist.x_train[:60], [11, 23, 35, 47, 59], axis=0)
    assert np.array_equal(images, kept[:50])
    assert np.array_equal(held_out, mnist.x_train[11::12][:HELD_OUT])
