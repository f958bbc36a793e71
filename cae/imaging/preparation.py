"""A picture that somebody brings, in the form of the pictures that a network was trained on.

28×28 already, or enlarged from it ──▶ as it is, inverted if it is dark on light
a digit on any ground              ──▶ its ink as MNIST's (`handwriting`)
a garment on any ground            ──▶ cut out as Fashion-MNIST's (`garment`)
anything else                      ──▶ the whole picture, scaled into 28×28
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cae.imaging.colour import luma
from cae.imaging.preprocessing import SIDE, fit_square

Box = tuple[int, int, int, int]
"""Top, left, bottom and right in pixels; bottom and right lie just outside."""


@dataclass(frozen=True)
class Prepared:
    """What the network gets to see of a picture, and how it came about."""

    image: np.ndarray
    """uint8 (28, 28)."""
    is_inverted: bool = False
    """Whether dark became light and light dark."""
    is_cut_out: bool = False
    """Whether something was cut out; if not, the picture was taken as a whole."""
    boxes: tuple[Box, ...] = ()
    """Where things were found in the picture, the most prominent first."""
    taken: int = 0
    """Which of the things found this is."""
    remark: str = ""
    """One sentence on what a visitor might not expect; empty if there is nothing to say."""


def as_trained(picture: np.ndarray) -> np.ndarray | None:
    """A picture that has 28×28 pixels, or was enlarged from so many by a whole factor, in 28×28: uint8; None otherwise.

    A picture in colour counts if its three channels are the same.
    """
    height, width = picture.shape[:2]
    factor = height // SIDE
    if height != width or factor < 1 or height % SIDE:
        return None
    if picture.ndim == 3:
        if not (picture == picture[..., :1]).all():
            return None
        picture = picture[..., 0]
    small = picture[::factor, ::factor]
    return np.ascontiguousarray(small) if np.array_equal(small.repeat(factor, 0).repeat(factor, 1), picture) else None


def is_inverted(image: np.ndarray) -> bool:
    """Whether a picture in the form of the training pictures, uint8 (28, 28), has the light ground of an inverted one.

    In all 140,000 images of MNIST and Fashion-MNIST more pixels are exactly black than exactly white.
    """
    return int((image == 255).sum()) > int((image == 0).sum())


def prepare_digit(
    picture: np.ndarray, *, inverted: bool | None = None, cut_out: bool | None = None, thing: int = 0
) -> Prepared:
    """A digit as MNIST's, from a picture uint8 (H, W) or (H, W, 3).

    Args:
        picture: of any size.
        inverted: whether the ink is darker than its ground; None finds out.
        cut_out: whether to cut the ink out; None does so unless there is none, or the picture is 28×28 already.
        thing: which of several things to take, 0 being the most prominent.
    """
    from cae.imaging.handwriting import find_ink  # OpenCV is imported when it is needed first

    if cut_out is None and (image := as_trained(picture)) is not None:
        return _as_it_is(image, inverted)
    ink = find_ink(picture, inverted) if cut_out is not False else None
    if ink is None:
        return _whole(picture, inverted, "No ink was found, so the whole picture is taken." if cut_out is None else "")
    boxes = tuple(found.box for found in ink.things)
    taken = min(thing, len(boxes) - 1)
    remark = ""
    if not ink.is_plausible:
        remark = "This does not look like one piece of handwriting on an even ground."
    elif len(boxes) > 1:
        remark = f"{len(boxes)} things were found; this is number {taken + 1}."
    return Prepared(ink.things[taken].digit, ink.is_dark, True, boxes, taken, remark)


def prepare_garment(
    picture: np.ndarray, *, inverted: bool | None = None, cut_out: bool | None = None, thing: int = 0
) -> Prepared:
    """A garment as Fashion-MNIST's, from a picture uint8 (H, W) or (H, W, 3); arguments as for `prepare_digit`."""
    from cae.imaging.garment import find_garment

    if cut_out is None and (image := as_trained(picture)) is not None:
        return _as_it_is(image, inverted)
    found = find_garment(picture, inverted) if cut_out is not False else None
    if found is None or not (found.is_plausible or cut_out):
        remark = "No garment could be told from its ground, so the whole picture is taken." if cut_out is None else ""
        return _whole(picture, inverted, remark)
    rows, columns = (np.flatnonzero(found.mask.any(axis)) for axis in (1, 0))
    scale = picture.shape[0] / found.mask.shape[0]
    box = tuple(round(value * scale) for value in (rows[0], columns[0], rows[-1] + 1, columns[-1] + 1))
    return Prepared(found.image, found.is_dark, True, ((box[0], box[1], box[2], box[3]),), thing * 0)


def prepare_whole(
    picture: np.ndarray, *, inverted: bool | None = None, cut_out: bool | None = None, thing: int = 0
) -> Prepared:
    """The whole picture, as the pictures of one's own folder were prepared for training; inverted only if asked for."""
    del cut_out, thing
    return _whole(picture, bool(inverted), "")


Preparation = Callable[..., Prepared]
"""`prepare_digit`, `prepare_garment` or `prepare_whole`."""


def _as_it_is(image: np.ndarray, inverted: bool | None) -> Prepared:
    inverted = is_inverted(image) if inverted is None else inverted
    return Prepared(255 - image if inverted else image, inverted)


def _whole(picture: np.ndarray, inverted: bool | None, remark: str) -> Prepared:
    """All of a picture, in 28×28; without `inverted`, inverted if its border is light."""
    image = fit_square(luma(picture))
    if inverted is None:
        inverted = float(np.median(np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]]))) > 127
    return Prepared(255 - image if inverted else image, inverted, remark=remark)
