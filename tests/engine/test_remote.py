"""An engine that several apps share over a Unix socket. ONNX Runtime stands behind it, since it starts soonest."""

import contextlib
import os
import shutil
import signal
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import numpy as np
import pytest
from worker_process import gone, pid_of

from cae.data.sources import source
from cae.engine import stored_examples, wire
from cae.engine.client import Engine, EngineDied, EngineError, EngineRestarts, ModelUnavailable
from cae.engine.process import ENGINE
from cae.engine.remote import Remote, UnixConnection
from cae.engine.service import listening
from cae.model import onnx_graph, store

LONG = 120.0
"""Seconds to wait for a start on a busy machine."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that is shared, with one model."""
    root = tmp_path_factory.mktemp("shared") / "models"
    shutil.copytree(store.FOLDER / "mnist", root / "mnist", ignore=shutil.ignore_patterns(onnx_graph.FOLDER))
    onnx_graph.export(store.load("mnist", root))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "FOLDER", root)
        yield root


@contextlib.contextmanager
def served(path: Path, root: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(ENGINE, "onnx")
        with listening(path, root) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            assert server.process.wait(LONG) == "ready"
            yield
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("engine") / "socket"
    with served(path, root):
        yield path


@pytest.fixture
def app(path: Path, root: Path) -> Iterator[Callable[..., Engine]]:
    """Makes engines as apps have them."""
    made = []

    def make(socket: Path = path, patience: float | None = None) -> Engine:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv(ENGINE, f"unix://{socket}")
            made.append(Engine(root, patience=patience))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


def pictures(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, 28, 28), np.uint8)


def test_it_answers_as_an_engine_of_ones_own(app: Callable[..., Engine], root: Path):
    engine = app()
    assert engine.wait(LONG)
    assert "ONNX" in engine.device
    found = engine.run("mnist", source("mnist").examples.images())
    expected = stored_examples.read(store.load("mnist", root)).results.values()
    np.testing.assert_allclose(found.latent, np.concatenate([each.latent for each in expected]), atol=1e-4)
    assert np.abs(found.denoised.astype(int) - np.concatenate([each.denoised for each in expected])).max() <= 1
    np.testing.assert_allclose(engine.encode("mnist", source("mnist").examples.images()), found.latent, atol=1e-5)
    assert np.abs(engine.decode("mnist", found.latent).astype(int) - found.reconstruction).max() <= 1
    assert engine.background().run("mnist", pictures(20)).latent.shape == (20, 7, 7, 1)
    with pytest.raises(ModelUnavailable, match="There is no trained model 'clouds'; there are: mnist"):
        engine.run("clouds", pictures(1))
    engine.close()
    assert engine.status == "failed"
    with pytest.raises(EngineError, match="shut down"):
        engine.run("mnist", pictures(1))


def test_requests_of_several_apps_are_answered_together(app: Callable[..., Engine], root: Path):
    apps = [app(), app()]
    alone = [apps[0].run("mnist", pictures(1, seed)).latent for seed in range(24)]
    pid = pid_of(root)
    os.kill(pid, signal.SIGSTOP)
    with ThreadPoolExecutor(25) as threads:
        first = threads.submit(apps[0].encode, "mnist", pictures(1))  # under way when the others come
        waiting = [threads.submit(apps[seed % 2].run, "mnist", pictures(1, seed)) for seed in range(24)]
        sleep(0.5)
        os.kill(pid, signal.SIGCONT)
        found = [each.result(LONG) for each in waiting]
        first.result(LONG)
    for result, latent in zip(found, alone, strict=True):
        np.testing.assert_allclose(result.latent, latent, atol=1e-4)
    assert len({result.milliseconds for result in found}) <= 12


