"""A training can be killed and resumed, refuses to mix with another, and notices when the network has collapsed."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from places import ROOT
from short_training import SHORT_TRAINING
from small_network import small_autoencoder

from cae.__main__ import main
from cae.model import store
from cae.training import autoencoder as training
from cae.training.autoencoder import AUTOENCODER, is_collapsed, train
from cae.training.loop import Settings, TrainingError

pytestmark = pytest.mark.slow

# The command line, which kills itself in the moment after an epoch's state is written and before its weights are.
KILLED = """
import os, signal, sys
from cae.__main__ import main
from cae.model import store

write_state = store.write_state

def write_state_and_die(folder, part, state):
    write_state(folder, part, state)
    if len(state.record["epochs"]) == {epoch}:
        os.kill(os.getpid(), signal.SIGKILL)

store.write_state = write_state_and_die
sys.exit(main(sys.argv[1:]))
"""


def run_and_kill(epoch: int, *arguments: str) -> None:
    code = KILLED.format(epoch=epoch)
    child = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True)
    assert child.returncode == -signal.SIGKILL


def history(folder: Path) -> dict:
    return json.loads((folder / "history.json").read_text())


def losses(record: dict) -> np.ndarray:
    return np.array([[epoch["epoch"], epoch["loss"], epoch["val_loss"]] for epoch in record["epochs"]])


def one_line(capfd: pytest.CaptureFixture) -> str:
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.endswith("\n")
    return err


def test_history(trained):
    record = history(trained)[AUTOENCODER]
    assert losses(record)[:, 0].tolist() == [1, 2, 3, 4]
    assert record["epochs"][-1]["loss"] < record["epochs"][0]["loss"]
    assert (record["epochs_planned"], record["batch_size"], record["seed"], record["images"]) == (4, 4, 0, 64)
    assert (record["seed_used"], record["restarts"], record["data_set"]) == (0, [], "mnist")
    assert record["backend"] == keras.backend.backend()
    assert {"epoch", "loss", "val_loss", "seconds", "images_per_second"} == set(record["epochs"][0])


def test_snapshots(trained):
    model = store.load(trained.name, trained.parent)
    assert model.snapshot_epochs == [0, 1, 2, 3, 4]
    start, weights = model.read_tensors(store.snapshot_name(0)), model.weights("encoder", "decoder")
    assert {array.dtype for array in start.values()} == {np.dtype(np.float16)}
    assert {name: array.shape for name, array in start.items()} == {name: x.shape for name, x in weights.items()}
    assert {array.dtype for array in weights.values()} == {np.dtype(np.float32)}


def test_epochs_whose_weights_are_kept(tmp_path):
    run = training._Run(tmp_path, AUTOENCODER, Settings(epochs=70), small_autoencoder)
    kept = [epoch for epoch in range(71) if run.snapshot(epoch, {"weights": np.zeros(1)})]
    assert kept == [0, 1, 2, 3, 5, 8, 12, 16, 20, 40, 60, 70]


def test_denoiser(trained):
    record = history(trained)["denoiser"]
    assert losses(record)[:, 0].tolist() == [1, 2]
    assert record["peak_learning_rate"] == training.DENOISER_PEAK_LEARNING_RATE
    model = store.load(trained.name, trained.parent)
    denoiser, autoencoder = model.weights("denoiser"), model.weights("encoder", "decoder")
    assert set(denoiser) == set(autoencoder)
    assert not np.array_equal(denoiser["encoder_01_conv/kernel"], autoencoder["encoder_01_conv/kernel"])


def test_model_card(trained):
    card = (trained / "README.md").read_text()
    for phrase in (
        "20 layers",
        "198,290 parameters",
        "CC BY-SA 3.0",
        "python -m cae train mnist --epochs 4 --batch-size 4 --seed 0 --learning-rate 0.012 --limit 64",
        "python -m cae train-denoiser mnist --epochs 2",
        "4 of 4 planned",
        f"{history(trained)[AUTOENCODER]['epochs'][-1]['val_loss']:.5f}",
        "for 100 epochs, this one had 2",
    ):
        assert phrase in card
    assert "Not finished" not in card
    store.load(trained.name, trained.parent).read("README.md")


def test_killed_and_resumed(trained, tmp_path, capfd):
    """The same epochs and losses as without the kill; until then other settings, and none, are refused."""
    folder = tmp_path / "mnist"
    arguments = ["train", "mnist", *SHORT_TRAINING, "--output", str(folder)]
    run_and_kill(2, *arguments)
    assert len(losses(history(folder)[AUTOENCODER])) == 1
    assert len(store.read_state(folder, AUTOENCODER).record["epochs"]) == 2
    capfd.readouterr()

    assert main(arguments) == 2
    assert "--resume" in one_line(capfd)
    for option, value, kept in (
        ("--epochs", "3", "4"),
        ("--batch-size", "8", "4"),
        ("--seed", "1", "0"),
        ("--weight-decay", "0.1", "0.0"),
        ("--varied", "0.5", "0.0"),
    ):
        assert main([*arguments, "--resume", option, value]) == 2
        assert f"{kept}, not {value}" in one_line(capfd)
    assert main(["train", "fashion_mnist", *arguments[2:], "--resume"]) == 2
    assert "mnist, not fashion_mnist" in one_line(capfd)

    assert main([*arguments, "--resume"]) == 0
    resumed, whole = history(folder)[AUTOENCODER], history(trained)[AUTOENCODER]
    np.testing.assert_allclose(losses(resumed), losses(whole), rtol=1e-4)
    assert store.load("mnist", tmp_path).snapshot_epochs == [0, 1, 2, 3, 4]
    before = losses(resumed)
    assert main([*arguments, "--resume"]) == 0  # a finished one has nothing left to do
    assert np.array_equal(losses(history(folder)[AUTOENCODER]), before)


def test_lengthened(trained, tmp_path):
    """More epochs than planned: the finished ones stay, and the learning rate goes on along the longer plan."""
    folder = tmp_path / "mnist"
    shutil.copytree(trained, folder)
    assert main(["train", "mnist", *SHORT_TRAINING, "--output", str(folder), "--resume", "--epochs", "6"]) == 0
    record, shorter = history(folder)[AUTOENCODER], history(trained)[AUTOENCODER]
    assert record["epochs"][:4] == shorter["epochs"]
    assert losses(record)[:, 0].tolist() == [1, 2, 3, 4, 5, 6]
    assert (record["epochs_planned"], record["lengthened"]) == (6, [{"epoch": 4, "epochs_planned": 4}])
    assert losses(record)[-1, 1] < losses(shorter)[-1, 1]
    card = (folder / "README.md").read_text()
    assert "train mnist --epochs 6" in card
    assert "After epoch 4, the plan grew from 4 epochs." in card


@pytest.mark.usefixtures("without_graphs")
def test_a_full_disk(trained, small_disk, capfd):
    """One sentence, the model as it was, nothing left behind; with more room the training goes on."""
    size = sum(path.stat().st_blocks // 2 for path in trained.rglob("*"))
    folder = small_disk(size + 600) / "mnist"
    shutil.copytree(trained, folder)
    command = ["train", "mnist", *SHORT_TRAINING, "--output", str(folder), "--resume", "--epochs", "5"]
    before = contents(folder)
    capfd.readouterr()
    assert main(command) == 2
    last = capfd.readouterr().err.splitlines()[-1]
    assert "cannot be written (No space left on device): make room or name another place. --resume goes on" in last
    after = contents(folder)
    assert {name: after[name] for name in before} == before
    assert not [name for name in after if name.endswith(".part")]
    store.load("mnist", folder.parent).check()
    small_disk(2 * size + 4_000)
    assert main(command) == 0
    assert len(history(folder)[AUTOENCODER]["epochs"]) == 5


def contents(folder: Path) -> dict[str, bytes]:
    """Of all files but TensorBoard's, by their paths."""
    files = (path for path in folder.rglob("*") if path.is_file() and "logs" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_published_model_is_left_alone(trained, tmp_path, capfd):
    """Unless told to go on, and to more epochs than it has had."""
    folder = tmp_path / "mnist"
    shutil.copytree(trained, folder, ignore=shutil.ignore_patterns("training", "logs"))
    before = contents(folder)
    for command, finished in (("train", 4), ("train-denoiser", 2)):
        arguments = [command, "mnist", *SHORT_TRAINING[:-1], "2", "--output", str(folder)]
        assert main(arguments) == 2
        assert "add --resume, or name another --output" in one_line(capfd)
        assert main([*arguments, "--resume"]) == 2
        assert f"name more --epochs than its {finished}" in one_line(capfd)
    assert main(["train", "fashion_mnist", *SHORT_TRAINING[:-1], "6", "--output", str(folder), "--resume"]) == 2
    assert "mnist, not fashion_mnist" in one_line(capfd)
    assert contents(folder) == before


def test_denoiser_needs_its_autoencoder(trained, tmp_path, capfd):
    assert main(["train-denoiser", "mnist", *SHORT_TRAINING, "--output", str(tmp_path / "none")]) == 2
    assert "no trained autoencoder" in one_line(capfd)
    assert main(["train-denoiser", "fashion_mnist", *SHORT_TRAINING, "--output", str(trained)]) == 2
    assert "trained on mnist" in one_line(capfd)


def pictures(count: int = 32) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 28, 28), np.uint8)


