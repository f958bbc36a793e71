"""How well visitors' pictures are prepared, measured on pictures whose content is known.

Digits are drawn with pens of 1 to 60 pixels on unevenly lit paper of 560 pixels, and recognised by their nearest
neighbours among MNIST's training images; beside them the same strokes from the drawing pad, and a plain resize.
Garments are drawn on plain and patterned grounds, and their silhouettes compared with the truth.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from cae.data.mnist import MNIST
from cae.imaging.examples import CLOTHES, DIGITS
from cae.imaging.garment import find_garment
from cae.imaging.handwriting import stroke_width
from cae.imaging.preparation import prepare_digit, prepare_whole
from cae.imaging.preprocessing import fit_digit
from cae.imaging.strokes import Stroke, rasterise
from cae.progress import Advance, progress_bar, silent

PENS = (1, 2, 3, 5, 8, 12, 20, 30, 45, 60)
"""Widths in pixels of the page."""
PAGE, PHOTO = 560, 240
"""Sides in pixels of the pages of digits and of the pictures of garments."""
HANDS = 3
"""Ways of writing: each digit is slanted, turned and squeezed by another amount."""
NEIGHBOURS, COMPARED = 5, 20_000
GROUNDS = ("white", "grey", "dark", "black", "wood", "tiles", "cloth", "wall")
GOOD_OVERLAP = 0.8
"""Intersection over union from which a silhouette agrees with the truth."""


@dataclass(frozen=True)
class Page:
    """A drawn digit."""

    digit: str
    pen: int
    picture: np.ndarray
    """uint8 (560, 560): dark ink on light paper with a shadow and noise."""
    pad: np.ndarray
    """The same strokes as the drawing pad gives them, uint8, light on black."""


@dataclass(frozen=True)
class Photo:
    """A drawn garment."""

    kind: str
    ground: str
    picture: np.ndarray
    """uint8 (240, 240, 3)."""
    silhouette: np.ndarray
    """bool (240, 240), its holes and seams filled."""


def pages(seed: int = 0) -> Iterator[Page]:
    """Every digit in every hand with every pen."""
    rng = np.random.default_rng(seed)
    for _ in range(HANDS):
        for digit, strokes in DIGITS.items():
            hand = _hand(rng)
            moved = [
                Stroke(
                    tuple((float(x), float(y)) for x, y in (np.array(stroke.points) - 0.5) @ hand.T + 0.5), stroke.width
                )
                for stroke in strokes
            ]
            pad = rasterise(moved)
            for pen in PENS:
                ink = rasterise([Stroke(stroke.points, pen / PAGE) for stroke in moved], PAGE)
                yield Page(digit, pen, _on_paper(ink, rng), pad)


def photos(seed: int = 0) -> Iterator[Photo]:
    """Every garment on every ground, lighter and darker than it."""
    rng = np.random.default_rng(seed)
    for kind, strokes in CLOTHES.items():
        drawn = rasterise([stroke for stroke in strokes if not stroke.erase], PHOTO) > 127
        outline = _filled(drawn)
        for ground in GROUNDS:
            for tone in (0.2, 0.85):
                level = _LEVELS[ground]
                if abs(tone - level) > 0.15:
                    yield Photo(kind, ground, _worn(drawn, ground, tone, rng), outline)


class Neighbours:
    """Recognises a digit by the labels of the most similar of MNIST's training images."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        """Images uint8 (N, 28, 28) and their labels (N,)."""
        self._rows = images.reshape(len(images), -1).astype(np.float32) / 255
        self._squares = np.square(self._rows).sum(1)
        self._labels = labels

    def label(self, image: np.ndarray) -> str:
        """The commonest label of the five nearest images to one uint8 (28, 28), by Euclidean distance."""
        distances = self._squares - 2 * self._rows @ (image.ravel() / np.float32(255))
        nearest = np.argpartition(distances, NEIGHBOURS)[:NEIGHBOURS]
        return str(np.bincount(self._labels[nearest]).argmax())


def measure_digits(neighbours: Neighbours, advance: Advance = silent) -> dict:
    """Shares recognised by the pen's width, after a plain resize and from the pad; and the range of ink and width."""
    seen: dict[int, list[tuple[bool, bool, bool]]] = {pen: [] for pen in PENS}
    ink, widths = [], []
    for page in pages():
        image = prepare_digit(page.picture).image
        resized = prepare_whole(page.picture, inverted=True).image
        seen[page.pen].append(
            (
                neighbours.label(image) == page.digit,
                neighbours.label(resized) == page.digit,
                neighbours.label(fit_digit(page.pad)) == page.digit,
            )
        )
        ink.append(float(image.mean()) / 255)
        widths.append(stroke_width(image / 255))
        advance(1)
    return {
        "pens": {
            str(pen): dict(zip(("recognised", "resized", "pad"), np.mean(found, axis=0).round(4).tolist(), strict=True))
            for pen, found in seen.items()
        },
        "mean_ink": [round(float(np.min(ink)), 4), round(float(np.max(ink)), 4)],
        "stroke_width": [round(float(np.min(widths)), 2), round(float(np.max(widths)), 2)],
    }


