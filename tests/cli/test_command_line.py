"""Exit status 0 with a result, 2 with one plain line, and JSON that nothing else gets into."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT

from cae.__main__ import main
from cae.cli.parser import COMMANDS
from cae.data.mnist import PublishedImages
from cae.data.source import Dataset
from cae.model import store
from cae.training import keep
from cae.training.live import Order, Point, Recipe
from cae.training.room import Limits, Training


def refusal(capfd: pytest.CaptureFixture, *arguments: str) -> str:
    assert main(arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        ((), "COMMAND"),
        (("--nonsense",), "COMMAND"),
        (("paint",), "invalid choice"),
        (("info", "--nonsense"), "unrecognized arguments"),
        (("info", "two\nlines"), "unrecognized arguments"),
        (("info", "--js"), "unrecognized arguments"),
        (("train",), "MODEL"),
        (("train", "paintings"), "neither mnist nor fashion_mnist"),
        (("train-denoiser", "paintings"), "neither mnist nor fashion_mnist"),
        (("train", "mnist", "--epochs", "0"), "--epochs"),
        (("train", "mnist", "--epochs", "ten"), "'ten' is not a whole number from 1 to"),
        (("train", "mnist", "--epochs", "1.5"), "--epochs"),
        (("train", "mnist", "--batch-size", "-4"), "--batch-size"),
        (("train", "mnist", "--learning-rate", "0"), "'0' is no learning rate above 0"),
        (("train", "mnist", "--weight-decay", "2"), "'2' is no weight decay from 0 to 1"),
        (("train", "mnist", "--varied", "1.5"), "'1.5' is no share from 0 to 1"),
        (("train-denoiser", "mnist", "--varied", "0.5"), "--varied"),
        (("train-denoiser", "mnist", "--learning-rate", "nan"), "'nan' is no learning rate"),
        (("train", "mnist", "--seed", "-1"), "--seed"),
        (("train", "mnist", "--seed", "9" * 5000), "--seed"),
        (("train", "mnist", "--limit", "60001"), "from 1 to 60000"),
        (("train", "mnist", "--limit", "0"), "--limit"),
        (("train", "mnist", "--output"), "expected one argument"),
        (("train", "mnist", "--output", "a@b"), "cannot be a model's name"),
        (("train", "mnist", "--output", ".hidden"), "cannot be a model's name"),
        (("train", "mnist", "--output", "/"), "cannot be a model's name"),
        (("evaluate",), "MODEL"),
        (("evaluate", "nobody"), "no trained model 'nobody'"),
        (("evaluate", "/"), "no trained model"),
        (("publish", "/nowhere/at/all"), "no trained model"),
        (("compress", "a.png"), "-o/--output"),
        (("compress", "a.png", "-o", "a.cae", "--quality", "0"), "from 1 to 10"),
        (("compress", "/nowhere.png", "-o", "a.cae"), "/nowhere.png"),
        (("decompress", "/nowhere.cae", "-o", "a.png"), "/nowhere.cae"),
        (("decompress", "a.cae", "-o", "a.png", "--model", "nobody"), "no trained model 'nobody'"),
        (("rate-distortion", "nobody"), "no trained model 'nobody'"),
        (("map", "nobody"), "no trained model 'nobody'"),
        (("map", "photos"), "a map is of 28×28 images"),
        (("rate-distortion", "mnist", "--limit", "10001"), "from 1 to 10000"),
        (("fit-codec", "nobody"), "no trained model 'nobody'"),
    ],
)
def test_bad_usage(capfd, arguments, phrase):
    assert phrase in refusal(capfd, *arguments)


def test_bad_backend(capfd, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "abacus")
    assert "KERAS_BACKEND" in refusal(capfd, "info")


def test_output_that_is_a_file(capfd, tmp_path, data_folder):
    assert data_folder.is_dir()
    (tmp_path / "file").write_text("")
    assert "file" in refusal(capfd, "train", "mnist", "--limit", "4", "--output", str(tmp_path / "file"))


def test_missing_data(capfd, tmp_path, monkeypatch):
    monkeypatch.setenv("CAE_DATA_DIR", str(tmp_path))
    assert "mnist.npz" in refusal(capfd, "train", "mnist", "--output", str(tmp_path / "m"))


def test_damaged_model(capfd, tmp_path):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / store.MANIFEST).write_text("{")
    assert "manifest" in refusal(capfd, "evaluate", str(tmp_path / "m"), "--json")


def test_help(capfd):
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert {line.split()[0] for line in out.splitlines() if line.startswith("    ")} >= set(COMMANDS)


def test_the_readme_lists_the_commands():
    text = (ROOT / "README.md").read_text("utf-8")
    assert set(re.findall(r"^python -m cae ([\w-]+)", text, re.MULTILINE)) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(command, capfd):
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    assert capfd.readouterr().out.startswith(f"usage: python -m cae {command} [-h]")


def test_usage_errors_import_no_keras():
    """Whichever the command: each reads its own arguments before it imports what its work needs."""
    code = """
