"""Logs of a training for TensorBoard."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def training_log(folder: Path) -> Iterator[Callable[[dict], None]]:
    """Yields a function that logs an epoch's record in the folder, or does nothing if TensorBoard is not installed."""
    try:
        from tensorboard.summary import Writer
    except ImportError:
        yield lambda _: None
        return
    writer = Writer(str(folder))

    def log(entry: dict) -> None:
        for key in ("loss", "val_loss", "images_per_second"):
            writer.add_scalar(key, entry[key], entry["epoch"])
        writer.flush()

    try:
        yield log
    finally:
        writer.close()
