"""A server of this machine that stands for the network: it has noise in place of the data sets."""

import contextlib
import gzip
import io
import struct
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from cae.data.mnist import FASHION_MNIST

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
        names = (Path(path).name for path in FASHION_MNIST.files)
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
