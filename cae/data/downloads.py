"""Downloads of the data sets' published files, from where Keras has them to where Keras keeps them, without Keras.

Both sides know the same files, so that whatever one has downloaded the other finds.
"""

import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path

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
    import pooch
    from requests import HTTPError, Response

    pooch.get_logger().setLevel(logging.WARNING)  # it would name each file on standard error
    for path, length in files.items():
        target = folder / path
        responses: list[Response] = []
        downloader = pooch.HTTPDownloader(
            progressbar=_Progress(target.name, length, advance),
            chunk_size=CHUNK,
            timeout=PATIENCE,
            headers={"Accept-Encoding": "identity"},  # the files as they are, so that their bytes can be counted
            hooks={"response": lambda response, seen=responses, **_: seen.append(response)},
        )
        try:
            # The arrays' published checksums are compared when the files are read.
            pooch.retrieve(SOURCE + target.name, None, target.name, target.parent, downloader=downloader)
        except HTTPError:
            raise DownloadError(f"status {responses[-1].status_code}") from None
        except (OSError, ValueError) as error:  # whatever the network, the proxy or the disk may say
            cut = re.search(r"(\d+) bytes read", str(error))
            reason = f"{target.name}: {int(cut[1]):,} of {length:,} bytes" if cut else type(error).__name__
            raise DownloadError(reason) from None
        finally:
            for response in responses:  # which pooch leaves open if it has not read all
                response.close()


class _Progress:
    """What pooch tells of a download's progress, passed on as bytes since the last time."""

    def __init__(self, name: str, length: int, advance: Advance) -> None:
        self.name, self.length, self.advance = name, length, advance
        self.total = 0
        """As the server announces it; set by pooch."""
        self.position = self.told = 0

    def update(self, n: int) -> None:
        """Take note of one chunk more, or at the end of all bytes."""
        self.position += n
        if self.total > self.length or self.position > self.length + CHUNK:
            raise DownloadError(f"{self.name}: more than {self.length:,} bytes")
        if (new := min(self.position, self.length) - self.told) > 0:
            self.advance(new)
            self.told += new

    def reset(self) -> None:
        """Start counting anew; pooch then tells the total once more."""
        self.position = 0

    def close(self) -> None:
        """Nothing is left to do."""