def test_the_network_is_killed(app: Callable[..., Engine], root: Path):
    """Whoever is impatient is told, whoever is patient is answered."""
    patient, impatient = app(), app(patience=0.05)
    before, pid = patient.run("mnist", pictures(1)).latent, pid_of(root)
    os.kill(pid, signal.SIGSTOP)  # so that the request is under way for certain
    killer = threading.Timer(0.3, os.kill, (pid, signal.SIGKILL))
    killer.start()
    with pytest.raises(EngineRestarts, match="starting again"):
        impatient.run("mnist", pictures(1))
    np.testing.assert_allclose(patient.run("mnist", pictures(1)).latent, before, atol=1e-6)
    assert gone(pid)
    killer.join()


def test_the_whole_engine_ends_and_another_starts(app: Callable[..., Engine], root: Path, tmp_path: Path):
    path = tmp_path / "socket"
    patient, impatient = app(path), app(path, patience=0.05)
    assert patient.status == "starting"
    with served(path, root):
        before = patient.run("mnist", pictures(1)).latent
        assert impatient.wait(LONG)
    with pytest.raises(EngineRestarts, match="starting again"):
        impatient.run("mnist", pictures(1))
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(patient.run, "mnist", pictures(1))
        with served(path, root):
            np.testing.assert_allclose(waiting.result(LONG).latent, before, atol=1e-6)


def test_whatever_breaks_the_connection_twice_is_refused(tmp_path: Path):
    """So that a request which kills one engine after the other does not come again and again."""
    request = wire.request("encode", {"network": "mnist"}, wire.pack([np.zeros((1, 28, 28, 1), np.float32)]))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()

        def hang_up() -> None:
            with contextlib.suppress(OSError):  # the listener is closed
                while True:
                    listener.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        remote = Remote(f"unix://{tmp_path}/socket")
        with pytest.raises(EngineDied, match="ended twice"):
            remote.ask(request)
        remote.close()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


NONE = np.zeros((1, 28, 28, 1), np.float32)


@pytest.mark.parametrize(
    ("target", "body", "status"),
    [
        ("/encode?network=mnist", b"", 400),
        ("/encode?network=mnist", b"no arrays", 400),
        ("/encode?network=mnist", wire.pack([NONE, NONE]), 400),
        ("/encode?network=mnist", wire.pack([NONE * np.nan]), 400),
        ("/encode?network=mnist", wire.pack([NONE[:, :27]]), 400),
        ("/decode?network=mnist", wire.pack([np.zeros((90, 28, 28, 1), np.float32)]), 400),
        ("/encode?network=mnist", bytes(wire.LARGEST + 1), 400),
        ("/encode?network=mnist&limit=1e9", wire.pack([NONE]), 400),
        ("/encode?network=mnist&limit=soon", wire.pack([NONE]), 400),
        ("/delete?network=mnist", wire.pack([NONE]), 400),
        ("/encode?network=../mnist", wire.pack([NONE]), 404),
        ("/encode", wire.pack([NONE]), 404),
        ("/encode?network=mnist", wire.pack([NONE]), 200),
    ],
)
def test_what_comes_over_the_socket_is_checked(path: Path, target: str, body: bytes, status: int):
    connection = UnixConnection(str(path))
    with contextlib.suppress(BrokenPipeError):  # it is told before all is sent
        connection.request("POST", target, body)
    response = connection.getresponse()
    assert response.status == status
    assert bool(response.headers["Error"]) == (status != 200)
    assert response.read()
    connection.close()


def test_the_socket_is_its_users_alone(path: Path, root: Path, tmp_path: Path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(EngineError, match=r"listens at .* already"), listening(path, root):
        pass
    (tmp_path / "file").write_text("mine")
    with pytest.raises(EngineError, match="No socket can be made"), listening(tmp_path / "file", root):
        pass
    assert (tmp_path / "file").read_text() == "mine"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(str(tmp_path / "left"))  # as by an engine that was killed
    with listening(tmp_path / "left", root):
        assert (tmp_path / "left").is_socket()
    assert not (tmp_path / "left").exists()


@pytest.mark.parametrize("address", ["unix://", "http://localhost", "ray://", "tcp://x:1"])
def test_no_address(address: str):
    with pytest.raises(EngineError, match="no address of an engine"):
        Remote(address)
