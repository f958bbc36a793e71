"""The light engine beside Keras: the shipped models' stored examples were computed by Keras."""

import os
import shutil
import signal
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest
from worker_process import gone, pid_of

from cae.cli import export_onnx
from cae.cli.parser import parser
from cae.data.sources import source
from cae.engine import stored_examples
from cae.engine.client import Engine, ModelUnavailable
from cae.engine.process import ENGINE
from cae.model import onnx_graph, store


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shipped models; of photos there are no graphs yet."""
    root = tmp_path_factory.mktemp("light") / "models"
    for name in ("mnist", "photos"):
        shutil.copytree(store.FOLDER / name, root / name, ignore=shutil.ignore_patterns("snapshots", onnx_graph.FOLDER))
    export_onnx.run(parser().parse_args(["export-onnx", str(root / "mnist")]))
    return root


@pytest.fixture(scope="module")
def engine(root: Path):
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(ENGINE, "onnx")
        engine = Engine(root)
        engine.start()
        assert engine.wait(60)
    yield engine
    engine.close()


def test_it_answers_as_keras_does(engine: Engine, root: Path):
    stored = stored_examples.read(store.load("mnist", root)).results
    drawings = source("mnist").examples.images()
    found = engine.run("mnist", drawings)
    expected = list(stored.values())
    np.testing.assert_allclose(found.latent, np.concatenate([each.latent for each in expected]), atol=1e-4)
    for name in ("reconstruction", "denoised"):
        pictures = np.concatenate([getattr(each, name) for each in expected]).astype(int)
        assert np.abs(getattr(found, name) - pictures).max() <= 1, name


def test_all_operations_agree(engine: Engine):
    pictures = np.random.default_rng(0).integers(0, 256, (3, 32, 20), np.uint8)
    whole = engine.run("mnist", pictures)
    latents = engine.encode("mnist", pictures)
    np.testing.assert_allclose(latents, whole.latent, atol=1e-5)
    again = engine.redraw("mnist", latents)
    for found in (engine.decode("mnist", latents), again.reconstruction):
        assert np.abs(found.astype(int) - whole.reconstruction).max() <= 1
    assert np.abs(again.denoised.astype(int) - whole.denoised).max() <= 1
    assert engine.run("mnist/rate", pictures).denoised is None


def test_without_keras(engine: Engine, root: Path):
    maps = Path(f"/proc/{pid_of(root)}/maps").read_text()
    assert "onnxruntime" in maps
    assert "tensorflow" not in maps
    assert "ONNX" in engine.device


def test_a_model_without_graphs_of_its_weights_is_refused(engine: Engine, root: Path):
    pictures = np.zeros((1, 28, 28), np.uint8)
    with pytest.raises(ModelUnavailable, match=r"^The model photos has no ONNX graphs .* run `cae export-onnx`\.$"):
        engine.run("photos", pictures)
    shutil.copytree(root / "mnist", root / "anew")
    onnx_graph.export(store.load("anew", root))
    assert engine.run("anew", pictures).denoised is not None
    store.seal(root / "anew", {"README.md": "# trained anew\n"})
    with pytest.raises(ModelUnavailable, match="no ONNX graphs of its present weights"):
        engine.run("anew", pictures)
    onnx_graph.export(store.load("anew", root))
    assert engine.run("anew", pictures).denoised is not None
    assert len(list((root / "anew" / onnx_graph.FOLDER).iterdir())) == 4, "graphs of older weights are gone"


def test_graphs_are_no_part_of_the_model(root: Path, tmp_path: Path):
    folder = shutil.copytree(root / "mnist", tmp_path / "mnist")
    store.seal(folder)
    assert not any(onnx_graph.FOLDER in name for name in store.load("mnist", tmp_path).checksums)


def test_a_spare_takes_the_place_of_a_killed_process(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(ENGINE, "onnx")
    engine = Engine(shutil.copytree(root, tmp_path / "models"), spare_after=0.2)
    try:
        engine.start()
        assert engine.wait(60)
        for _ in range(3):
            first, spare = pair(engine)
            os.kill(first, signal.SIGKILL)
            assert engine.run("mnist", np.zeros((1, 28, 28), np.uint8)).denoised is not None
            assert pair(engine)[0] == spare
        spare = pair(engine)[1]
        os.kill(spare, signal.SIGKILL)
        os.kill(pair(engine)[0], signal.SIGKILL)
        assert engine.run("mnist", np.zeros((1, 28, 28), np.uint8)).denoised is not None, "without a spare, too"
        left = pair(engine)
    finally:
        engine.close()
    assert all(gone(pid) for pid in left)


def pair(engine: Engine) -> tuple[int, int]:
    """The process that answers, and its spare, as soon as there are both."""
    process, end = engine._process, monotonic() + 30
    while not ((child := process._child) and (spare := process._spare)):
        assert monotonic() < end
        sleep(0.02)
    return child.process.pid, spare.process.pid
