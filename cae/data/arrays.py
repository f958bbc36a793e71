"""Arrays of one's own, in an .npz archive as Keras' data sets have it: what is taken, and how all else is converted.

Pictures may be numbers from 0 to 1 or from 0 to 255, with channels last or first, or in rows; labels may be words. What
is not clear is refused with the line of NumPy that converts it.
"""

import math
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from cae.data.source import DatasetError
from cae.imaging.colour import luma

KEYS = ("x_train", "y_train", "x_test", "y_test")
CHANNELS = (1, 3, 4)
"""Grey, RGB, and RGB with opacity."""
MOST_BYTES = 2 * 10**9
"""Of all arrays in an archive together."""
MOST_CLASSES = 256
"""Labels are one byte each; with more classes, pictures go without."""
LEAST_TOP = 128
"""Values that go beyond 1, but not so far, are of neither range; scikit-learn's digits, for one, have 0 to 16."""
SPREAD = "(({0} - {0}.min()) * (255 / np.ptp({0}))).astype(np.uint8)"
"""Brings any values to 0…255."""
CHUNK = 1_000
"""Pictures converted at a time."""


def _refused(path: Path, key: str, what: str, line: str) -> DatasetError:
    """What to raise where `key = line` converts an array; {0} in the line stands for the key."""
    return DatasetError(f"{key} in {path} {what}: convert it with {key} = {line.format(key)} in NumPy.")