@pytest.mark.usefixtures("without_graphs")
def test_published_model_goes_on(tmp_path, monkeypatch):
    """With a fresh optimiser and other settings, which the record tells apart; an interruption changes nothing."""
    images, first = pictures(64), Settings(epochs=2, batch_size=16)
    later = Settings(epochs=5, batch_size=8, seed=1, varied=0.5)

    def train_on(name: str, settings: Settings, **options) -> dict:
        return train(
            images[: 4 * settings.batch_size], images, tmp_path / name, settings, build=small_autoencoder, **options
        )

    before = train_on("m", first)
    shutil.rmtree(tmp_path / "m" / "training")
    shutil.copytree(tmp_path / "m", tmp_path / "interrupted")
    record = train_on("m", later, resume=True)
    assert record["epochs"][:2] == before["epochs"]
    assert losses(record)[:, 0].tolist() == [1, 2, 3, 4, 5]
    assert losses(record)[-1, 1] < losses(before)[-1, 1]
    assert (record["epochs_planned"], record["batch_size"], record["images"]) == (5, 8, 32)
    (earlier,) = record["earlier"]
    assert earlier == {key: before[key] for key in earlier} | {"epochs": 2}
    assert (earlier["epochs_planned"], earlier["batch_size"], earlier["images"]) == (2, 16, 64)
    assert (earlier["varied"], record["varied"]) == (0.0, 0.5)

    def interrupt(folder: Path, name: str, content: bytes | str) -> None:
        write(folder, name, content)
        if len(store.read_state(folder, AUTOENCODER).record["epochs"]) == 4:
            raise KeyboardInterrupt

    write = store.write
    monkeypatch.setattr(store, "write", interrupt)
    with pytest.raises(KeyboardInterrupt):
        train_on("interrupted", later, resume=True)
    monkeypatch.undo()
    resumed = train_on("interrupted", later, resume=True)
    np.testing.assert_allclose(losses(resumed), losses(record), rtol=1e-4)
    assert resumed["earlier"] == record["earlier"]


