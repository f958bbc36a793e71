"""The measurement of how often a short training collapses, at a small scale."""

import numpy as np
import pytest
from small_network import small_autoencoder

from cae.model.network import build_autoencoder, weights_of
from cae.training import stability
from cae.training.loop import Settings

pytestmark = pytest.mark.slow


def test_he_initialisation():
    plain, shipped = weights_of(*stability.he_autoencoder(3)), weights_of(*build_autoencoder(3))
    assert plain.keys() == shipped.keys()
    for name, array in plain.items():
        if name.endswith("bias"):
            assert not array.any()
        elif array.size > 4000:
            assert array.std() == pytest.approx(np.sqrt(2 / np.prod(array.shape[:3])), rel=0.05)
    narrow = "encoder_08_conv/kernel"
    assert (shipped[narrow] >= 0).all()
    assert (plain[narrow] < 0).any()


def test_a_dead_network_is_counted_and_a_living_one_is_not(monkeypatch):
    def dead(seed: int):
        encoder, decoder = small_autoencoder(seed)
        bias = decoder.get_layer("decoder_03_conv").bias
        bias.assign(np.full(bias.shape, -100, np.float32))
        return encoder, decoder

    monkeypatch.setattr(stability, "INITIALISATIONS", {"shipped": small_autoencoder, "he": dead})
    monkeypatch.setattr(stability, "SETTINGS", Settings(epochs=2, batch_size=4))
    images = np.zeros((64, 28, 28), np.uint8)
    for index, image in enumerate(images):
        image[4 + index % 16 :, 2 : 6 + index // 4] = 255
    result = stability.measure(images, images, seeds=1)
    alive, collapsed = result["runs"]
    assert (alive["initialisation"], alive["collapsed"]) == ("shipped", False)
    assert (collapsed["initialisation"], collapsed["collapsed"]) == ("he", True)
    assert result["pixel_variance"] == pytest.approx(np.var(images / 255), rel=1e-4)
    assert alive["val_loss"] < result["pixel_variance"] < collapsed["val_loss"] * 1.01
