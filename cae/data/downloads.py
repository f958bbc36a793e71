"""The data sets' published files, from where Keras has them to where Keras keeps them, without Keras.

Both sides know the same files, so that whatever one has downloaded the other finds.
"""

import os
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError

from cae import CaeError

SOURCE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
FILES = {
    "mnist": {"mnist.npz": 11_490_434},
    "fashion_mnist": {
        "fashion-mnist/train-images-idx3-ubyte.gz": 26_421_880,
        "fashion-mnist/train-labels-idx1-ubyte.gz": 29_515,
        "fashion-mnist/t10k-images-idx3-ubyte.gz": 4_422_102,
        "fashion-mnist/t10k-labels-idx1-ubyte.gz": 5_148,
    },
}
"""Path below the cache folder and size in bytes of each file of a data set."""

PATIENCE = 20.0
"""Seconds without a single byte before a download is given up."""
CHUNK = 2**16


class DownloadError(CaeError):
    """A file could not be fetched; the message is why, in a few words without a full stop."""


def cache_folder() -> Path:
    """Where Keras keeps data sets: below $KERAS_HOME, or in the home folder."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"


def size(name: str) -> int:
    """Bytes to download for a data set."""
    return sum(FILES[name].values())


def fetch(name: str, folder: Path, advance: Callable[[int], None] = lambda _: None) -> None:
    """Download all files of a data set into the folder; `advance(n)` is called after each n bytes.

    Raises:
        DownloadError: no network, no such file, or not the whole of it.
    """
    for path, length in FILES[name].items():
        target = folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with urllib.request.urlopen(SOURCE + target.name, timeout=PATIENCE) as answer, target.open("wb") as file:
                # One byte more than there should be is enough to know that it is something else.
                while chunk := answer.read(min(CHUNK, length + 1 - file.tell())):
                    file.write(chunk)
                    advance(len(chunk))
                received = file.tell()
        except HTTPError as error:
            with error:
                raise DownloadError(f"status {error.code}") from None
        except (OSError, HTTPException, ValueError) as error:  # whatever the network, the proxy or the disk may say
            raise DownloadError(type(error).__name__) from None
        if received != length:
            amount = f"{received:,} of {length:,} bytes" if received < length else f"more than {length:,} bytes"
            raise DownloadError(f"{target.name}: {amount}")