def measure_garments(advance: Advance = silent) -> dict:
    """Shares of silhouettes that agree with the truth, by ground, and of all."""
    agreed: dict[str, list[bool]] = {ground: [] for ground in GROUNDS}
    for photo in photos():
        garment = find_garment(photo.picture)
        agreed[photo.ground].append(garment is not None and overlap(garment.mask, photo.silhouette) >= GOOD_OVERLAP)
        advance(1)
    shares = {ground: round(float(np.mean(found)), 4) for ground, found in agreed.items()}
    return {"grounds": shares, "all": round(float(np.mean([good for found in agreed.values() for good in found])), 4)}


def measure() -> dict:
    """Both measurements, as "digits" and "garments"; with MNIST's first 20,000 training images as neighbours.

    Raises:
        DatasetError: MNIST is not to be had.
    """
    data = MNIST.dataset
    neighbours = Neighbours(data.x_train[:COMPARED], data.y_train[:COMPARED])
    with progress_bar("Digits", HANDS * len(DIGITS) * len(PENS)) as advance:
        digits = measure_digits(neighbours, advance)
    with progress_bar("Garments", sum(1 for _ in photos())) as advance:
        return {"digits": digits, "garments": measure_garments(advance)}


def overlap(found: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union of two silhouettes, bool, of which the first may be smaller than the second."""
    grown = np.asarray(Image.fromarray(found).resize(truth.shape[::-1], Image.Resampling.NEAREST))
    return float((grown & truth).sum() / max((grown | truth).sum(), 1))


def _hand(rng: np.random.Generator) -> np.ndarray:
    """A matrix that turns, slants and squeezes by the amounts in which handwriting differs."""
    angle, slant = rng.normal(0, 0.12), rng.normal(0, 0.15)
    wide, tall = rng.uniform(0.75, 1.1, 2)
    turned = [[wide * np.cos(angle), slant - np.sin(angle)], [np.sin(angle), tall * np.cos(angle)]]
    return 0.75 * np.array(turned)


def _on_paper(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    light = np.linspace(0.85, 0.6, PAGE)[:, np.newaxis] * np.linspace(1, 0.9, PAGE)
    page = light * (1 - 0.7 * ink / 255) + rng.normal(0, 0.01, ink.shape)
    return np.rint(np.clip(page, 0, 1) * 255).astype(np.uint8)


_LEVELS = {
    "white": 0.97,
    "grey": 0.55,
    "dark": 0.35,
    "black": 0.05,
    "wood": 0.5,
    "tiles": 0.6,
    "cloth": 0.7,
    "wall": 0.8,
}
_COLOURS = {"wood": (1.15, 0.95, 0.7), "tiles": (1.0, 0.97, 0.9), "cloth": (0.95, 0.98, 1.1)}


def _ground(name: str, rng: np.random.Generator) -> np.ndarray:
    """A ground, (240, 240) in [0, 1]: plain, or with the pattern of planks, tiles or folds."""
    y, x = np.mgrid[:PHOTO, :PHOTO] / PHOTO
    level = np.full((PHOTO, PHOTO), _LEVELS[name])
    if name == "wood":
        level += 0.06 * np.sin(70 * x + 3 * np.sin(9 * y)) - 0.12 * ((y * 6) % 1 < 0.03)
    if name == "tiles":
        level -= 0.12 * (((x * 5) % 1 < 0.03) | ((y * 5) % 1 < 0.03))
    if name == "cloth":
        level += 0.06 * np.sin(11 * x + 7 * y + 2 * np.sin(5 * y))
    if name == "wall":
        level += 0.1 * (x - 0.5)
    return level + rng.normal(0, 0.015, level.shape)


def _filled(drawn: np.ndarray) -> np.ndarray:
    """A silhouette without holes and without seams of a few pixels."""
    closed = Image.fromarray(np.uint8(255) * drawn).filter(ImageFilter.MaxFilter(7)).filter(ImageFilter.MinFilter(7))
    framed = Image.new("L", (PHOTO + 2, PHOTO + 2))
    framed.paste(closed, (1, 1))
    ImageDraw.floodfill(framed, (0, 0), 128)
    return np.asarray(framed)[1:-1, 1:-1] != 128


def _worn(silhouette: np.ndarray, ground: str, tone: float, rng: np.random.Generator) -> np.ndarray:
    """A garment with shading, folds and seams on a ground, with the blur of a lens, uint8 (240, 240, 3)."""
    y, x = np.mgrid[:PHOTO, :PHOTO] / PHOTO
    garment = tone * (1 + 0.15 * np.sin(9 * x + 2 * y)) + rng.normal(0, 0.02, silhouette.shape)
    tint = np.array(_COLOURS.get(ground, (1, 1, 1)))
    picture = np.where(
        silhouette[..., np.newaxis], garment[..., np.newaxis], _ground(ground, rng)[..., np.newaxis] * tint
    )
    pixels = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(0.8)))
