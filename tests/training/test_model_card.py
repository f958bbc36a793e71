"""The model card says how each part was trained, whatever the optimiser and the data."""

import re

import pytest

from cae.data.folders import own_pictures
from cae.data.mnist import MNIST
from cae.data.photographs import PHOTOGRAPHS
from cae.data.sources import known_as
from cae.training.model_card import model_card

RECORD = {
    "epochs_planned": 20,
    "batch_size": 32,
    "seed": 0,
    "peak_learning_rate": 0.003,
    "data_set": "mnist",
    "images": 60_000,
    "seed_used": 0,
    "restarts": [],
    "optimizer": "Adam",
    "average_momentum": 0.9979,
    "precision": "float32",
    "backend": "tensorflow",
    "device": "CPU, 2 cores",
    "epochs": [{"epoch": 1, "loss": 0.2, "val_loss": 0.1, "seconds": 36.0}],
}
MUON = {"optimizer": "Muon", "peak_learning_rate": 0.012}
NOISY = {"noisy_share": 0.25}


@pytest.mark.parametrize(("autoencoder", "denoiser"), [({}, MUON), (MUON, {})], ids=["adam first", "muon first"])
def test_each_part_has_its_optimiser(autoencoder, denoiser):
    card = model_card("mnist", MNIST, {"autoencoder": RECORD | autoencoder, "denoiser": RECORD | denoiser | NOISY})
    first, second = card.split("### Denoiser")
    for text, changes in ((first, autoencoder), (second, denoiser)):
        if changes:
            assert "| optimiser | Muon, and Adam for biases and narrow layers |" in text
            assert "| peak learning rate | 0.012," in text
            assert "--seed 0 --learning-rate 0.012`" in text
        else:
            assert "| optimiser | Adam |" in text
            assert "decay" not in text.replace("cosine decay", "")
            assert "| peak learning rate | 0.003," in text
    assert "25% carried noise" in second
    assert "It took 0.6 minutes on CPU, 2 cores.\nExpect a loss of 0.20000 in training and 0.10000" in first
    assert "### Codec" not in card


def test_weight_decay():
    card = model_card("photos", PHOTOGRAPHS, {"autoencoder": RECORD | MUON | {"weight_decay": 0.1}})
    assert "--learning-rate 0.012 --weight-decay 0.1`" in card
    assert "| weight decay of what Muon trains | 0.1 |" in card


def test_varied_images():
    card = model_card("mnist", MNIST, {"autoencoder": RECORD | MUON | {"varied": 0.5}})
    assert "--learning-rate 0.012 --varied 0.5`" in card
    assert "| images varied at random | 50% at first, then fewer |" in card
    assert "varied" not in model_card("mnist", MNIST, {"autoencoder": RECORD | MUON | {"varied": 0.0}})


def test_a_published_model_that_was_trained_on():
    """The last command, then those before it in their order, each with the time of its own epochs."""
    earlier = {key: value for key, value in RECORD.items() if key not in ("restarts", "seed_used")}
    plans = [earlier | {"epochs": count, "epochs_planned": count, "device": f"GPU {count}"} for count in (8, 13)]
    epochs = [{"epoch": number, "loss": 0.2, "val_loss": 0.1, "seconds": 60.0 * number} for number in range(1, 16)]
    later = RECORD | MUON | {"epochs_planned": 15, "images": 55_000, "epochs": epochs, "earlier": plans}
    card = model_card("mnist", MNIST, {"autoencoder": later})
    last, eight, thirteen = re.split(r"\nEpochs (?:1 to 8|9 to 13) were those of another plan, on 60,000 images", card)
    assert "train mnist --epochs 15 --batch-size 32 --seed 0 --learning-rate 0.012`" in last
    assert "It took 29.0 minutes on CPU, 2 cores." in last
    assert "train mnist --epochs 8 --batch-size 32 --seed 0 --learning-rate 0.003`" in eight
    assert "It took 36.0 minutes on GPU 8." in eight
    assert "--epochs 13 " in thirteen
    assert "It took 55.0 minutes on GPU 13.\nFrom the weights of its end the next command went on" in thirteen


def test_how_the_codec_was_trained():
    record = RECORD | {"finest": 0.05, "coarsest": 1.0, "epochs_planned": 3, "images": 900}
    record |= {"epochs": [{"epoch": epoch, "mse": 0.01 / epoch, "seconds": 4_000.0} for epoch in (1, 2, 3)]}
    _, card = model_card("mnist", MNIST, {"autoencoder": RECORD}, {"rate": record}, has_codec=True).split("### Codec")
    command = "train-rate mnist --variant rate --steps 0.05 1 --epochs 3 --batch-size 32 --seed 0 --learning-rate 0.003"
    assert f"`python -m cae {command} --limit 900`\n\nIt took 3.3 hours on CPU, 2 cores.\n" in card
    assert "\nExpect a mean squared error of 0.00333 in the last epoch" in card
    assert "`python -m cae fit-codec mnist`" in card
    assert "| `rate/` |" in card
    assert "| `codec.json`" in card


@pytest.mark.parametrize(
    ("data_set", "images", "phrases"),
    [
        ("mnist", 60_000, ("CC BY-SA 3.0", "60,000 training images", "28×28 images only", "49 numbers")),
        ("fashion_mnist", 60_000, ("licence MIT", "the first 2,000 test images")),
        (
            "photos",
            20_000,
            ("non-commercial", "20,000 pieces of 56×56", "each 4×4 pixels", "481×321 only"),
        ),
        ("letters", 900, ("pictures of the trainer's own", "900 training images", "pictures held out")),
    ],
)
def test_what_it_was_trained_on(data_set, images, phrases):
    record = RECORD | {"data_set": data_set, "images": images}
    source = known_as(data_set) or own_pictures(data_set, None)
    card = model_card("m", source, {"autoencoder": record})
    assert all(phrase in card for phrase in phrases)
    assert f"python -m cae train {data_set} --epochs 20" in card
    assert "--limit" not in card
    if data_set != "letters":
        few = model_card("m", source, {"autoencoder": record | {"images": 64}})
        assert "--limit 64" in few
        assert data_set == "photos" or "the first 64 test images" in few