def deadly(*seeds: int):
    """Networks of these seeds are dead: strongly negative biases before a ReLU silence the decoder."""

    def build(seed: int):
        encoder, decoder = small_autoencoder(seed)
        if seed in seeds:
            bias = decoder.get_layer("decoder_03_conv").bias
            bias.assign(np.full(bias.shape, -100, np.float32))
        return encoder, decoder

    return build


@pytest.mark.usefixtures("without_graphs")
def test_collapse_is_named_and_the_next_seed_tried(tmp_path, capfd):
    images = pictures()
    record = train(images, images, tmp_path / "m", Settings(epochs=1, batch_size=16, seed=5), build=deadly(5))
    assert record["seed_used"] == 6
    (restart,) = record["restarts"]
    assert (restart["seed"], restart["epoch"]) == (5, 1)
    assert restart["pixel_variance"] == pytest.approx(np.var(images / 255), rel=1e-5)
    assert "seed 5 has collapsed" in capfd.readouterr().err
    assert history(tmp_path / "m")[AUTOENCODER] == record


@pytest.mark.usefixtures("without_graphs")
def test_collapse_after_resuming_starts_the_next_seed_afresh(tmp_path):
    images, folder = pictures(), tmp_path / "m"
    train(images, images, folder, Settings(epochs=1, batch_size=16), build=small_autoencoder)
    state = store.read_state(folder, AUTOENCODER)
    state.arrays["decoder_03_conv/bias"][:] = -100
    store.write_state(folder, AUTOENCODER, store.State(state.arrays, state.record | {"epochs_planned": 2}))
    record = train(images, images, folder, Settings(epochs=2, batch_size=16), resume=True, build=small_autoencoder)
    assert [(restart["seed"], restart["epoch"]) for restart in record["restarts"]] == [(0, 2)]
    assert record["seed_used"] == 1
    assert [epoch["epoch"] for epoch in record["epochs"]] == [1, 2]


