"""What several tests need: the real data where they are, and a model trained on a handful of images."""

import fcntl
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from data_server import ARRAYS, Server
from places import ROOT
from short_training import SHORT_TRAINING

from cae.data import downloads
from cae.data.mnist import FASHION_MNIST, MNIST, idx_md5
from cae.data.source import Dataset

SHARED_DATA = ROOT.parent / "shared" / "data"
if SHARED_DATA.is_dir():
    os.environ.setdefault("CAE_DATA_DIR", str(SHARED_DATA))
os.environ.setdefault("CAE_SPARE", "0")  # apps in the tests, most of which live longer than it takes to get one
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
for threads in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")  # the workers share the cores among them


def pytest_configure(config: pytest.Config) -> None:
    """Warnings are errors, but for one that Keras gives rise to with NumPy 2, and one about `without_graphs`.

    No example of a property has to be done in a given time, however busy the machine is.
    """
    hypothesis.settings.register_profile("any time", deadline=None)
    hypothesis.settings.load_profile("any time")
    config.addinivalue_line("filterwarnings", "ignore:__array__ implementation:DeprecationWarning")
    config.addinivalue_line("filterwarnings", "ignore:Even though the `tf.config:UserWarning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts an engine, a training or a browser is slow; other slow tests carry the mark themselves."""
    for item in items:
        if {"engine", "trained", "browser"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder with the real data; skips where there is none."""
    folder = os.environ.get("CAE_DATA_DIR")
    if not folder:
        pytest.skip("the data sets are not here: set CAE_DATA_DIR")
    return Path(folder)


@pytest.fixture(scope="session")
def shared_cases() -> Path:
    """The folder of small inputs that went wrong, which lies beside the real data; skips where there is none."""
    folder = Path(os.environ.get("CAE_DATA_DIR", ".")).parent / "cases"
    if not folder.is_dir():
        pytest.skip("there is no folder of cases beside the data sets")
    return folder


@pytest.fixture(scope="session")
def mnist(data_folder) -> Dataset:
    """The real MNIST, its checksums accepted."""
    assert (data_folder / "mnist.npz").exists()
    return MNIST.read()


@pytest.fixture
def data_server(monkeypatch, tmp_path) -> Iterator[Server]:
    """The only network there is for data sets, and an empty cache: in `tmp_path`."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.delenv("CAE_DATA_DIR", raising=False)
        monkeypatch.setenv("KERAS_HOME", str(tmp_path))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr(downloads, "SOURCE", f"http://127.0.0.1:{server.server_port}/data/")
        for source in (MNIST, FASHION_MNIST):
            for path in source.files:
                monkeypatch.setitem(source.files, path, len(server.files[Path(path).name]))
            for key, array in ARRAYS.items():
                monkeypatch.setitem(source.checksums, key, idx_md5(array))
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def without_graphs() -> Iterator[None]:
    """Keras computes step by step: to build a graph takes longer than the few steps of a short training."""
    import keras

    if keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Callable[..., Path]]:
    """Mounts a file system of so many kilobytes, with the options of `mount`, or changes its size; root alone may."""
    folder = tmp_path / "disk"

    def mount(kilobytes: int, *options: str) -> Path:
        how = ["remount"] if folder.exists() else []
        folder.mkdir(exist_ok=True)
        chosen = ",".join([*how, f"size={kilobytes}k", *options])
        run = subprocess.run(["mount", "-t", "tmpfs", "-o", chosen, "tmpfs", str(folder)], capture_output=True)
        if run.returncode:
            folder.rmdir()
            pytest.skip("a file system can be mounted by root alone")
        return folder

    yield mount
    if folder.exists():
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="session")
def engine():
    """The app's engine, running: one for all tests of a worker."""
    from cae.ui import resources

    engine = resources.engine()
    assert engine.wait(120)
    yield engine
    resources.close_engine()


@pytest.fixture(scope="session")
def trained(data_folder, tmp_path_factory) -> Path:
    """A model folder as the command line leaves it after a short training of autoencoder and denoiser. Read only.

    The first of the worker processes that needs it trains it for all.
    """
    from cae.__main__ import main

    assert data_folder
    root = tmp_path_factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    folder, finished = root / "trained" / "mnist", root / "trained.finished"
    with (root / "trained.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            assert main(["train", "mnist", *SHORT_TRAINING, "--output", str(folder)]) == 0
            assert main(["train-denoiser", "mnist", *SHORT_TRAINING, "--epochs", "2", "--output", str(folder)]) == 0
            finished.touch()
    return folder
