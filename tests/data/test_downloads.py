"""A data set arrives in Keras' cache whole and checked or not at all; a local server is the network."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from data_server import ARRAYS

from cae.data import downloads, mnist
from cae.data.mnist import DatasetError


def refusal(name: str) -> str:
    with pytest.raises(DatasetError) as caught:
        mnist.fetch(name)
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert "CAE_DATA_DIR" in message
    return message


def cached(tmp_path: Path) -> list[str]:
    """All that is in the cache, half-arrived files included."""
    return sorted(path.relative_to(tmp_path / "datasets").as_posix() for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", mnist.NAMES)
def test_download_is_whole_counted_and_kept(data_server, tmp_path, name):
    steps = []
    dataset = mnist.fetch(name, steps.append)
    for key, array in ARRAYS.items():
        assert np.array_equal(getattr(dataset, key), array)
    assert sum(steps) == downloads.size(name)
    assert cached(tmp_path) == sorted(downloads.FILES[name])
    asked = len(data_server.asked)
    assert np.array_equal(mnist.load(name).x_test, ARRAYS["x_test"])
    assert np.array_equal(mnist.load(name, download=False).y_train, ARRAYS["y_train"])
    assert len(data_server.asked) == asked, "what is in the cache is not asked for again"


@pytest.mark.parametrize("name", mnist.NAMES)
@pytest.mark.usefixtures("data_server")
def test_keras_finds_what_we_downloaded(name, monkeypatch):
    """Its loader reads our files; it would fail on any attempt to download."""
    mnist.fetch(name)
    code = (
        "import keras, keras.src.datasets.mnist as m, numpy as np\n"
        "get = m.get_file; m.get_file = lambda *a, file_hash=None, **k: get(*a, **k)\n"  # noise has another hash
        f"(x, _), _ = keras.datasets.{name}.load_data()\n"
        "print(x.shape, int(x.sum()))"
    )
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.split("\n")[-2] == f"(30, 28, 28) {ARRAYS['x_train'].sum()}", run.stderr


def test_offline(data_server, tmp_path):
    data_server.shutdown()
    data_server.server_close()
    assert "could not be downloaded" in refusal("mnist")
    assert cached(tmp_path) == []


def test_no_such_file(data_server, tmp_path):
    del data_server.files["t10k-labels-idx1-ubyte.gz"]
    assert "could not be downloaded (status 404)" in refusal("fashion_mnist")
    assert cached(tmp_path) == [], "three of four files are no data set"


def test_connection_cut_in_the_middle(data_server, tmp_path):
    content = data_server.files["mnist.npz"]
    data_server.promised["mnist.npz"] = len(content)
    data_server.files["mnist.npz"] = content[: len(content) // 2]
    message = refusal("mnist")
    assert f"{len(content) // 2:,} of {len(content):,} bytes" in message
    assert cached(tmp_path) == []


def test_something_longer_is_not_read_to_its_end(data_server, tmp_path):
    data_server.files["mnist.npz"] += b"x" * 10_000_000
    steps = []
    with pytest.raises(DatasetError, match="more than"):
        mnist.fetch("mnist", steps.append)
    assert sum(steps) == downloads.size("mnist") + 1
    assert cached(tmp_path) == []


@pytest.mark.parametrize("name", mnist.NAMES)
def test_altered_content_is_refused(data_server, tmp_path, name):
    for file, content in data_server.files.items():
        half = len(content) // 2
        data_server.files[file] = (
            content[:half] + bytes(byte ^ 255 for byte in content[half : half + 9]) + content[half + 9 :]
        )
    assert "is not the published data set" in refusal(name)
    assert cached(tmp_path) == []


@pytest.mark.parametrize("name", mnist.NAMES)
@pytest.mark.usefixtures("data_server")
def test_damaged_cache_is_refused_and_fetched_anew(tmp_path, name):
    mnist.fetch(name)
    for path in downloads.FILES[name]:
        file = tmp_path / "datasets" / path
        file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(DatasetError, match="fetch it again"):
        mnist.load(name, download=False)
    assert np.array_equal(mnist.load(name).x_train, ARRAYS["x_train"])
    assert np.array_equal(mnist.load(name, download=False).x_train, ARRAYS["x_train"])


def test_cache_that_cannot_be_written(data_server, tmp_path):
    (tmp_path / "datasets").write_text("in the way")
    assert "could not be downloaded" in refusal("mnist")
    assert data_server.asked == []
