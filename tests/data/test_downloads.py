"""A data set arrives in Keras' cache whole and checked or not at all; a local server is the network."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from data_server import ARRAYS

from cae.data.mnist import FASHION_MNIST, MNIST, PublishedImages
from cae.data.source import DatasetError
from cae.progress import Stopped

BOTH = pytest.mark.parametrize("source", [MNIST, FASHION_MNIST], ids=lambda source: source.name)


def refusal(source: PublishedImages) -> str:
    with pytest.raises(DatasetError) as caught:
        source.download()
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert "CAE_DATA_DIR" in message
    return message


def cached(tmp_path: Path) -> list[str]:
    """All that is in the cache, half-arrived files included."""
    return sorted(path.relative_to(tmp_path / "datasets").as_posix() for path in tmp_path.rglob("*") if path.is_file())


@BOTH
def test_download_is_whole_counted_and_kept(data_server, tmp_path, source):
    steps = []
    source.download(steps.append)
    dataset = source.read()
    for key, array in ARRAYS.items():
        assert np.array_equal(getattr(dataset, key), array)
    assert sum(steps) == source.download_size
    assert cached(tmp_path) == sorted(source.files)
    asked = len(data_server.asked)
    assert np.array_equal(source.read().x_test, ARRAYS["x_test"])
    assert np.array_equal(replace(source, may_download=False).read().y_train, ARRAYS["y_train"])
    assert len(data_server.asked) == asked, "what is in the cache is not asked for again"


@pytest.mark.usefixtures("data_server")
@pytest.mark.slow
def test_keras_finds_what_we_downloaded(monkeypatch):
    """Its loaders read our files; they would fail on any attempt to download."""
    for source in (MNIST, FASHION_MNIST):
        source.download()
    code = (
        "import keras, keras.src.datasets.mnist as m, numpy as np\n"
        "get = m.get_file; m.get_file = lambda *a, file_hash=None, **k: get(*a, **k)\n"  # noise has another hash
        "for source in (keras.datasets.mnist, keras.datasets.fashion_mnist):\n"
        "    (x, _), _ = source.load_data()\n"
        "    print(x.shape, int(x.sum()))"
    )
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("KERAS_BACKEND", "numpy")  # whose import takes half the time
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.splitlines()[-2:] == [f"(30, 28, 28) {ARRAYS['x_train'].sum()}"] * 2, run.stderr


def test_offline(data_server, tmp_path):
    data_server.shutdown()
    data_server.server_close()
    assert "could not be downloaded" in refusal(MNIST)
    assert cached(tmp_path) == []


def test_no_such_file(data_server, tmp_path):
    del data_server.files["t10k-labels-idx1-ubyte.gz"]
    assert "could not be downloaded (status 404)" in refusal(FASHION_MNIST)
    assert cached(tmp_path) == [], "three of four files are no data set"


def test_connection_cut_in_the_middle(data_server, tmp_path):
    content = data_server.files["mnist.npz"]
    data_server.promised["mnist.npz"] = len(content)
    data_server.files["mnist.npz"] = content[: len(content) // 2]
    message = refusal(MNIST)
    assert f"{len(content) // 2:,} of {len(content):,} bytes" in message
    assert cached(tmp_path) == []


def test_something_longer_is_not_read_to_its_end(data_server, tmp_path):
    data_server.files["mnist.npz"] += b"x" * 10_000_000
    steps = []
    with pytest.raises(DatasetError, match="more than"):
        MNIST.download(steps.append)
    assert sum(steps) <= MNIST.download_size
    assert cached(tmp_path) == []


@pytest.mark.usefixtures("data_server")
def test_a_download_is_stopped_by_whoever_counts_its_bytes(tmp_path):
    def stop(_: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        FASHION_MNIST.download(stop)
    assert cached(tmp_path) == []


@BOTH
def test_altered_content_is_refused(data_server, tmp_path, source):
    for file, content in data_server.files.items():
        half = len(content) // 2
        data_server.files[file] = (
            content[:half] + bytes(byte ^ 255 for byte in content[half : half + 9]) + content[half + 9 :]
        )
    assert "is not the published data set" in refusal(source)
    assert cached(tmp_path) == []


@BOTH
@pytest.mark.usefixtures("data_server")
def test_damaged_cache_is_refused_and_fetched_anew(tmp_path, source):
    source.download()
    for path in source.files:
        file = tmp_path / "datasets" / path
        file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(DatasetError, match="fetch it again"):
        replace(source, may_download=False).read()
    assert np.array_equal(source.read().x_train, ARRAYS["x_train"])
    assert np.array_equal(replace(source, may_download=False).read().x_train, ARRAYS["x_train"])


def test_cache_that_cannot_be_written(data_server, tmp_path):
    (tmp_path / "datasets").write_text("in the way")
    assert "could not be downloaded" in refusal(MNIST)
    assert data_server.asked == []