import sys
from pathlib import Path
from cae.__main__ import main
from cae.cli.parser import COMMANDS
print({main([command, "--nonsense"]) for command in COMMANDS} | {main(["train", "paintings"])}, "keras" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout == "{2} False\n", run.stderr


@pytest.mark.slow
def test_info_json(capfd):
    assert main(["info", "--json"]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    info = json.loads(out)
    assert info["parameters"] == {"encoder": 98_601, "decoder": 99_689, "total": 198_290}
    assert [layer["index"] for layer in info["layers"]] == list(range(1, 21))
    assert sum(layer["parameters"] for layer in info["layers"]) == 198_290
    assert info["layers"][0] == {
        "index": 1,
        "name": "encoder_01_conv",
        "kind": "conv",
        "kernel": [3, 3],
        "activation": "relu",
        "output": [28, 28, 128],
        "parameters": 1_280,
    }
    assert [layer["kind"] for layer in info["layers"]].count("pool") == 2
    assert [layer["kind"] for layer in info["layers"]].count("upsample") == 2
    assert info["backend"] == os.environ["KERAS_BACKEND"]
    assert {"python", "numpy", "keras", info["backend"]} == set(info["versions"])
    assert info["precision"] in ("float32", "mixed_bfloat16")
    assert info["device"]
    assert [model["name"] for model in info["pretrained"]] == store.names()


def test_info_leaves_out_a_broken_model_and_says_so(tmp_path):
    """In a copy of the program, with its own models."""
    for name in ("cae", "pretrained"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "training", "logs"))
    (tmp_path / "pretrained" / "fashion_mnist" / "history.json").write_text("{}")
    run = subprocess.run(
        [sys.executable, "-m", "cae", "info", "--json"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert [model["name"] for model in json.loads(run.stdout)["pretrained"]] == ["mnist", "photos"]
    sentence = "The file history.json of the model fashion_mnist was altered: restore its folder."
    assert run.stderr == f"A model is left out. {sentence}\n"


def test_info_for_people(capfd):
    assert main(["info"]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    for phrase in ("98,601", "99,689", "198,290", "28×28×128", "encoder_01_conv", "Device:", "Versions:"):
        assert phrase in out


def test_evaluate(trained, mnist, monkeypatch, tmp_path, capfd):
    few = Dataset(mnist.x_train[:500], mnist.y_train[:500], mnist.x_test[:20], mnist.y_test[:20], mnist.classes)
    monkeypatch.setattr(PublishedImages, "read", lambda _: few)
    folder = shutil.copytree(trained, tmp_path / "mnist")
    capfd.readouterr()
    assert main(["evaluate", str(folder), "--json"]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    result = json.loads(out)
    assert (result["model"], result["images"], result["epochs"]) == ("mnist", 20, 4)
    assert main(["evaluate", str(folder)]) == 0
    assert f"{result['reconstruction']['mse']:.5f}" in capfd.readouterr().out
    assert json.loads(store.load("mnist", tmp_path).read("evaluation.json")) == result


@pytest.mark.parametrize(
    ("command", "phrase"),
    [
        (("evaluate", "{}"), "on drawings that are not kept; name pictures to take in their place: "),
        (("fit-codec", "{}"), "on drawings that are not kept; name pictures to take in their place: "),
        (("publish", "{}"), "this needs a model that `cae train` has trained."),
        (("train-denoiser", "mnist", "--output", "{}"), "this needs a model that `cae train` has trained."),
    ],
)
def test_what_cannot_be_done_with_a_visitors_model_is_a_sentence(tmp_path, capfd, monkeypatch, mnist, command, phrase):
    monkeypatch.setattr(PublishedImages, "read", lambda _: mnist)
    training = Training(Order(Recipe(widest=16)), Limits())
    training.points = [Point(0, 50, 0.1, 0.1, False, 0.1), Point(50, 50, 0.1, 0.1, False, 0.1)]
    history = json.dumps({"autoencoder": keep._record(training, training.points)})
    store.seal(tmp_path / "visitor-1", {"history.json": history})
    assert phrase in refusal(capfd, *(part.format(tmp_path / "visitor-1") for part in command))


def test_card(trained, tmp_path):
    folder = tmp_path / "mnist"
    files = {name: (trained / name).read_bytes() for name in ("encoder.safetensors", "decoder.safetensors")}
    record = json.loads((trained / "history.json").read_text())["autoencoder"]
    restart = {"seed": 9, "epoch": 2, "val_loss": 0.1, "pixel_variance": 0.1}
    changes = {"epochs_planned": 6, "restarts": [restart], "images": 60_000, "seed": 9, "seed_used": 10}
    store.seal(folder, {**files, "history.json": store.history_file(folder, "autoencoder", record | changes)})
    assert main(["publish", str(folder)]) == 0
    card = store.load("mnist", tmp_path).read("README.md").decode()
    assert "**Not finished:** 4 of 6 planned epochs" in card
    assert "run with seed 9 had collapsed in epoch 2" in card
    assert "--limit" not in card
    assert "enoiser" not in card


@pytest.mark.parametrize(("module", "phrase"), [("train", "--resume goes on"), ("info", "Stopped.")])
def test_interrupt(module, phrase, monkeypatch, capfd):
    import importlib

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(importlib.import_module(f"cae.cli.{module}"), "run", interrupt)
    assert main([module, "mnist"] if module == "train" else [module]) == 130
    err = capfd.readouterr().err
    assert phrase in err
    assert err.count("\n") == 1


def test_full_standard_output(monkeypatch, capfd):
    with Path("/dev/full").open("w", buffering=1) as full, Path(os.devnull).open("w") as nowhere:
        monkeypatch.setattr(sys, "stdout", full)
        assert main(["info"]) == 2
        monkeypatch.undo()
        os.dup2(nowhere.fileno(), full.fileno())  # for what is still to be written
    sentence = "There is no room for the output: make some, or name another place."
    assert capfd.readouterr().err.splitlines() == [sentence]


@pytest.mark.slow
def test_closed_pipe():
    run = subprocess.run(
        f"{sys.executable} -m cae info | head -n 1", shell=True, cwd=ROOT, capture_output=True, text=True
    )
    assert run.stderr == ""
