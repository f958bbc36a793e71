"""Pictures of one's own to train on: a folder of images, or an .npz archive in the layout of Keras' data sets."""

import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cae.data.source import Dataset, DatasetError, SmallImages
from cae.imaging.colour import luma
from cae.imaging.examples import DIGITS, Examples
from cae.imaging.preprocessing import fit_square
from cae.imaging.reading import ImageError, read_image
from cae.progress import progress_bar, say

FEWEST = 20
HOLD_OUT_EVERY = 10
"""Every tenth picture is held out for testing."""
MOST_CLASSES = 256
"""Labels are one byte each; in more folders than that, pictures go without classes."""
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"}


@dataclass(frozen=True, kw_only=True)
class OwnPictures(SmallImages):
    """The pictures at a path, in grey, each scaled as a whole into 28×28 pixels."""

    path: Path | None
    """None where it is not known: there are no pictures then."""

    @property
    def argument(self) -> str:
        return self.name if self.path is None else str(self.path)

    def read(self) -> Dataset:
        """The pictures.

        A folder's pictures are taken with those of its subfolders, whose names are the classes; every tenth is held
        out for testing. An archive holds `x_train`, and may hold `y_train`, `x_test` and `y_test`: uint8 (N, H, W) or
        (N, H, W, 1 or 3); without `x_test`, every tenth picture is held out here, too.

        Raises:
            DatasetError: there is nothing at the path, or fewer than 20 pictures that can be read.
        """
        path = self.path
        if path is None:
            raise DatasetError(f"It is not known where the pictures {self.name} are.")
        if path.is_dir():
            images, labels, classes = _from_folder(path)
            return _split(path, images, labels, classes)
        if path.suffix != ".npz" or not path.is_file():
            raise DatasetError(f"{path} is neither a folder of images nor an .npz archive.")
        arrays = _from_archive(path)
        largest = max(int(labels.max(initial=0)) for key, labels in arrays.items() if key.startswith("y"))
        classes = tuple(str(label) for label in range(largest + 1))
        if "x_test" not in arrays:
            return _split(path, arrays["x_train"], arrays["y_train"], classes)
        _check_count(path, len(arrays["x_train"]))
        return Dataset(**arrays, classes=classes)


def own_pictures(name: str, path: Path | None) -> OwnPictures:
    """The source of this name, whose pictures are at the path, or are nobody knows where."""
    return OwnPictures(
        name=name,
        path=path,
        title=name,
        origin=f"{name}, pictures of the trainer's own",
        licence="",
        subjects="pictures like those",
        validated_on="pictures held out",
        examples=Examples(DIGITS, fit_square, "3"),
    )


def name_of(path: Path, taken: Collection[str] = ()) -> str:
    """A name after the folder or file, in letters, digits, - and _, and none of those that are taken."""
    name = re.sub(r"[^\w-]+", "-", path.resolve().stem).strip("-_") or "own"
    return f"own-{name}" if name in taken else name


def _split(path: Path, images: np.ndarray, labels: np.ndarray, classes: tuple[str, ...]) -> Dataset:
    _check_count(path, len(images))
    held_out = np.arange(len(images)) % HOLD_OUT_EVERY == HOLD_OUT_EVERY - 1
    return Dataset(images[~held_out], labels[~held_out], images[held_out], labels[held_out], classes)


def _check_count(path: Path, count: int) -> None:
    if count < FEWEST:
        raise DatasetError(f"{path} has {count} pictures that can be read; training needs at least {FEWEST}.")


def _from_folder(root: Path) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Images (N, 28, 28), labels (N,), and the classes' names: the folders' paths below the root."""
    paths = sorted(path for path in root.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    folders = sorted({path.parent for path in paths})
    if len(folders) > MOST_CLASSES:
        folders = []
    images, labels, unread = [], [], 0
    with progress_bar("Reading pictures", len(paths)) as advance:
        for path in paths:
            try:
                images.append(fit_square(read_image(path.read_bytes()).grey()))
                labels.append(folders.index(path.parent) if folders else 0)
            except (ImageError, OSError):
                unread += 1
            advance(1)
    if unread:
        say(f"{unread} of {len(paths)} files could not be read as pictures and are left out.")
    names = tuple(root.name if folder == root else folder.relative_to(root).as_posix() for folder in folders)
    return np.array(images, np.uint8).reshape(-1, 28, 28), np.array(labels, np.uint8), names or (root.name,)


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
        return np.array(list(_counted(map(fit_square, map(_grey, images)), advance)), np.uint8).reshape(-1, 28, 28)


def _counted(items: Iterable, advance: Callable[[int], None]) -> Iterator:
    for item in items:
        advance(1)
        yield item


def _grey(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W) or (H, W, 1 or 3) → luma (ITU-R BT.601), uint8 (H, W)."""
    return luma(image[..., 0] if image.shape[2:] == (1,) else image)
