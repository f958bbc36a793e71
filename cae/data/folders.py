"""Pictures of one's own to train on: a folder of images, or an .npz archive in the layout of Keras' data sets."""

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from cae.data.mnist import NAMES, Dataset, DatasetError
from cae.imaging.pixels import quantise
from cae.imaging.preprocessing import fit_square
from cae.imaging.reading import ImageError, read_image
from cae.progress import progress_bar, say

FEWEST = 20
KEPT_ASIDE = 10
"""Every so many-th picture is kept aside for testing."""
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"}


def name_of(path: Path) -> str:
    """What the data set, and by default its model, is called: as the folder or file, in letters, digits, - and _."""
    name = re.sub(r"[^\w-]+", "-", path.resolve().stem).strip("-_") or "own"
    return f"own-{name}" if name in NAMES else name


def load(path: Path) -> Dataset:
    """The pictures at `path`, in grey, each scaled as a whole into 28×28 pixels.

    A folder's pictures are taken with those of its subfolders, whose names are the classes; every tenth is kept aside
    for testing. An archive holds `x_train`, and may hold `y_train`, `x_test` and `y_test`: uint8 (N, H, W) or
    (N, H, W, 1 or 3); without `x_test`, every tenth picture is kept aside here, too.

    Raises:
        DatasetError: there is nothing at `path`, or fewer than 20 pictures that can be read.
    """
    if path.is_dir():
        images, labels = _from_folder(path)
        return _split(path, images, labels)
    if path.suffix != ".npz" or not path.is_file():
        raise DatasetError(f"{path} is neither a folder of images nor an .npz archive.")
    arrays = _from_archive(path)
    if "x_test" not in arrays:
        return _split(path, arrays["x_train"], arrays["y_train"])
    _check_count(path, len(arrays["x_train"]))
    return Dataset(name_of(path), **arrays)


def _split(path: Path, images: np.ndarray, labels: np.ndarray) -> Dataset:
    _check_count(path, len(images))
    aside = np.arange(len(images)) % KEPT_ASIDE == KEPT_ASIDE - 1
    return Dataset(name_of(path), images[~aside], labels[~aside], images[aside], labels[aside])


def _check_count(path: Path, count: int) -> None:
    if count < FEWEST:
        raise DatasetError(f"{path} has {count} pictures that can be read; training needs at least {FEWEST}.")


def _from_folder(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    classes = sorted({path.parent for path in paths})
    images, labels, unread = [], [], 0
    with progress_bar("Reading pictures", len(paths)) as advance:
        for path in paths:
            try:
                images.append(_fitted(read_image(path.read_bytes()).grey()))
                labels.append(classes.index(path.parent) % 256)
            except (ImageError, OSError):
                unread += 1
            advance(1)
    if unread:
        say(f"{unread} of {len(paths)} files could not be read as pictures and are left out.")
    return np.array(images, np.uint8).reshape(-1, 28, 28), np.array(labels, np.uint8)


def _from_archive(path: Path) -> dict[str, np.ndarray]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            found = {key: archive[key] for key in ("x_train", "y_train", "x_test", "y_test") if key in archive}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
        raise DatasetError(f"{path} is truncated, or no archive of arrays.") from None
    if "x_train" not in found:
        raise DatasetError(f"{path} lacks the array x_train, as Keras' data sets name the training images.")
    arrays = {}
    for part in ("train", "test"):
        if (images := found.get(f"x_{part}")) is None:
            continue
        if images.dtype != np.uint8 or not (images.ndim == 3 or (images.ndim == 4 and images.shape[3] in (1, 3))):
            raise DatasetError(
                f"x_{part} in {path} is {images.dtype} {images.shape}; "
                "accepted is uint8 (N, H, W), or (N, H, W, 1 or 3)."
            )
        labels = np.ravel(found.get(f"y_{part}", np.zeros(len(images))))
        if len(labels) != len(images):
            raise DatasetError(f"{path} has {len(images)} images in x_{part}, but {len(labels)} labels.")
        arrays[f"x_{part}"], arrays[f"y_{part}"] = _all_fitted(images), labels.astype(np.uint8)
    return arrays


def _all_fitted(images: np.ndarray) -> np.ndarray:
    if images.shape[1:] in ((28, 28), (28, 28, 1)):
        return images.reshape(-1, 28, 28)
    with progress_bar("Scaling pictures", len(images)) as advance:
        return np.array(list(_counted(map(_fitted, map(_grey, images)), advance)), np.uint8).reshape(-1, 28, 28)


def _counted(items: Iterable, advance) -> Iterator:
    for item in items:
        advance(1)
        yield item


def _grey(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W) or (H, W, 1 or 3) → luma (ITU-R BT.601) in [0, 1], (H, W)."""
    if image.ndim == 3:
        image = image[..., 0] if image.shape[2] == 1 else image @ np.array([0.299, 0.587, 0.114])
    return (image / 255).astype(np.float32)


def _fitted(grey: np.ndarray) -> np.ndarray:
    return quantise(fit_square(grey))[..., 0]
