"""Pictures of one's own go the whole way: trained, evaluated, given a codec, measured, compressed and opened again."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cae.__main__ import main
from cae.evaluation import rate_distortion, reports
from cae.imaging.examples import DIGITS
from cae.imaging.pixels import quantise
from cae.imaging.strokes import rasterise
from cae.model import store
from cae.training import codec as codec_fitting

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path) -> Path:
    """60 drawn digits, 140×140, each a little out of place, in a folder for each kind."""
    rng, root = np.random.default_rng(0), tmp_path / "drawn"
    for name, strokes in DIGITS.items():
        (root / name).mkdir(parents=True)
        for index in range(6):
            moved = np.roll(quantise(rasterise(strokes)), rng.integers(-8, 9, 2), (0, 1))
            Image.fromarray(moved).save(root / name / f"{index}.png")
    return root


def printed(capfd: pytest.CaptureFixture, *arguments: str) -> dict:
    """What a command prints with --json."""
    capfd.readouterr()
    assert main([*arguments, "--json"]) == 0
    return json.loads(capfd.readouterr().out)


def refusal(capfd: pytest.CaptureFixture, *arguments: str) -> str:
    capfd.readouterr()
    assert main(arguments) == 2
    return capfd.readouterr().err


def test_the_whole_way(folder, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(codec_fitting, "MEASURED_VALUES", 30 * 49)
    for name, few in (("KLT_STEPS", (0.3, 1.0)), ("PCA_COMPONENTS", (10,)), ("PICTURE_QUALITIES", (10, 90))):
        monkeypatch.setattr(rate_distortion, name, few)
    model, root = str(tmp_path / store.RUNS / "drawn"), tmp_path / "pretrained"
    assert main(["train", str(folder), "--epochs", "6", "--batch-size", "4", "--output", model]) == 0

    evaluation = printed(capfd, "evaluate", model)
    assert evaluation["images"] == 6
    (outcome,) = reports.read_all(root)
    assert (outcome.name, outcome.evaluation) == ("runs/drawn", evaluation)
    assert outcome.source.test_pictures().shape == (6, 28, 28)

    assert main(["train-rate", model, "--epochs", "1"]) == 0
    assert main(["fit-codec", model, "--epochs", "2"]) == 0
    measured = printed(capfd, "rate-distortion", model)
    assert measured["images"] == 6
    assert all(point["exact"] for point in measured["codec"])
    assert json.loads(store.load("runs/drawn", root).read(reports.RATE_DISTORTION)) == measured

    picture, file, opened = folder / "3" / "0.png", str(tmp_path / "3.cae"), tmp_path / "3.png"
    assert main(["compress", str(picture), "-o", file, "--model", model]) == 0
    assert main(["decompress", file, "-o", str(opened), "--model", model]) == 0
    before, after = (np.asarray(Image.open(path).convert("L"), float) for path in (picture, opened))
    assert after.shape == before.shape
    assert ((after - before) ** 2).mean() < before.var()


def test_pictures_that_have_been_moved_are_asked_for(folder, tmp_path, capfd):
    """By a sentence with the command that works."""
    model = str(tmp_path / "model")
    assert main(["train", str(folder), "--epochs", "1", "--batch-size", "4", "--output", model]) == 0
    assert printed(capfd, "evaluate", model)["images"] == 6
    place = tmp_path / "elsewhere" / "drawn"
    place.parent.mkdir()
    folder.rename(place)
    for command in ("evaluate", "train-rate", "fit-codec"):
        message = refusal(capfd, command, model)
        assert message.count("\n") == 1
        assert str(folder) in message
        assert f"python -m cae {command} {model} --data PATH." in message
    assert "trained on drawn, not on mnist" in refusal(capfd, "evaluate", model, "--data", "mnist")
    assert printed(capfd, "evaluate", model, "--data", str(place))["images"] == 6
