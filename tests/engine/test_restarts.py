"""The engine's process is late, killed or left alone. ONNX Runtime stands behind it here, since it starts soonest."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest
from places import ROOT
from worker_process import gone, pid_of

from cae.engine.client import Engine, EngineRestarts, EngineTimeout
from cae.engine.process import ENGINE
from cae.model import onnx_graph, store

pytestmark = pytest.mark.slow

LONG = 180.0
"""Seconds to wait for a start on a busy machine."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one model."""
    root = tmp_path_factory.mktemp("light") / "models"
    shutil.copytree(store.FOLDER / "mnist", root / "mnist", ignore=shutil.ignore_patterns(onnx_graph.FOLDER))
    onnx_graph.export(store.load("mnist", root))
    return root


@pytest.fixture(scope="module")
def engine(root: Path) -> Iterator[Engine]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(ENGINE, "onnx")
        engine = Engine(root)
        engine.start()
        assert engine.wait(LONG)
        yield engine
        engine.close()


def pictures(n: int, side: int = 28) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, side, side), np.uint8)


def test_a_child_killed_during_a_request_is_replaced(engine: Engine, root: Path) -> None:
    assert engine.wait(LONG)
    pid = pid_of(root)
    os.kill(pid, signal.SIGSTOP)  # so that the request is under way for certain
    killer = threading.Timer(0.5, os.kill, (pid, signal.SIGKILL))
    killer.start()
    assert engine.run("mnist", pictures(3)).latent.shape == (3, 7, 7, 1)
    assert pid_of(root) != pid
    killer.join()


@pytest.mark.parametrize("side", [28, 512], ids=["small", "larger than a pipe holds"])
def test_the_time_limit(engine: Engine, root: Path, monkeypatch: pytest.MonkeyPatch, side: int) -> None:
    """A request that is late is asked once more, in a new process; if it is late again, it is refused."""
    assert engine.wait(LONG)
    monkeypatch.setattr(engine, "time_limit", 0.5)
    first, ask = pid_of(root), engine._process.ask

    def ask_a_stopped_process(*message) -> tuple:
        assert engine.wait(LONG)
        os.kill(pid_of(root), signal.SIGSTOP)
        return ask(*message)

    monkeypatch.setattr(engine._process, "ask", ask_a_stopped_process)
    with pytest.raises(EngineTimeout, match=r"longer than 0.5 seconds"):
        engine.encode("mnist", pictures(1, side=side))
    monkeypatch.undo()
    assert gone(first)
    assert engine.wait(LONG)
    assert engine.run("mnist", pictures(1)).denoised is not None


@pytest.mark.parametrize("in_background", [False, True])
def test_whoever_is_impatient_is_told_of_a_restart(
    engine: Engine, root: Path, monkeypatch: pytest.MonkeyPatch, in_background: bool
) -> None:
    """And asks again; work in the background waits for its answer."""
    assert engine.wait(LONG)
    monkeypatch.setattr(engine, "patience", 0.05)
    asked, pid = engine.background() if in_background else engine, pid_of(root)
    before = engine.run("mnist", pictures(1)).latent
    os.kill(pid, signal.SIGSTOP)  # so that the request is under way for certain
    killer = threading.Timer(0.3, os.kill, (pid, signal.SIGKILL))
    killer.start()
    if not in_background:
        with pytest.raises(EngineRestarts, match="starting again"):
            asked.run("mnist", pictures(1))
        assert engine.wait(LONG)
    np.testing.assert_allclose(asked.run("mnist", pictures(1)).latent, before, atol=1e-6)
    killer.join()


def test_late_once(engine: Engine, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the new process gives the answer, and nobody need ask again."""
    assert engine.wait(LONG)
    before, pid = engine.run("mnist", pictures(1)).latent, pid_of(root)
    os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr(engine, "time_limit", 5.0)
    np.testing.assert_allclose(engine.run("mnist", pictures(1)).latent, before, atol=1e-6)
    assert gone(pid)
    assert pid_of(root) != pid


@pytest.mark.parametrize("until", ["starting", "ready"])
@pytest.mark.parametrize("end", ["killed", "at its end"])
def test_no_orphans(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: str, end: str) -> None:
    monkeypatch.setenv(ENGINE, "onnx")
    own = shutil.copytree(root, tmp_path / "models")
    code = f"""
import pathlib, cae.engine.client
engine = cae.engine.client.Engine(pathlib.Path({str(own)!r}))
engine.start()
{f"engine.wait({LONG})" if until == "ready" else ""}
print("started", flush=True)
input()
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout.readline() == "started\n"
        deadline = monotonic() + 20
        while not (child := pid_of(own)) and monotonic() < deadline:
            sleep(0.01)
        assert child
        if end == "killed":
            parent.kill()
        else:
            parent.stdin.write("\n")
            parent.stdin.flush()
        parent.wait(timeout=30)
        assert gone(child)
