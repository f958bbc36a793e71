"""MNIST and Fashion-MNIST: loading, checking against the published checksums, splits.

`$CAE_DATA_DIR` names a folder with `mnist.npz` and `fashion_mnist.npz` (the layout of Keras' own archives); without it
their published files are looked for in Keras' cache, and downloaded there.
"""

import gzip
import hashlib
import os
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cae import CaeError
from cae.data import downloads
from cae.progress import progress_bar

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

CLASSES = {
    "mnist": tuple("0123456789"),
    "fashion_mnist": (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
}
"""What the labels 0 to 9 stand for."""


class DatasetError(CaeError):
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
    if folder:
        return _checked(name, _read_archive(Path(folder) / f"{name}.npz"), "the file in CAE_DATA_DIR")
    try:
        return _read_published(name, downloads.cache_folder())
    except DatasetError:  # never downloaded, or damaged since
        if not download:
            raise
    with progress_bar(f"Downloading {name}", downloads.size(name)) as advance:
        return fetch(name, advance)


def fetch(name: str, advance: Callable[[int], None] = lambda _: None) -> Dataset:
    """Download the data set into Keras' cache, where it arrives whole and checked or not at all.

    Args:
        name: one of `NAMES`.
        advance: called with n after each n bytes, `downloads.size(name)` in all.

    Raises:
        DatasetError: no network, or content other than the published one.
    """
    cache = downloads.cache_folder()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=f".{name}-") as arriving:
            downloads.fetch(name, Path(arriving), advance)
            dataset = _read_arrived(name, Path(arriving))
            for path in downloads.FILES[name]:
                (cache / path).parent.mkdir(exist_ok=True)
                (Path(arriving) / path).replace(cache / path)
    except (downloads.DownloadError, OSError) as error:
        reason = str(error) if isinstance(error, downloads.DownloadError) else type(error).__name__
        raise DatasetError(
            f"The data set {name} could not be downloaded ({reason}): check the network, "
            f"or set CAE_DATA_DIR to a folder that holds {name}.npz."
        ) from None
    return dataset


def _read_archive(path: Path) -> dict[str, np.ndarray]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {key: archive[key] for key in ("x_train", "y_train", "x_test", "y_test")}
    except FileNotFoundError:
        raise DatasetError(f"There is no file {path}: put it there, or unset CAE_DATA_DIR to download it.") from None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error):
        raise DatasetError(f"{path} is truncated, or no archive of a data set: fetch it again.") from None


def _read_published(name: str, folder: Path) -> Dataset:
    """A data set from its published files: Keras' archive, or four compressed IDX files."""
    paths = [folder / path for path in downloads.FILES[name]]
    if not all(path.exists() for path in paths):
        raise DatasetError(f"The data set {name} is not here: set CAE_DATA_DIR to a folder that holds {name}.npz.")
    if len(paths) == 1:
        arrays = _read_archive(paths[0])
    else:
        arrays = dict(zip(("x_train", "y_train", "x_test", "y_test"), map(_read_idx, paths), strict=True))
    return _checked(name, arrays, "Keras' cached copy (in ~/.keras/datasets)")


def _read_arrived(name: str, folder: Path) -> Dataset:
    try:
        return _read_published(name, folder)
    except DatasetError:
        raise DatasetError(
            f"What came as {name} is not the published data set: try again later, "
            f"or set CAE_DATA_DIR to a folder that holds {name}.npz."
        ) from None


def _read_idx(path: Path) -> np.ndarray:
    """The uint8 array of a gzipped IDX file: two zero bytes, type 8, number of axes, their sizes, the values."""
    try:
        content = gzip.decompress(path.read_bytes())
        shape = struct.unpack_from(f">{content[3]}I", content, 4)
        return np.frombuffer(content, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)
    except (OSError, EOFError, ValueError, IndexError, struct.error, zlib.error):
        raise DatasetError(f"{path} is truncated, or no IDX file: fetch it again.") from None


def _checked(name: str, arrays: dict[str, np.ndarray], where: str) -> Dataset:
    for key, checksum in CHECKSUMS[name].items():
        if arrays[key].dtype != np.uint8 or idx_md5(arrays[key]) != checksum:
            raise DatasetError(
                f"The array {key} of {name} in {where} is not the published one: delete the file and fetch it again."
            )
    return Dataset(name, **arrays)


def idx_md5(array: np.ndarray) -> str:
    """MD5 of a uint8 array written as an IDX file: two zero bytes, type 8, number of axes, their sizes, the values."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    content = np.ascontiguousarray(array, dtype=np.uint8)
    return hashlib.md5(header + content.tobytes(), usedforsecurity=False).hexdigest()
