"""MNIST and Fashion-MNIST: reading, checking against the published checksums, downloading.

`$CAE_DATA_DIR` names a folder with `mnist.npz` and `fashion_mnist.npz` (the layout of Keras' own archives); without it
their published files are looked for in Keras' cache, and downloaded there.
"""

import gzip
import hashlib
import os
import struct
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cae.data import downloads
from cae.data.source import Dataset, DatasetError, SmallImages
from cae.imaging.examples import CLOTHES, DIGITS, Examples
from cae.imaging.preparation import prepare_digit, prepare_garment
from cae.imaging.preprocessing import fit_clothing, fit_digit
from cae.progress import Advance, progress_bar, silent

ARRAYS = ("x_train", "y_train", "x_test", "y_test")


@dataclass(frozen=True, kw_only=True)
class PublishedImages(SmallImages):
    """A data set that Keras has, too: 60,000 images to train on and 10,000 to test with, in ten classes."""

    classes: tuple[str, ...]
    """What the labels 0 to 9 stand for."""
    files: Mapping[str, int]
    """The published files: path below Keras' cache folder, and size in bytes. One archive, or four IDX files."""
    checksums: Mapping[str, str]
    """MD5 of each array in the original IDX form, which LeCun et al. and Zalando published."""
    training_count: int | None = 55_000

    @property
    def download_size(self) -> int:
        return sum(self.files.values())

    def read(self) -> Dataset:
        """All arrays, their content checked.

        Raises:
            DatasetError: no such file, no network, or content other than the published one.
        """
        if own := self._own_archive():
            return self._checked(_read_archive(own), "the file in CAE_DATA_DIR")
        try:
            return self._read_published(downloads.cache_folder())
        except DatasetError:  # never downloaded, or damaged since
            if not self.may_download:
                raise
        with progress_bar(f"Downloading {self.name}", self.download_size) as advance:
            self.download(advance)
        return self._read_published(downloads.cache_folder())

    def has_files(self) -> bool:
        own, cache = self._own_archive(), downloads.cache_folder()
        return own.exists() if own else all((cache / path).exists() for path in self.files)

    def _own_archive(self) -> Path | None:
        """The file in the folder that the environment names, if it names one."""
        folder = os.environ.get("CAE_DATA_DIR")
        return Path(folder) / f"{self.name}.npz" if folder else None

    def download(self, advance: Advance = silent) -> None:
        """Download the data set into Keras' cache, where it arrives whole and checked or not at all.

        Raises:
            DatasetError: no network, or content other than the published one.
        """
        cache = downloads.cache_folder()
        try:
            cache.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=cache, prefix=f".{self.name}-") as arriving:
                downloads.fetch(self.files, Path(arriving), advance)
                self._check_arrived(Path(arriving))
                for path in self.files:
                    (cache / path).parent.mkdir(exist_ok=True)
                    (Path(arriving) / path).replace(cache / path)
        except (downloads.DownloadError, OSError) as error:
            reason = str(error) if isinstance(error, downloads.DownloadError) else type(error).__name__
            raise DatasetError(
                f"The data set {self.name} could not be downloaded ({reason}): check the network, "
                f"or set CAE_DATA_DIR to a folder that holds {self.name}.npz."
            ) from None

    def _read_published(self, folder: Path) -> Dataset:
        """The data set from its published files: Keras' archive, or four compressed IDX files."""
        paths = [folder / path for path in self.files]
        if not all(path.exists() for path in paths):
            raise DatasetError(
                f"The data set {self.name} is not here: set CAE_DATA_DIR to a folder that holds {self.name}.npz."
            )
        arrays = _read_archive(paths[0]) if len(paths) == 1 else dict(zip(ARRAYS, map(_read_idx, paths), strict=True))
        return self._checked(arrays, "Keras' cached copy (in ~/.keras/datasets)")

    def _check_arrived(self, folder: Path) -> None:
        try:
            self._read_published(folder)
        except DatasetError:
            raise DatasetError(
                f"What came as {self.name} is not the published data set: try again later, "
                f"or set CAE_DATA_DIR to a folder that holds {self.name}.npz."
            ) from None

    def _checked(self, arrays: dict[str, np.ndarray], where: str) -> Dataset:
        for key, checksum in self.checksums.items():
            if arrays[key].dtype != np.uint8 or idx_md5(arrays[key]) != checksum:
                raise DatasetError(
                    f"The array {key} of {self.name} in {where} is not the published one: "
                    "delete the file and fetch it again."
                )
        return Dataset(**arrays, classes=self.classes)


