"""The commands of the command line, a module each; `parser` says what a module has to have."""

import contextlib
import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path


def show_json(result: dict) -> None:
    """Print a result as one JSON object on standard output."""
    print(json.dumps(result, indent=1, allow_nan=False))


def load_keras() -> None:
    """Import Keras, with nothing of what its backend writes to standard error meanwhile.

    A command that needs Keras calls this first in `run`, and imports the modules that use it afterwards.
    """
    with quiet():
        import keras  # noqa: F401
    logging.getLogger("tensorflow").setLevel(logging.ERROR)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Discard what is written to standard error, also by compiled libraries, which write past Python."""
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
