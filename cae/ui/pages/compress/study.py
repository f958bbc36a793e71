"""What the page shows of a compressed picture: its file, both pictures, reference codecs, the rate at each quality."""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from cae.codec.file_format import QUALITIES
from cae.codec.round_trip import Coded, RoundTrip
from cae.evaluation import standard_codecs
from cae.evaluation.standard_codecs import Reference
from cae.imaging import metrics
from cae.imaging.colour import luma
from cae.imaging.metrics import Distortion
from cae.imaging.pixels import to_png
from cae.progress import Advance, silent

AT_ONCE = 2**14
"""Values of a picture, of colour three a pixel, up to which it is compressed and opened at once, in well under a
second at each quality; a larger one is a job in the background."""
LONGEST = 900
"""Pixels a side of what is shown."""
WHOLE, DETAIL = "Whole picture", "The middle, pixel by pixel"


@dataclass(frozen=True)
class Result:
    """A picture at one quality; but for the file, nothing in it is larger than what is shown."""

    quality: int
    data: bytes
    payload: int
    """Bytes of the file that are neither header nor checksum."""
    pixels: int
    values: int
    """Bytes of the picture before: one a pixel in grey, three in colour."""
    distortion: Distortion
    before: dict[str, np.ndarray]
    """The picture as `views` gives it."""
    after: dict[str, np.ndarray]
    """The file's picture likewise."""


@dataclass(frozen=True)
class Point:
    """The picture at a quality, for the chart."""

    quality: int
    rate: float
    """Bits per pixel of the payload; of a picture in colour, those of its luma alone."""
    psnr: float
    """Likewise, in dB; infinite where nothing was lost."""


@dataclass(frozen=True)
class Study:
    """All that the page says of a picture."""

    name: str
    """Of the picture and its codec."""
    result: Result
    references: tuple[Reference, ...]
    """The lossy reference codecs in as many bytes, their pictures as large as is shown."""
    png: int
    """Bytes of the picture without loss."""
    points: dict[int, Point]
    """By quality, as far as they were asked for."""


def result(trip: RoundTrip, quality: int, advance: Advance = silent) -> Result:
    """A picture at a quality; raises as `RoundTrip.at` does."""
    return _result(trip, _coded(trip, quality, advance))


def study(
    trip: RoundTrip, quality: int, known: Study | None = None, *, complete: bool, advance: Advance = silent
) -> Study:
    """Study a picture at a quality; raises as `RoundTrip.at` does, and what `advance` raises.

    Args:
        trip: the picture and its codec.
        quality: the one whose file is shown.
        known: an earlier study of them, of which nothing is computed again.
        complete: whether the chart gets a point for every quality.
        advance: counts up to `work`.
    """
    points = dict(known.points) if known else {}
    if known is None or known.result.quality != quality:
        coded = _coded(trip, quality, advance)
        points[quality] = _point(trip, coded)
        references = []
        for name in standard_codecs.LOSSY:
            found = standard_codecs.within_size(trip.picture, name, len(coded.data))
            references.append(replace(found, decoded=scaled(found.decoded)))
            advance(_reference_work(trip))
        known = Study(trip.name, _result(trip, coded), tuple(references), len(to_png(trip.picture)), points)
    for other in QUALITIES if complete else ():
        if other not in points:
            points[other] = _point(trip, _coded(trip, other, advance))
    return replace(known, points=dict(sorted(points.items())))


def work(trip: RoundTrip, quality: int, known: Study | None = None, *, complete: bool) -> int:
    """What the `advance` of `study` counts up to. Raises `CodecError` for a picture that is too large."""
    missing = set(QUALITIES).difference(known.points if known else ()) if complete else set()
    if known and known.result.quality == quality:
        return sum(map(trip.work, missing))
    return sum(map(trip.work, missing | {quality})) + len(standard_codecs.LOSSY) * _reference_work(trip)


def views(picture: np.ndarray) -> dict[str, np.ndarray]:
    """A picture uint8 (H, W) or (H, W, 3) as it is shown: as a whole, and a large one's middle too."""
    shown = {WHOLE: scaled(picture)}
    if max(picture.shape[:2]) > LONGEST:
        shown[DETAIL] = middle(picture)
    return shown


def scaled(picture: np.ndarray) -> np.ndarray:
    """A picture uint8 in at most 900 × 900 pixels."""
    image = Image.fromarray(picture)
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    return np.asarray(image)


def middle(picture: np.ndarray) -> np.ndarray:
    """The middle of a picture, at most 900 × 675 of its pixels."""
    height, width = picture.shape[:2]
    top, left = max(0, height - 3 * LONGEST // 4) // 2, max(0, width - LONGEST) // 2
    return picture[top : height - top, left : width - left].copy()


def _reference_work(trip: RoundTrip) -> int:
    """What a reference codec counts as: it takes about an eighth of this codec's time."""
    return trip.picture.size // 32


def _coded(trip: RoundTrip, quality: int, advance: Advance) -> Coded:
    """The picture at a quality; large ones are not kept, so that memory does not fill up."""
    coded = trip.at(quality, advance)
    if trip.picture.size > AT_ONCE:
        trip.results.clear()
    return coded


def _result(trip: RoundTrip, coded: Coded) -> Result:
    return Result(
        coded.quality,
        coded.data,
        coded.payload,
        trip.pixels,
        trip.picture.size,
        coded.distortion,
        views(trip.picture),
        views(coded.decoded),
    )


def _point(trip: RoundTrip, coded: Coded) -> Point:
    bits = coded.luma_bits if trip.picture.ndim == 3 else 8 * coded.payload
    psnr = metrics.psnr(luma(trip.picture)[np.newaxis], luma(coded.decoded)[np.newaxis])
    return Point(coded.quality, bits / trip.pixels, float(psnr[0]))