MNIST = PublishedImages(
    name="mnist",
    title="MNIST digits",
    origin="MNIST, handwritten digits (Y. LeCun, C. Cortes, C. J. C. Burges)",
    licence="licence CC BY-SA 3.0",
    subjects="pictures of single white digits, centred on black",
    examples=Examples(DIGITS, fit_digit, "3"),
    prepare=prepare_digit,
    label="MNIST",
    fit_help="Scales the ink into 20×20 pixels and puts its centre of mass at the centre, as in the training images.",
    experiment=1,
    published_losses={"autoencoder": 0.0022},
    file_number=0,
    classes=tuple("0123456789"),
    files={"mnist.npz": 11_490_434},
    checksums={
        "x_train": "6bbc9ace898e44ae57da46a324031adb",
        "y_train": "a25bea736e30d166cdddb491f175f624",
        "x_test": "2646ac647ad5339dbf082846283269ea",
        "y_test": "27ae3e4e09519cfbb04c329615203637",
    },
)

FASHION_MNIST = PublishedImages(
    name="fashion_mnist",
    title="Fashion-MNIST clothes",
    origin="Fashion-MNIST, pieces of clothing (H. Xiao, K. Rasul, R. Vollgraf, Zalando SE)",
    licence="licence MIT",
    subjects="pictures of single pieces of clothing, on black",
    examples=Examples(CLOTHES, fit_clothing, "Ankle boot"),
    prepare=prepare_garment,
    label="Fashion-MNIST",
    fit_help="Scales it until the longer side has 28 pixels and puts it into the middle, as in the training images.",
    experiment=2,
    published_losses={"autoencoder": 0.0064, "denoiser": 0.1242},
    file_number=1,
    classes=(
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    ),
    files={
        "fashion-mnist/train-images-idx3-ubyte.gz": 26_421_880,
        "fashion-mnist/train-labels-idx1-ubyte.gz": 29_515,
        "fashion-mnist/t10k-images-idx3-ubyte.gz": 4_422_102,
        "fashion-mnist/t10k-labels-idx1-ubyte.gz": 5_148,
    },
    checksums={
        "x_train": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "y_train": "9018921c3c673c538a1fc5bad174d6f9",
        "x_test": "8181f5470baa50b63fa0f6fddb340f0a",
        "y_test": "15d484375f8d13e6eb1aabb0c3f46965",
    },
)


def _read_archive(path: Path) -> dict[str, np.ndarray]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {key: archive[key] for key in ARRAYS}
    except FileNotFoundError:
        raise DatasetError(f"There is no file {path}: put it there, or unset CAE_DATA_DIR to download it.") from None
    except Exception:  # zipfile, its decompressors and NumPy raise nearly every kind for damaged files
        raise DatasetError(f"{path} is truncated, or no archive of a data set: fetch it again.") from None


def _read_idx(path: Path) -> np.ndarray:
    """The uint8 array of a gzipped IDX file: two zero bytes, type 8, number of axes, their sizes, the values."""
    try:
        content = gzip.decompress(path.read_bytes())
        shape = struct.unpack_from(f">{content[3]}I", content, 4)
        return np.frombuffer(content, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)
    except (OSError, EOFError, ValueError, IndexError, struct.error, zlib.error):
        raise DatasetError(f"{path} is truncated, or no IDX file: fetch it again.") from None


def idx_md5(array: np.ndarray) -> str:
    """MD5 of a uint8 array written as an IDX file: two zero bytes, type 8, number of axes, their sizes, the values."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    content = np.ascontiguousarray(array, dtype=np.uint8)
    return hashlib.md5(header + content.tobytes(), usedforsecurity=False).hexdigest()
