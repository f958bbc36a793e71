"""The lines of Keras that the pages print: run exactly as they are printed, they are and do what they say."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from places import ROOT

from cae.engine.client import Engine
from cae.imaging import metrics
from cae.model.specification import DECODER, DECODER_PARAMETERS, ENCODER, ENCODER_PARAMETERS
from cae.ui.assets import CONSTANTS, STAGES

PANELS = {"original", "encoder", "latent", "decoder", "reconstruction", "denoised", "error-map", "curves"}
RUN = """
import contextlib, io, json, sys
printed = {}
for name, text in json.load(sys.stdin).items():
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(text, name, "exec"), {"__name__": "__main__"})
    printed[name] = out.getvalue()

import keras
from keras import layers
from cae.model import network, store
lines = json.loads(sys.argv[1])
weights = store.load("mnist").weights("encoder", "decoder")
picture = keras.random.uniform((1, 28, 28, 1), seed=0)
halves = []
for number, (start, ours) in enumerate(zip((28, 7), network.build_autoencoder())):
    made = [eval(line) for line in lines[10 * number : 10 * number + 10]]
    half = keras.Sequential([layers.Input((start, start, 1)), *made])
    network.set_weights(weights, ours)
    half.set_weights(ours.get_weights())
    halves.append((half, ours))
(encoder, our_encoder), (decoder, our_decoder) = halves
difference = keras.ops.max(keras.ops.abs(decoder(encoder(picture)) - our_decoder(our_encoder(picture))))
printed["difference"] = float(difference)
print(json.dumps(printed))
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory) -> dict:
    """What the texts print, and the largest difference between the networks of the printed lines and our own."""
    lines = [layer["keras"] for half in ("encoder", "decoder") for layer in CONSTANTS["layers"][half]]
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN, json.dumps(lines)],
        input=json.dumps(CONSTANTS["code"]),
        cwd=tmp_path_factory.mktemp("anywhere"),
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_there_are_lines_for_each_stage_and_each_layer():
    assert set(STAGES) == PANELS
    lines = [layer["keras"] for half in ("encoder", "decoder") for layer in CONSTANTS["layers"][half]]
    assert len(lines) == len(ENCODER) + len(DECODER)
    assert all(len(line) <= 72 for text in STAGES.values() for line in text.splitlines()), "too wide for their place"


def test_the_printed_networks_are_ours(printed):
    assert printed["encoder"].split() == ["(None,", "7,", "7,", "1)", str(ENCODER_PARAMETERS)]
    assert printed["decoder"].split() == ["(None,", "28,", "28,", "1)", str(DECODER_PARAMETERS)]
    assert printed["difference"] < 1e-6


def test_the_printed_figures_are_the_engines(printed, engine: Engine):
    one = np.zeros((28, 28), np.uint8)
    one[4:24, 13:16] = 255
    result = engine.run("mnist", one[np.newaxis])
    mse = float(printed["reconstruction"].split()[1].rstrip(","))
    assert mse == pytest.approx(metrics.mse(result.reconstruction, one[np.newaxis])[0], abs=2e-5)
    code = np.array(printed["latent"].replace("[", "").replace("]", "").split(), float)
    assert np.abs(code.reshape(7, 7) - result.latent[0, ..., 0]).max() < 0.1
    row = np.array(printed["error-map"].replace("[", "").replace("]", "").split(), float)
    assert np.abs(row - (result.reconstruction[0, 14].astype(float) - one[14]) / 255).max() < 0.02
    again, denoised = (float(line.split()[-1]) for line in printed["denoised"].splitlines())
    assert denoised < again / 2
    assert "loss" in printed["curves"]