def without_numbers(*seeds: int):
    """Networks of these seeds have a weight that is not a number."""

    def build(seed: int):
        encoder, decoder = small_autoencoder(seed)
        if seed in seeds:
            bias = decoder.get_layer("decoder_03_conv").bias
            bias.assign(np.full(bias.shape, np.nan, np.float32))
        return encoder, decoder

    return build


@pytest.mark.usefixtures("without_graphs")
def test_a_training_that_diverges_is_given_up_and_the_next_seed_tried(tmp_path, capfd):
    images = pictures()
    record = train(images, images, tmp_path / "m", Settings(epochs=1, batch_size=16, seed=5), build=without_numbers(5))
    assert record["seed_used"] == 6
    (restart,) = record["restarts"]
    assert (restart["seed"], restart["epoch"], restart["val_loss"]) == (5, 1, None)
    assert "seed 5 has diverged" in capfd.readouterr().err
    json.dumps(history(tmp_path / "m"), allow_nan=False)
    weights = store.load("m", tmp_path).weights("encoder", "decoder")
    assert all(np.isfinite(array).all() for array in weights.values())


@pytest.mark.usefixtures("without_graphs")
def test_nothing_is_published_of_a_training_that_has_diverged(trained, tmp_path, monkeypatch):
    """Neither by the training, nor when it is resumed from a state that an older version has kept, nor afterwards."""
    monkeypatch.setattr(training, "RESTARTS", 1)
    images, folder = pictures(), tmp_path / "m"
    settings = Settings(epochs=1, batch_size=16)
    with pytest.raises(TrainingError, match="diverged, with the seeds 0, 1: try another"):
        train(images, images, tmp_path / "none", settings, build=without_numbers(0, 1))
    assert store.names(tmp_path) == []

    train(images, images, folder, settings, build=small_autoencoder)
    before = (folder / "decoder.safetensors").read_bytes()
    state = store.read_state(folder, AUTOENCODER)
    state.arrays["decoder_03_conv/bias"][:] = np.nan
    store.write_state(folder, AUTOENCODER, store.State(state.arrays, state.record | {"epochs_planned": 2}))
    with pytest.raises(TrainingError, match="has diverged"):
        train(images, images, folder, Settings(epochs=2, batch_size=16), resume=True, build=small_autoencoder)
    assert (folder / "decoder.safetensors").read_bytes() == before

    folder, files = tmp_path / "mnist", ("encoder.safetensors", "history.json")
    weights = store.load("mnist", trained.parent).weights("decoder")
    weights["decoder_02_conv/bias"][:] = np.nan
    content = {name: (trained / name).read_bytes() for name in files}
    store.seal(folder, {**content, "decoder.safetensors": store.weights_file(weights)})
    assert main(["publish", str(folder)]) == 2
    assert "examples.json" not in store.load("mnist", tmp_path).checksums


@pytest.mark.usefixtures("without_graphs")
def test_all_seeds_collapse(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "RESTARTS", 1)
    images = pictures()
    with pytest.raises(TrainingError, match="collapsed or diverged, with the seeds 0, 1: try another"):
        train(images, images, tmp_path / "m", Settings(epochs=1, batch_size=16), build=deadly(0, 1))
    assert store.names(tmp_path) == []


def test_what_counts_as_collapsed():
    rng = np.random.default_rng(0)
    targets = rng.random((64, 28, 28, 1))
    grey = np.full_like(targets, 0.3)
    picture = np.repeat(targets[:1], 64, axis=0)
    assert is_collapsed(grey, targets)
    assert is_collapsed(picture + 1e-6 * targets, targets)
    assert not is_collapsed(grey + 0.02 * targets, targets)
    assert not is_collapsed(grey, grey)
    assert is_collapsed(np.where(targets > 0.99, np.nan, targets), targets)


def test_keras_keeps_its_precision(trained):
    assert trained.exists()
    assert keras.mixed_precision.dtype_policy().name == "float32"
    assert os.environ["KERAS_BACKEND"] == keras.backend.backend()
