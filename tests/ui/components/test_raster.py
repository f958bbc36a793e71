"""Drawings as the browser rasterises and fits them, against Python's."""

import json
import subprocess

import numpy as np
from node import node
from places import ROOT

from cae.imaging.drawing import seen
from cae.imaging.examples import CLOTHES, DIGITS, PEN
from cae.imaging.preprocessing import fit_clothing, fit_digit
from cae.imaging.strokes import Stroke, rasterise, strokes_to_json

FITS = {"digits": fit_digit, "clothes": fit_clothing, None: None}


def drawings() -> list[tuple[Stroke, ...]]:
    """The examples, and random ones of every size and place, with erased parts and dots."""
    rng = np.random.default_rng(3)
    found = [*DIGITS.values(), *CLOTHES.values(), (), (Stroke(((0.1, 0.9),), PEN),)]
    for size in (0.05, 0.2, 0.35, 0.4, 0.45, 0.5, 0.6, 0.9, 1.4):
        for _ in range(4):
            walk = np.cumsum(rng.normal(0, size / 6, (12, 2)), axis=0)
            points = walk / max(np.ptp(walk, axis=0).max(), 0.01) * size + rng.uniform(0, 1 - min(size, 0.9), 2)
            points -= walk.min(0) / max(np.ptp(walk, axis=0).max(), 0.01) * size
            strokes = [Stroke(tuple(map(tuple, points.clip(-0.5, 1.5).tolist())), float(rng.choice([0.04, PEN, 0.16])))]
            if rng.random() < 0.3:
                strokes.append(Stroke(strokes[0].points[4:7], 0.05, erase=True))
            found.append(tuple(strokes))
    return found


def test_they_are_pythons():
    """But for the edges of strokes, and a shift by a pixel where a centre of mass falls between two."""
    asked = [(strokes, fit) for strokes in drawings() for fit in FITS]
    question = json.dumps([{"strokes": strokes_to_json(strokes), "fit": fit} for strokes, fit in asked])
    run = subprocess.run([node(), ROOT / "tests" / "js" / "raster.js"], input=question, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    apart = []
    for (strokes, fit), answer in zip(asked, json.loads(run.stdout), strict=True):
        ink = rasterise(strokes)
        drawn = np.array(answer["ink"], np.uint8).reshape(ink.shape)
        assert np.abs(drawn.astype(int) - ink).mean() < 2
        expected = seen(ink, FITS[fit])
        assert (answer["seen"] is None) == (expected is None)
        if expected is not None:
            image = np.array(answer["seen"]["image"], int).reshape(28, 28)
            apart.append(np.abs(image - expected.image).mean())
            square = [answer["seen"][name] - getattr(expected, name) for name in ("left", "top", "side")]
            assert np.abs(square).max() < 1.5 / 28
    assert np.median(apart) < 0.5
    assert np.quantile(apart, 0.97) < 1.5
