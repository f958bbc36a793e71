"""Recipes of training side by side, at a small scale: few images, two recipes."""

import json

import keras
import numpy as np
import pytest

from cae.__main__ import main
from cae.cli.results import recipe_lines
from cae.data import source
from cae.model import store
from cae.model.specification import DECODER, ENCODER, Convolution
from cae.training import loop, recipes
from cae.training.recipes import RECIPES, Recipe, explore, moved, narrow_autoencoder

pytestmark = pytest.mark.slow


def pictures(count: int) -> np.ndarray:
    """Coarse noise, which 49 numbers can hold, uint8 (N, 28, 28)."""
    coarse = np.random.default_rng(0).integers(0, 256, (count, 7, 7), np.uint8)
    return np.kron(coarse, np.ones((1, 4, 4), np.uint8))


def settings(optimizer: keras.optimizers.Optimizer) -> dict:
    return optimizer.get_config() | {"name": ""}


def test_the_default_recipe_is_that_of_the_training():
    ours = loop.make_optimizer(loop.Settings(epochs=recipes.EPOCHS), 625)
    assert settings(Recipe().make_optimizer(20_000)) == settings(ours)
    assert Recipe() in RECIPES
    assert len({(r.optimizer, r.peak_learning_rate, r.batch_size, r.variation) for r in RECIPES}) == len(RECIPES)


def test_what_the_recipes_change():
    default = settings(Recipe().make_optimizer(20_000))
    for recipe in RECIPES:
        optimizer = recipe.make_optimizer(20_000)
        config = settings(optimizer)
        peak = config["learning_rate"]["config"]["warmup_target" if recipe.warm_up else "initial_learning_rate"]
        assert peak == recipe.peak_learning_rate
        assert config["use_ema"] == recipe.averaged
        if isinstance(optimizer, recipes.Muon):
            assert config["adam_lr_ratio"] * peak == pytest.approx(recipes.ADAM_PEAK)
        if recipe.variation:
            assert config != default or recipe.moved or not recipe.kept_alive


@pytest.mark.parametrize("seed", [0, 3])
def test_narrow_networks(seed):
    for network, layers in zip(narrow_autoencoder(seed), (ENCODER, DECODER), strict=True):
        filters = [layer.filters for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]
        assert filters == [min(16, layer.filters) for layer in layers if isinstance(layer, Convolution)]
    assert network.output_shape == (None, 28, 28, 1)


def test_moved():
    images = np.zeros((500, 6, 8, 1), np.float32)
    images[:, 2, 3] = 1
    found = moved(images, np.random.default_rng(0))
    assert found.shape == images.shape
    assert (found.sum((1, 2, 3)) == 1).all()
    places, counts = np.unique(np.argwhere(found)[:, 1:3] - (2, 3), axis=0, return_counts=True)
    assert places.tolist() == [[down, across] for down in (-1, 0, 1) for across in (-1, 0, 1)]
    assert counts.min() > 25
    edge = np.zeros((64, 4, 4, 1), np.float32)
    edge[:, 0] = 1
    assert set(moved(edge, np.random.default_rng(0)).sum((1, 2, 3)).tolist()) <= {0.0, 3.0, 4.0}


def test_explore(monkeypatch):
    images = pictures(192)
    absurd = Recipe(keras.optimizers.Adam, 1e30, averaged=False, variation="absurd")
    monkeypatch.setattr(recipes, "RECIPES", (Recipe(batch_size=16), absurd))
    result = explore(images, images[:32])
    assert (result["images"], result["held_out"], result["epochs"], result["width"]) == (192, 32, 3, 16)
    good, absurd = result["runs"]
    assert (good["optimizer"], good["batch_size"], good["variation"]) == ("Muon", 16, "")
    assert len(good["val_losses"]) == 3
    assert good["val_losses"][2] < good["val_losses"][0] < np.mean((images / 255) ** 2)
    assert absurd["optimizer"] == "Adam"
    assert absurd["val_losses"][2] is None or absurd["val_losses"][2] > 2 * good["val_losses"][2]
    json.dumps(result, allow_nan=False)


def run(optimizer: str, variation: str, *losses: float | None) -> dict:
    return {
        "optimizer": optimizer,
        "peak_learning_rate": 0.012,
        "batch_size": 32,
        "variation": variation,
        "val_losses": list(losses),
    }


def test_table_has_the_best_first_and_the_diverged_last():
    runs = [run("Lion", "", 0.02, None), run("Muon", "no warm-up", 0.01, 0.004), run("Adam", "", 0.003, 0.0052)]
    runs.append(run("Muon", "", 0.3, None))
    lines = recipe_lines({"images": 20_000, "held_out": 5_000, "epochs": 2, "width": 16, "runs": runs})
    assert "20,000 MNIST images, 2 epochs" in lines[0]
    assert "on 5,000 training images held out" in lines[0]
    assert lines[2:4] == [
        "| | peak learning rate | batch size | epoch 1 | epoch 2 |",
        "|---|---|---|---|---|",
    ]
    assert lines[4] == "| Muon, no warm-up | 0.012 | 32 | 0.01000 | 0.00400 |"
    assert [line.split(" | ")[0] for line in lines[5:]] == ["| Adam", "| Lion", "| Muon"]
    assert "diverged" in lines[-1]


def test_table_says_what_a_white_output_is():
    """A white image's MSE on MNIST, as saturated training leaves it, is explained; grey and diverged ones are not."""
    about = {"images": 20_000, "held_out": 5_000, "epochs": 2, "width": 16}
    assert "white for every image" in recipe_lines(about | {"runs": [run("Adam", "", 0.01, 0.84265)]})[-1]
    assert "white" not in "".join(
        recipe_lines(about | {"runs": [run("Adam", "", 0.01, 0.1), run("Adam", "", 0.8, None)]})
    )


@pytest.mark.usefixtures("without_graphs")
def test_command(data_folder, monkeypatch, tmp_path, capfd):
    """With a limit it prints, and keeps no record; without one the record goes beside the models."""
    assert data_folder
    monkeypatch.setattr(recipes, "RECIPES", (Recipe(),))
    monkeypatch.setattr(source, "HOLD_OUT_EVERY", 600)
    monkeypatch.setattr(store, "FOLDER", tmp_path)
    assert main(["recipes", "--limit", "64", "--json"]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert [found["optimizer"] for found in json.loads(out)["runs"]] == ["Muon"]
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(recipes, "IMAGES", 64)
    assert main(["recipes"]) == 0
    out, err = capfd.readouterr()
    record = json.loads((tmp_path / "recipes.json").read_text())
    assert f"{record['runs'][0]['val_losses'][-1]:.5f}" in out
    assert "recipes.json" in err
