"""The data sets' published files, from where Keras has them to where Keras keeps them, without Keras.

Both sides know the same files, so that whatever one has downloaded the other finds.
"""

import os
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError

from cae import CaeError
from cae.progress import Advance, silent

SOURCE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

PATIENCE = 20.0
"""Seconds without a single byte before a download is given up."""
CHUNK = 2**16


class DownloadError(CaeError):
    """A file could not be fetched; the message is why, in a few words without a full stop."""


def cache_folder() -> Path:
    """Where Keras keeps data sets: below $KERAS_HOME, or in the home folder."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"


def fetch(files: Mapping[str, int], folder: Path, advance: Advance = silent) -> None:
    """Download files into the folder; `advance(n)` is called after each n bytes.

    Args:
        files: path below the folder, and size in bytes, of each file; its name is the same at the source.

    Raises:
        DownloadError: no network, no such file, or not the whole of it.
    """
    for path, length in files.items():
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
