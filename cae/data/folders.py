"""Pictures of one's own to train on: a folder of images, or an .npz archive in the layout of Keras' data sets."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cae.data.arrays import MOST_CLASSES, classes_of, grey_pictures, labels_of, read_archive
from cae.data.source import Dataset, DatasetError, SmallImages
from cae.imaging.examples import DIGITS, Examples
from cae.imaging.formats import START, identified
from cae.imaging.preprocessing import fit_square
from cae.imaging.reading import ENDINGS, ImageError, read_file
from cae.progress import progress_bar, say

FEWEST = 20
TEST_EVERY = 10
"""Every tenth picture is for testing."""


@dataclass(frozen=True, kw_only=True)
class OwnPictures(SmallImages):
    """The pictures at a path, in grey, each scaled as a whole into 28×28 pixels."""

    path: Path | None
    """None where it is not known: there are no pictures then."""

    @property
    def argument(self) -> str:
        return self.name if self.path is None else str(self.path)

    def has_files(self) -> bool:
        return self.path is not None and self.path.exists()

    def read(self) -> Dataset:
        """The pictures.

        A folder's pictures are taken with those of its subfolders, whose names are the classes; every tenth is held
        out for testing. An archive holds `x_train`, and may hold `y_train`, `x_test` and `y_test`, as `cae.data.arrays`
        takes them; without a test set, every tenth picture is held out here, too.

        Raises:
            DatasetError: there is nothing at the path, or fewer than 20 pictures that can be read.
        """
        path = self.path
        if path is None:
            raise DatasetError(f"It is not known where the pictures {self.name} are.")
        try:
            if path.is_dir():
                return _split(path, *_from_folder(path))
            if path.suffix.lower() in (".npz", ".npy") and path.is_file():
                return _from_archive(path)
        except MemoryError:
            raise DatasetError(f"{path} does not fit into this machine's memory: take fewer pictures.") from None
        except OSError as error:
            raise DatasetError(f"{error.filename or path} cannot be read: {error.strerror}.") from None
        raise DatasetError(f"{path} is neither a folder of images nor an .npz archive.")


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
    test = np.arange(len(images)) % TEST_EVERY == TEST_EVERY - 1
    return Dataset(images[~test], labels[~test], images[test], labels[test], classes)


def _check_count(path: Path, count: int) -> None:
    if count < FEWEST:
        pictures = "1 picture" if count == 1 else f"{count} pictures"
        raise DatasetError(f"{path} has {pictures} that can be read; training needs at least {FEWEST}.")


def _from_folder(root: Path) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Images (N, 28, 28), labels (N,), and the classes' names: the folders' paths below the root."""
    files = sorted(path for path in root.rglob("*") if path.is_file() and not _is_hidden(path, root))
    paths = [path for path in files if path.suffix.lower() in ENDINGS]
    left_out = Counter(_kind(path) for path in files if path.suffix.lower() not in ENDINGS)
    folders = sorted({path.parent for path in paths})
    if len(folders) > MOST_CLASSES:
        folders = []
    images, labels = [], []
    with progress_bar("Reading pictures", len(paths)) as advance:
        for path in paths:
            try:
                images.append(fit_square(read_file(path).grey()))
                labels.append(folders.index(path.parent) if folders else 0)
            except ImageError:
                left_out[_kind(path)] += 1
            advance(1)
    if left_out:
        kinds = ", ".join(f"{count} × {kind}" for kind, count in left_out.most_common())
        say(f"{left_out.total()} of {len(files)} files could not be read as pictures and are left out: {kinds}.")
    names = tuple(root.name if folder == root else folder.relative_to(root).as_posix() for folder in folders)
    return np.array(images, np.uint8).reshape(-1, 28, 28), np.array(labels, np.uint8), names or (root.name,)


def _is_hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _kind(path: Path) -> str:
    """What a file is that is not read as a picture: by its content, or else by its ending."""
    ending = path.suffix.lower()
    try:
        with path.open("rb") as file:
            start = file.read(START)
    except OSError:
        return f"{ending} without permission"
    if found := identified(start):
        return found[0].split(" ", 1)[1]  # without the article
    return f"unreadable {ending}" if ending in ENDINGS else ending or "no ending"


def _from_archive(path: Path) -> Dataset:
    arrays = read_archive(path)
    if "x_test" in arrays and not arrays["x_test"].size:
        del arrays["x_test"]
    pictures = {key: array for key, array in arrays.items() if key.startswith("x")}
    images = [_all_fitted(grey_pictures(path, key, pictures)) for key in pictures]
    counts = {f"y{key[1:]}": len(part) for key, part in zip(pictures, images, strict=True)}
    labels = [np.zeros(len(part), np.uint8) for part in images]
    classes: tuple[str, ...] = ("0",)
    if counts.keys() <= arrays.keys():
        found = [labels_of(path, key, arrays[key], count) for key, count in counts.items()]
        labels, classes = classes_of(found, without=path.stem)
    if len(images) == 1:
        return _split(path, images[0], labels[0], classes)
    _check_count(path, len(images[0]))
    return Dataset(images[0], labels[0], images[1], labels[1], classes)


def _all_fitted(pictures: np.ndarray) -> np.ndarray:
    """uint8 (N, H, W) → (N, 28, 28), each scaled as a whole."""
    if pictures.shape[1:] == (28, 28):
        return pictures
    with progress_bar("Scaling pictures", len(pictures)) as advance:
        return np.array(list(_counted(map(fit_square, pictures), advance)), np.uint8)


def _counted(items: Iterable, advance: Callable[[int], None]) -> Iterator:
    for item in items:
        advance(1)
        yield item
