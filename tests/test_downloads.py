"""A data set arrives in Keras' cache whole and checked or not at all; a local server is the network."""

import contextlib
import gzip
import io
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from cae import datasets, downloads
from cae.datasets import DatasetError

ARRAYS = {
    "x_train": np.random.default_rng(1).integers(0, 256, (30, 28, 28), np.uint8),
    "y_train": np.arange(30, dtype=np.uint8) % 10,
    "x_test": np.random.default_rng(2).integers(0, 256, (20, 28, 28), np.uint8),
    "y_test": np.arange(20, dtype=np.uint8) % 10,
}
"""Noise in place of the data sets."""


def idx(array: np.ndarray) -> bytes:
    return gzip.compress(struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes())


def archive() -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **ARRAYS)
    return file.getvalue()


class Server(ThreadingHTTPServer):
    """Serves `files` by name, cut or altered as a test wants it; remembers what was asked for."""

    daemon_threads = False  # its end waits for theirs

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        names = (Path(path).name for path in downloads.FILES["fashion_mnist"])
        self.files = {"mnist.npz": archive()} | dict(zip(names, map(idx, ARRAYS.values()), strict=True))
        self.promised: dict[str, int] = {}
        self.asked: list[str] = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[1]
        self.server.asked.append(name)
        content = self.server.files.get(name)
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(self.server.promised.get(name, len(content))))
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # whoever asked may have heard enough
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch, tmp_path) -> Iterator[Server]:
    """The only network there is, with an empty cache."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.delenv("CAE_DATA_DIR", raising=False)
        monkeypatch.setenv("KERAS_HOME", str(tmp_path))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr(downloads, "SOURCE", f"http://127.0.0.1:{server.server_port}/data/")
        sizes = {
            name: {path: len(server.files[Path(path).name]) for path in paths}
            for name, paths in downloads.FILES.items()
        }
        monkeypatch.setattr(downloads, "FILES", sizes)
        sums = {key: datasets.idx_md5(array) for key, array in ARRAYS.items()}
        monkeypatch.setattr(datasets, "CHECKSUMS", {"mnist": sums, "fashion_mnist": sums})
        yield server
        server.shutdown()
        thread.join()


def refusal(name: str) -> str:
    with pytest.raises(DatasetError) as caught:
        datasets.fetch(name)
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert "CAE_DATA_DIR" in message
    return message


def cached(tmp_path: Path) -> list[str]:
    """All that is in the cache, half-arrived files included."""
    return sorted(path.relative_to(tmp_path / "datasets").as_posix() for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", datasets.NAMES)
def test_download_is_whole_counted_and_kept(server, tmp_path, name):
    steps = []
    dataset = datasets.fetch(name, steps.append)
    for key, array in ARRAYS.items():
        assert np.array_equal(getattr(dataset, key), array)
    assert sum(steps) == downloads.size(name)
    assert cached(tmp_path) == sorted(downloads.FILES[name])
    asked = len(server.asked)
    assert np.array_equal(datasets.load(name).x_test, ARRAYS["x_test"])
    assert np.array_equal(datasets.load(name, download=False).y_train, ARRAYS["y_train"])
    assert len(server.asked) == asked, "what is in the cache is not asked for again"


@pytest.mark.parametrize("name", datasets.NAMES)
@pytest.mark.usefixtures("server")
def test_keras_finds_what_we_downloaded(name, monkeypatch):
    """Its loader reads our files; it would fail on any attempt to download."""
    datasets.fetch(name)
    code = (
        "import keras, keras.src.datasets.mnist as m, numpy as np\n"
        "get = m.get_file; m.get_file = lambda *a, file_hash=None, **k: get(*a, **k)\n"  # noise has another hash
        f"(x, _), _ = keras.datasets.{name}.load_data()\n"
        "print(x.shape, int(x.sum()))"
    )
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.split("\n")[-2] == f"(30, 28, 28) {ARRAYS['x_train'].sum()}", run.stderr


def test_offline(server, tmp_path):
    server.shutdown()
    server.server_close()
    assert "could not be downloaded" in refusal("mnist")
    assert cached(tmp_path) == []


def test_no_such_file(server, tmp_path):
    del server.files["t10k-labels-idx1-ubyte.gz"]
    assert "could not be downloaded (status 404)" in refusal("fashion_mnist")
    assert cached(tmp_path) == [], "three of four files are no data set"


def test_connection_cut_in_the_middle(server, tmp_path):
    content = server.files["mnist.npz"]
    server.promised["mnist.npz"] = len(content)
    server.files["mnist.npz"] = content[: len(content) // 2]
    message = refusal("mnist")
    assert f"{len(content) // 2:,} of {len(content):,} bytes" in message
    assert cached(tmp_path) == []


def test_something_longer_is_not_read_to_its_end(server, tmp_path):
    server.files["mnist.npz"] += b"x" * 10_000_000
    steps = []
    with pytest.raises(DatasetError, match="more than"):
        datasets.fetch("mnist", steps.append)
    assert sum(steps) == downloads.size("mnist") + 1
    assert cached(tmp_path) == []


@pytest.mark.parametrize("name", datasets.NAMES)
def test_altered_content_is_refused(server, tmp_path, name):
    for file, content in server.files.items():
        half = len(content) // 2
        server.files[file] = (
            content[:half] + bytes(byte ^ 255 for byte in content[half : half + 9]) + content[half + 9 :]
        )
    assert "is not the published data set" in refusal(name)
    assert cached(tmp_path) == []


@pytest.mark.parametrize("name", datasets.NAMES)
@pytest.mark.usefixtures("server")
def test_damaged_cache_is_refused_and_fetched_anew(tmp_path, name):
    datasets.fetch(name)
    for path in downloads.FILES[name]:
        file = tmp_path / "datasets" / path
        file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(DatasetError, match="fetch it again"):
        datasets.load(name, download=False)
    assert np.array_equal(datasets.load(name).x_train, ARRAYS["x_train"])
    assert np.array_equal(datasets.load(name, download=False).x_train, ARRAYS["x_train"])


def test_cache_that_cannot_be_written(server, tmp_path):
    (tmp_path / "datasets").write_text("in the way")
    assert "could not be downloaded" in refusal("mnist")
    assert server.asked == []
