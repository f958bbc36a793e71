"""Pictures of one's own go the whole way: trained, evaluated, given a codec, measured, compressed and opened again."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cae
from cae import CaeError
from cae.__main__ import main
from cae.cli import compress, decompress, fit_codec
from cae.cli import rate_distortion as rate_distortion_command
from cae.data import folders
from cae.engine.client import Engine
from cae.evaluation import rate_distortion, reports
from cae.imaging.examples import DIGITS
from cae.imaging.pixels import quantise, to_png
from cae.imaging.strokes import rasterise
from cae.model import store
from cae.training import codec as codec_fitting

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_engine")]


@pytest.fixture
def one_engine(monkeypatch) -> Iterator[None]:
    """All commands of a test ask the same process, whose start is tested elsewhere."""
    engines: dict[Path, Engine] = {}

    class Lasting(Engine):
        def close(self) -> None:
            """Go on."""

    def engine(root: Path, **options: float) -> Engine:
        if root not in engines:
            engines[root] = Lasting(root, **options)
        return engines[root]

    for command in (fit_codec, rate_distortion_command, compress, decompress):
        monkeypatch.setattr(command, "Engine", engine)
    yield
    for each in engines.values():
        Engine.close(each)


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


def test_the_whole_way(folder, tmp_path, monkeypatch, capfd, request):
    monkeypatch.setattr(codec_fitting, "MEASURED_VALUES", 30 * 49)
    for name, few in (("KLT_STEPS", (0.3, 1.0)), ("PCA_COMPONENTS", (10,)), ("PICTURE_QUALITIES", (10, 90))):
        monkeypatch.setattr(rate_distortion, name, few)
    model, root = str(tmp_path / store.RUNS / "drawn"), tmp_path / "pretrained"
    assert main(["train", str(folder), "--epochs", "6", "--batch-size", "4", "--output", model]) == 0

    request.getfixturevalue("without_graphs")
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


@pytest.mark.usefixtures("without_graphs")
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


def commands(message: str) -> list[list[str]]:
    """The commands that a message names, as a shell takes them apart."""
    found = re.findall(r"python -m cae (.*?)(?:, then |;|\.$| comes first| trains one)", message.strip())
    return [shlex.split(command) for command in found]


@pytest.mark.usefixtures("without_graphs")
def test_every_message_names_a_command_that_works(tmp_path, monkeypatch, capfd):
    """With as few pictures as training takes, in a folder with a space in its name, moved and renamed on the way."""
    monkeypatch.setattr(codec_fitting, "MEASURED_VALUES", 30 * 49)
    for name, few in (("KLT_STEPS", (0.3, 1.0)), ("PCA_COMPONENTS", (10,)), ("PICTURE_QUALITIES", (10, 90))):
        monkeypatch.setattr(rate_distortion, name, few)
    drawing = quantise(rasterise(DIGITS["3"]))[::5, ::5]
    images = np.stack([np.roll(drawing, shift, 1) for shift in range(folders.FEWEST)])
    data, model = tmp_path / "my pictures.npz", tmp_path / "my model"
    np.savez(data, x_train=images / 255, y_train=np.array(["a", "b"] * 10))

    (first,) = commands(refusal(capfd, "train-denoiser", str(data), "--output", str(model)))
    assert first == ["train", str(data), "--output", str(model)]
    assert main([*first, "--epochs", "1", "--batch-size", "4"]) == 0

    with pytest.raises(CaeError) as caught:
        cae.load(model).denoise(images[0])
    (denoise,) = commands(str(caught.value))
    assert denoise == ["train-denoiser", str(data), "--output", str(model)]

    picture, file = tmp_path / "a.png", str(tmp_path / "a.cae")
    picture.write_bytes(to_png(images[0]))
    (fit,) = commands(refusal(capfd, "compress", str(picture), "-o", file, "--model", str(model)))
    assert fit == ["fit-codec", str(model), "--data", str(data)]

    data = data.rename(tmp_path / "renamed.npz")
    (fit,) = commands(refusal(capfd, "compress", str(picture), "-o", file, "--model", str(model)))
    assert fit == ["fit-codec", str(model), "--data", "PATH"]
    (variant,) = commands(refusal(capfd, "train-rate", str(model)))
    assert variant == ["train-rate", str(model), "--data", "PATH"]
    capfd.readouterr()
    assert main([*variant[:-1], str(data), "--epochs", "1", "--batch-size", "4"]) == 0
    named = commands(capfd.readouterr().err.splitlines()[-1])
    assert [command[0] for command in named] == ["fit-codec", "rate-distortion"]
    assert main([*named[0][:-1], str(data), "--epochs", "1"]) == 0
    assert printed(capfd, *named[1][:-1], str(data))["images"] == 2
    assert printed(capfd, "evaluate", str(model), "--data", str(data))["images"] == 2
    assert main(["publish", str(model)]) == 0
    assert f"python -m cae train '{tmp_path / 'my pictures.npz'}' --epochs" in (model / "README.md").read_text()
    assert main(["compress", str(picture), "-o", file, "--model", str(model)]) == 0


@pytest.mark.usefixtures("without_graphs")
def test_stability_on_own_pictures(folder, capfd):
    """Is shown, and leaves the shipped figures as they are."""
    before = (store.FOLDER / reports.STABILITY).read_bytes()
    result = printed(capfd, "stability", "--seeds", "1", "--data", str(folder))
    assert (result["images"], len(result["runs"])) == (50, 2)
    assert (store.FOLDER / reports.STABILITY).read_bytes() == before
    assert "28×28 pixels, not on photos" in refusal(capfd, "stability", "--data", "photos")
