"""What pages make of uploaded pictures, kept for all visitors in at most 64 MB.

Pages ask for what they show: how large a picture is, its 28×28 pixels, a smaller view. The picture itself, up to 75 MB
once decoded, is not kept; decoding it again takes a fraction of a second.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

import numpy as np

from cae.imaging.preprocessing import is_blank
from cae.imaging.reading import ImageError, Picture, read_image
from cae.ui.upload_limit import refusal

CAPACITY = 64_000_000
"""Bytes that are kept in all."""
ENTRY = 1_000
"""Bytes that an entry is taken to need beside its array."""

Made = TypeVar("Made")


class Kept:
    """Results by key, at most so many bytes of them; the longest unused one goes first. For any number of threads."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.size = 0
        """Bytes kept now."""
        self._entries: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        """The result, or None where it is not kept."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
            return self._entries.get(key)

    def put(self, key: Hashable, result: Any) -> None:
        """Keep a result, unless it would take more than a quarter of the room from all others."""
        with self._lock:
            if _size(result) > self.capacity // 4 or key in self._entries:
                return
            self._entries[key] = result
            self.size += _size(result)
            while self.size > self.capacity:
                self.size -= _size(self._entries.popitem(last=False)[1])


def _size(result: Any) -> int:
    arrays = result.values() if isinstance(result, dict) else [result]
    return ENTRY + sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))


_kept = Kept(CAPACITY)
worker = ThreadPoolExecutor(1, "pictures")
"""Decodes and fits one picture at a time, which takes hundreds of megabytes for a large one; and always in the same
thread, since each thread keeps memory that it has freed for itself."""


def made(data: bytes, make: Callable[..., Made], *options: Hashable, upright: bool = True) -> Made:
    """What `make(picture, *options)` gives for an uploaded file.

    Args:
        data: the file's content.
        make: a function at the top of a module; it returns something small, a uint8 array or a dictionary of such,
            which nobody may change.
        options: further arguments, part of what the result is kept by.
        upright: whether the picture is turned as its EXIF data says.

    Raises:
        ImageError: the file cannot be read, or the server had no room for it; the message says why in one sentence.
    """
    key = (sha256(data).digest(), upright, make, options)
    result = _kept.get(key)
    if result is None:
        result = worker.submit(_result, data, make, options, upright).result()
        _kept.put(key, result)
    if isinstance(result, ImageError):
        raise ImageError(str(result))
    return result


def _result(data: bytes, make: Callable[..., Made], options: tuple[Hashable, ...], upright: bool) -> Made | ImageError:
    try:
        if sentence := refusal(data):
            raise ImageError(sentence)
        return make(read_image(data, upright=upright), *options)
    except ImageError as problem:
        return problem


@dataclass(frozen=True)
class Facts:
    """What pages say of an uploaded picture."""

    width: int
    height: int
    colour: bool
    """Whether it is more than grey."""
    remarks: tuple[str, ...]
    """Short phrases on what reading changed."""
    turned: bool
    """Whether it was turned upright, as its EXIF data says."""
    blank: bool
    """Whether it is one even grey or colour."""


def facts(picture: Picture) -> Facts:
    """To be asked for with `made`."""
    height, width = picture.pixels.shape[:2]
    channels = picture.pixels.reshape(height, width, -1)
    blank = all(is_blank(channels[..., channel]) for channel in range(channels.shape[2]))
    return Facts(width, height, picture.pixels.ndim == 3, picture.remarks, picture.rotated, blank)
