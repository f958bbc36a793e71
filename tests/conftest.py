"""What several tests need: the real data where they are, and a model trained on a handful of images."""

import os
from pathlib import Path

import pytest
from short_training import SHORT_TRAINING

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
if SHARED_DATA.is_dir():
    os.environ.setdefault("CAE_DATA_DIR", str(SHARED_DATA))
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def pytest_configure(config: pytest.Config) -> None:
    """Warnings are errors, but for one that Keras gives rise to with NumPy 2."""
    config.addinivalue_line("filterwarnings", "ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder with the real data; skips where there is none."""
    folder = os.environ.get("CAE_DATA_DIR")
    if not folder:
        pytest.skip("the data sets are not here: set CAE_DATA_DIR")
    return Path(folder)


@pytest.fixture(scope="session")
def mnist(data_folder):
    """The real MNIST, its checksums accepted."""
    from cae import datasets

    assert (data_folder / "mnist.npz").exists()
    return datasets.load("mnist", download=False)


@pytest.fixture(scope="session")
def trained(data_folder, tmp_path_factory) -> Path:
    """A model folder as the command line leaves it after a short training of autoencoder and denoiser. Read only."""
    from cae.__main__ import main

    assert data_folder
    folder = tmp_path_factory.mktemp("trained") / "mnist"
    assert main(["train", "mnist", *SHORT_TRAINING, "--output", str(folder)]) == 0
    assert main(["train-denoiser", "mnist", *SHORT_TRAINING, "--epochs", "2", "--output", str(folder)]) == 0
    return folder
