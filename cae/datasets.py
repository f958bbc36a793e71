"""MNIST and Fashion-MNIST: loading, checking against the published checksums, splits.

`$CAE_DATA_DIR` names a folder with `mnist.npz` and `fashion_mnist.npz` (the layout of Keras' own archives); without it
the Keras loaders download them to Keras' cache.
"""

import hashlib
import io
import os
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np

VALIDATION_IMAGES = 2_000

# MD5 of each array in the original IDX form, which LeCun et al. and Zalando published.
CHECKSUMS = {
    "mnist": {
        "x_train": "6bbc9ace898e44ae57da46a324031adb",
        "y_train": "a25bea736e30d166cdddb491f175f624",
        "x_test": "2646ac647ad5339dbf082846283269ea",
        "y_test": "27ae3e4e09519cfbb04c329615203637",
    },
    "fashion_mnist": {
        "x_train": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "y_train": "9018921c3c673c538a1fc5bad174d6f9",
        "x_test": "8181f5470baa50b63fa0f6fddb340f0a",
        "y_test": "15d484375f8d13e6eb1aabb0c3f46965",
    },
}
NAMES = tuple(CHECKSUMS)


class DatasetError(Exception):
    """A data set is missing, truncated or altered; the message says so in one plain sentence, with what to do."""


@dataclass(frozen=True)
class Dataset:
    """Images uint8 (N, 28, 28) in 0…255 and labels uint8 (N,): 60,000 to train, 10,000 to test."""

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray

    @property
    def x_validation(self) -> np.ndarray:
        """The first 2,000 test images, on which the validation curves are drawn."""
        return self.x_test[:VALIDATION_IMAGES]


def load(name: str, *, download: bool = True) -> Dataset:
    """The named data set, its content checked.

    Raises:
        DatasetError: unknown name, no such file, no network, or content other than the published one.
    """
    if name not in CHECKSUMS:
        raise DatasetError(f"There is no data set {name!r}; there are {' and '.join(NAMES)}.")
    folder = os.environ.get("CAE_DATA_DIR")
    if not folder and not download:
        raise DatasetError(f"The data set {name} is not here: set CAE_DATA_DIR to a folder that holds {name}.npz.")
    arrays = _read_archive(Path(folder) / f"{name}.npz") if folder else _download(name)
    _check(name, arrays, "the file in CAE_DATA_DIR" if folder else "Keras' cached copy (in ~/.keras/datasets)")
    return Dataset(name, **arrays)


def as_network_input(images: np.ndarray) -> np.ndarray:
    """uint8 (N, H, W) in 0…255 → float32 (N, H, W, 1) in [0, 1]."""
    return (images.astype(np.float32) / 255.0)[..., np.newaxis]


def _read_archive(path: Path) -> dict[str, np.ndarray]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {key: archive[key] for key in ("x_train", "y_train", "x_test", "y_test")}
    except FileNotFoundError:
        raise DatasetError(f"There is no file {path}: put it there, or unset CAE_DATA_DIR to download it.") from None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error):
        raise DatasetError(f"{path} is truncated, or no archive of a data set: fetch it again.") from None


def _download(name: str) -> dict[str, np.ndarray]:
    import keras  # only here: everything else in this module works without it

    loaders: dict[str, Callable] = {"mnist": keras.datasets.mnist, "fashion_mnist": keras.datasets.fashion_mnist}
    try:
        # The loader's own progress bar belongs where ours are.
        with redirect_stdout(sys.stderr if sys.stderr.isatty() else io.StringIO()):
            (x_train, y_train), (x_test, y_test) = loaders[name].load_data()
    except Exception as error:  # whatever the network, the proxy or the disk may say
        raise DatasetError(
            f"The data set {name} could not be downloaded ({type(error).__name__}): check the network, "
            f"or set CAE_DATA_DIR to a folder that holds {name}.npz."
        ) from None
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}


def _check(name: str, arrays: dict[str, np.ndarray], where: str) -> None:
    for key, checksum in CHECKSUMS[name].items():
        if arrays[key].dtype != np.uint8 or idx_md5(arrays[key]) != checksum:
            raise DatasetError(
                f"The array {key} of {name} in {where} is not the published one: delete the file and fetch it again."
            )


def idx_md5(array: np.ndarray) -> str:
    """MD5 of a uint8 array written as an IDX file: two zero bytes, type 8, number of axes, their sizes, the values."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    content = np.ascontiguousarray(array, dtype=np.uint8)
    return hashlib.md5(header + content.tobytes(), usedforsecurity=False).hexdigest()
