"""The network in JavaScript, under node, against Keras."""

import json
import subprocess
from pathlib import Path

import browser_network
import numpy as np
import pytest
from browser_network import WIDTHS, Case
from node import node
from places import ROOT

from cae.model import store


def check(folder: Path, cases: list[Case]) -> None:
    requests = folder / "requests.json"
    requests.write_text(json.dumps([case.request() for case in cases]))
    script = ROOT / "tests" / "js" / "answer.js"
    run = subprocess.run([node(), script, requests], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    answers = json.loads(run.stdout)
    differences = [case.check(answer) for case, answer in zip(cases, answers, strict=True)]
    print(f"largest difference {max(differences):.1e} in {len(differences)} answers")


@pytest.mark.parametrize("model", store.names())
@pytest.mark.parametrize("folder", ["", "rate"])
def test_shipped_weights(tmp_path, model, folder):
    check(tmp_path, browser_network.shipped(model, folder))


@pytest.mark.parametrize("model", store.names())
def test_snapshots(tmp_path, model):
    check(tmp_path, browser_network.snapshots(model))


@pytest.mark.parametrize("widths", WIDTHS)
def test_random_weights_of_other_widths(tmp_path, widths):
    check(tmp_path, browser_network.random(widths, tmp_path))


def test_every_layer(tmp_path):
    cases = browser_network.layers("mnist")
    assert [len(case.answer) for case in cases] == [20]
    check(tmp_path, cases)


def test_silenced_channels_give_zeros_to_the_layers_after_them(tmp_path):
    cases = browser_network.silenced("mnist")
    [healthy] = browser_network.layers("mnist")
    for case in cases:
        assert np.abs(case.answer["decoder_10_conv"] - healthy.answer["decoder_10_conv"]).max() > 0.01, case.silenced
    check(tmp_path, cases)


def test_kernels_and_biases(tmp_path):
    path = store.FOLDER / "mnist"
    parts = {half: path / f"{half}.safetensors" for half in ("encoder", "decoder")}
    requests = tmp_path / "requests.json"
    requests.write_text(json.dumps([["weights", {part: str(file) for part, file in parts.items()}, []]]))
    run = subprocess.run([node(), ROOT / "tests" / "js" / "answer.js", requests], capture_output=True, text=True)
    [answer] = json.loads(run.stdout)
    weights = store.load("mnist").weights(*parts)
    layers = {layer["name"]: layer for layer in answer if layer["kind"] == "conv"}
    assert {f"{name}/{kind}" for name in layers for kind in ("kernel", "bias")} == set(weights)
    for name, layer in layers.items():
        kernel = weights[f"{name}/kernel"]
        assert (layer["side"], layer["side"], layer["channels"], layer["filters"]) == kernel.shape
        assert np.array_equal(np.array(layer["values"], np.float32), kernel.ravel())
        assert [layer["bias"][key] for key in layer["bias"]] == weights[f"{name}/bias"].tolist()
    assert [layer["activation"] for layer in layers.values()].count("relu") == len(layers) - 2
    assert (
        [layer["kind"] for layer in answer].count("pool") == [layer["kind"] for layer in answer].count("upsample") == 2
    )


@pytest.mark.parametrize("model", [name for name in store.names() if store.load(name).has_denoiser])
def test_denoising(tmp_path, model):
    cases = browser_network.denoising(model)
    assert all(np.abs(case.values - case.answer[0, ..., 0]).max() > 0.01 for case in cases), "nothing is denoised"
    check(tmp_path, cases)
