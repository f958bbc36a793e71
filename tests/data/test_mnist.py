"""The published data sets are accepted, anything else is refused in one sentence."""

import os
import socket
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from places import ROOT

from cae.data.mnist import FASHION_MNIST, MNIST
from cae.data.source import DatasetError
from cae.data.sources import source
from cae.imaging.pixels import as_network_input


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("CAE_DATA_DIR", str(tmp_path))
    return tmp_path


def refusal() -> str:
    with pytest.raises(DatasetError) as caught:
        MNIST.read()
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("name", [MNIST.name, FASHION_MNIST.name])
def test_real_data(data_folder, name):
    assert (data_folder / f"{name}.npz").exists()
    data = source(name)
    images, training, held_out = data.dataset.x_train, data.training_images(), data.held_out_images()
    assert training.shape == (data.training_count, 28, 28) == (55_000, 28, 28)
    assert np.array_equal(held_out, images[11::12])
    assert np.array_equal(training[11:22], images[12:23]), "a held-out image is not trained on"
    assert data.test_pictures().shape == (10_000, 28, 28)
    assert np.array_equal(data.validation_images(), data.test_pictures()[:2_000])
    assert len(data.dataset.classes) == 10


def test_network_input():
    images = np.arange(2 * 28 * 28, dtype=np.uint8).reshape(2, 28, 28)
    x = as_network_input(images)
    assert (x.shape, x.dtype, x.min(), x.max()) == ((2, 28, 28, 1), np.float32, 0, 1)
    assert np.array_equal(np.rint(x[..., 0] * 255), images)


def test_missing_file(folder):
    assert str(folder / "mnist.npz") in refusal()


def test_no_folder_and_no_download(monkeypatch, tmp_path):
    monkeypatch.delenv("CAE_DATA_DIR", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(DatasetError, match="set CAE_DATA_DIR"):
        replace(MNIST, may_download=False).read()


def test_truncated_or_damaged_file(data_folder, folder):
    content = (data_folder / "mnist.npz").read_bytes()
    half = len(content) // 2
    damaged = content[:half] + bytes(byte ^ 255 for byte in content[half : half + 100]) + content[half + 100 :]
    for altered in (content[:half], content[:-1], damaged, b"", b"no archive"):
        (folder / "mnist.npz").write_bytes(altered)
        assert "fetch it again" in refusal()


def test_altered_pixel(mnist, folder):
    arrays = {key: getattr(mnist, key) for key in MNIST.checksums}
    arrays["x_test"] = arrays["x_test"].copy()
    arrays["x_test"][-1, 14, 14] ^= 1
    np.savez(folder / "mnist.npz", **arrays)
    assert "x_test of mnist" in refusal()


def test_other_numbers_of_the_same_bytes(mnist, folder):
    arrays = {key: getattr(mnist, key) for key in MNIST.checksums}
    np.savez(folder / "mnist.npz", **(arrays | {"y_train": arrays["y_train"].astype(np.float32)}))
    assert "y_train of mnist" in refusal()


@pytest.mark.parametrize("keys", [("x_train",), ("x_train", "y_train", "x_test", "y_test")])
def test_archive_of_something_else(folder, keys):
    np.savez(folder / "mnist.npz", **{key: np.zeros(3, np.uint8) for key in keys})
    assert "again" in refusal()


def test_a_header_that_declares_more_than_memory(folder):
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000000000, 28), }\n"
    with zipfile.ZipFile(folder / "mnist.npz", "w") as archive:
        archive.writestr("x_train.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    assert "fetch it again" in refusal()


def test_array_instead_of_archive(folder):
    with (folder / "mnist.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    assert "fetch it again" in refusal()


@pytest.mark.slow
def test_download_without_network(tmp_path):
    """Every proxy leads to a port of this machine on which nobody listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{closed.getsockname()[1]}"
        environment = {key: value for key, value in os.environ.items() if key not in ("CAE_DATA_DIR", "no_proxy")}
        environment |= {
            "http_proxy": proxy,
            "https_proxy": proxy,
            "NO_PROXY": "",
            "KERAS_HOME": str(tmp_path / "keras"),
        }
        run = subprocess.run(
            [sys.executable, "-m", "cae", "train", "mnist", "--output", str(tmp_path / "model")],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.count("\n") == 1
    assert "could not be downloaded" in run.stderr
    assert "CAE_DATA_DIR" in run.stderr
    assert not (tmp_path / "model").exists()