def read_archive(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an archive that have one of the known names, x_train among them. Raises `DatasetError`."""
    with path.open("rb") as file:
        if file.read(6) == b"\x93NUMPY":
            line = f'np.savez("pictures.npz", x_train=np.load("{path.name}"))'
            raise DatasetError(f"{path} is a single array, not an archive: make one with {line} in NumPy.")
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
            if "x_train" not in names:
                there = f"holds {', '.join(names[:5]) or 'none'}"
                line = f'np.savez("pictures.npz", x_train=np.load("{path.name}")["{names[0] if names else "NAME"}"])'
                raise DatasetError(
                    f"{path} lacks the array x_train, as Keras' data sets name the training images, and {there}: "
                    f"name it with {line} in NumPy."
                )
            keys = [key for key in KEYS if key in names]
            _check_headers(path, archive, keys)
            return {key: _read(archive, key) for key in keys}
    except (DatasetError, MemoryError, PermissionError):
        raise
    except Exception:  # zipfile, its decompressors and NumPy raise nearly every kind for damaged files
        raise DatasetError(f"{path} is truncated, or no archive of arrays.") from None


def _check_headers(path: Path, archive: zipfile.ZipFile, keys: Sequence[str]) -> None:
    """Refuse what should not be read: from the headers alone, which may declare more than there is memory."""
    total = 0
    for key in keys:
        with archive.open(f"{key}.npy") as file:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, dtype = read(file)
        if dtype.hasobject:
            resized = "np.stack([np.asarray(Image.fromarray(x).resize((28, 28))) for x in {0}])"
            line = resized if key.startswith("x") else "{0}.astype(str)"
            raise _refused(path, key, "holds Python objects, which may carry code and are not read", line)
        size = math.prod(shape) * dtype.itemsize
        total += size
        if total > MOST_BYTES:
            what = f"makes {total / 1e9:,.1f} GB of arrays, and at most {MOST_BYTES / 1e9:.0f} GB are read"
            raise _refused(path, key, what, f"{{0}}[:{math.prod(shape[:1]) * MOST_BYTES // (2 * total) or 1}]")
        if size > archive.getinfo(f"{key}.npy").file_size:
            raise ValueError("more is declared than there is")


def _read(archive: zipfile.ZipFile, key: str) -> np.ndarray:
    with archive.open(f"{key}.npy") as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def grey_pictures(path: Path, key: str, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """The pictures in x_train or x_test as uint8 (N, H, W): their luma, on white where they are transparent.

    Taken are numbers from 0 to 1 or from 0 to 255 and truth values, as (N, H, W), as (N, H, W, C) or (N, C, H, W) with
    1, 3 or 4 channels, or as rows (N, H·W) of square pictures; the range is that of all arrays of the same type. Raises
    `DatasetError`.
    """
    array = arrays[key]
    if array.ndim and not len(array):
        return np.zeros((0, 28, 28), np.uint8)
    if not array.size:
        raise DatasetError(f"{key} in {path} is {array.shape}: its pictures have no pixels.")
    pictures = _arranged(path, key, array)
    _check_range(path, key, array)
    alike = [other for other in arrays.values() if other.dtype == array.dtype and other.size]
    factor = 255 if all(other.max() <= 1 for other in alike) else 1
    grey = np.empty(pictures.shape[:3], np.uint8)
    for start in range(0, len(pictures), CHUNK):
        chunk = pictures[start : start + CHUNK]
        if factor != 1 or chunk.dtype != np.uint8:
            chunk = np.rint(chunk.astype(np.float32) * factor).astype(np.uint8)
        grey[start : start + CHUNK] = _grey(chunk)
    return grey


def _arranged(path: Path, key: str, array: np.ndarray) -> np.ndarray:
    """The array as (N, H, W), or (N, H, W, 1, 3 or 4)."""
    shape = array.shape
    if array.ndim == 3 and 1 in shape[1:]:  # rows, with an axis too many
        array = array.reshape(len(array), -1)
    if array.ndim == 2 and (side := math.isqrt(array.shape[1])) > 1 and side**2 == array.shape[1]:
        return array.reshape(-1, side, side)
    last = len(shape) == 3 and shape[0] == shape[1] and shape[2] > 2 * shape[0]  # N comes last, as MATLAB has it
    coloured = array.ndim == 3 and shape[2] in CHANNELS  # a single picture, or rows
    if (array.ndim == 3 and not last and not coloured) or (array.ndim == 4 and shape[3] in CHANNELS):
        return array
    if array.ndim == 4 and shape[1] in CHANNELS:
        return np.moveaxis(array, 1, 3)
    line = "{0}.reshape(-1, HEIGHT, WIDTH)"
    if last or (array.ndim == 4 and shape[2] in CHANNELS):
        line = "np.moveaxis({0}, -1, 0)"
    elif coloured:
        line = f"{{0}}.reshape(-1, HEIGHT, WIDTH, {shape[2]})"
    elif array.ndim == 2 and (side := math.isqrt(shape[-1] // 3)) and 3 * side**2 == shape[-1]:
        line = f"{{0}}.reshape(-1, 3, {side}, {side})"
    taken = "none of (N, H, W), (N, H, W, C), (N, C, H, W) with 1, 3 or 4 channels, and rows (N, H·H)"
    raise _refused(path, key, f"is {array.dtype} {shape}, {taken}", line)


def _check_range(path: Path, key: str, array: np.ndarray) -> None:
    """Raises `DatasetError` unless the values are numbers from 0 to 1 or from 0 to 255."""
    if array.dtype.kind not in "buif":
        line = "np.abs({0})" if array.dtype.kind == "c" else "{0}.astype(float)"
        raise _refused(path, key, f"holds no numbers but {array.dtype}", line)
    low, high = array.min(), array.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise _refused(path, key, "holds values that are no numbers", "np.nan_to_num({0}, posinf=0, neginf=0)")
    if low < 0 or high > 255 or (1 < high < LEAST_TOP and array.dtype != np.uint8):
        raise _refused(path, key, f"holds values from {low:g} to {high:g}, neither 0…1 nor 0…255", SPREAD)


def _grey(pictures: np.ndarray) -> np.ndarray:
    """uint8 (N, H, W) or (N, H, W, 1, 3 or 4) → luma (ITU-R BT.601), uint8 (N, H, W)."""
    if pictures.ndim == 3:
        return pictures
    if pictures.shape[3] == 1:
        return pictures[..., 0]
    if pictures.shape[3] == 4:
        opacity = pictures[..., 3:] / np.float32(255)
        pictures = np.rint(pictures[..., :3] * opacity + 255 * (1 - opacity)).astype(np.uint8)
    return np.stack([luma(picture) for picture in pictures])


def labels_of(path: Path, key: str, labels: np.ndarray, count: int) -> np.ndarray:
    """Labels (N,), as they are. Raises `DatasetError` where they are not one for each of `count` pictures."""
    if labels.ndim == 2 and len(labels) == count and labels.shape[1] > 1:
        raise _refused(path, key, f"holds {labels.shape[1]} numbers for each picture", "{0}.argmax(axis=1)")
    if labels.size != count:
        raise DatasetError(f"{path} has {count} images in {key.replace('y', 'x')}, but {labels.size} labels.")
    return labels.ravel()


def classes_of(labels: Sequence[np.ndarray], without: str) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """Labels (N,) of any kind, of each part of a data set → the same as indices, uint8, and the classes' names.

    Whole numbers from 0 to 255 stay as they are. With more than 256 classes there is only one, of the name `without`.
    """
    if all(_are_indices(each) for each in labels):
        largest = max(int(each.max(initial=0)) for each in labels)
        return [each.astype(np.uint8) for each in labels], tuple(str(label) for label in range(largest + 1))
    words = [_words(each) for each in labels]
    names, indices = np.unique(np.concatenate(words), return_inverse=True)
    if len(names) > MOST_CLASSES:
        names, indices = np.array([without]), np.zeros(len(indices), int)
    ends = np.cumsum([len(each) for each in words])[:-1]
    return np.split(indices.astype(np.uint8), ends), tuple(map(str, names))


def _are_indices(labels: np.ndarray) -> bool:
    if labels.dtype.kind not in "buif":
        return False
    return bool(np.isin(labels, np.arange(MOST_CLASSES)).all())


def _words(labels: np.ndarray) -> np.ndarray:
    return np.char.decode(labels, "utf-8", "replace") if labels.dtype.kind == "S" else labels.astype(str)
