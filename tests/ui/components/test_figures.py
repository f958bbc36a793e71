"""The figures below the pictures, which the browser computes, against Python's."""

import json
import subprocess

import numpy as np
import pytest
from node import node
from places import ROOT

from cae.imaging import metrics
from cae.imaging.examples import CLOTHES, DIGITS
from cae.imaging.strokes import rasterise


def pairs() -> list[tuple[np.ndarray, np.ndarray]]:
    """Pictures that are alike, and such that are not: drawn, even, and of noise."""
    rng = np.random.default_rng(11)
    noise = [rng.integers(0, high, (28, 28), np.uint8) for high in (2, 20, 256, 256, 256)]
    drawn = [rasterise(strokes, 28) for strokes in (*DIGITS.values(), *CLOTHES.values())]
    even = [np.full((28, 28), value, np.uint8) for value in (0, 1, 128, 255)]
    nearly = [np.clip(image.astype(int) + rng.integers(-9, 10, (28, 28)), 0, 255).astype(np.uint8) for image in drawn]
    return [*zip(drawn, nearly, strict=True), *((a, b) for a in noise + even + drawn[:1] for b in noise + even)]


def test_they_are_pythons():
    script = ROOT / "tests" / "js" / "figures.js"
    question = json.dumps([[image.ravel().tolist() for image in pair] for pair in pairs()])
    run = subprocess.run([node(), script], input=question, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    for (original, other), answer in zip(pairs(), json.loads(run.stdout), strict=True):
        expected = metrics.distortion(original, other)
        assert answer["mse"] == pytest.approx(expected.mse, abs=1e-6)
        assert answer["ssim"] == pytest.approx(expected.ssim, abs=1e-6)
        if np.array_equal(original, other):
            assert answer["psnr"] is None
        else:
            assert answer["psnr"] == pytest.approx(expected.psnr, abs=1e-6)
