"""Handwriting in the form of MNIST's digits: light on black, in full contrast, strokes two to three pixels wide.

`ink` finds the strokes; here they are cut out, given their width and put into 28×28 pixels.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from cae.imaging import ink as finding
from cae.imaging.ink import Box, Candidate, Part
from cae.imaging.preprocessing import DIGIT_SIDE, centred_by_mass

PLAUSIBLE = 2.0
"""Score from which on what was found is probably handwriting."""
INSIDE = 1.5
"""Score that what lies on a sheet of paper needs, so that the sheet is not taken itself."""
MOST_THINGS = 9

WIDTHS = (1.9, 3.9)
"""Widths of strokes in the 28×28 picture that are kept (see `stroke_width`); 8 in 10 of MNIST's lie between these."""
THIN_TO, THICK_TO = 2.5, 3.4
"""What thinner and thicker strokes are brought to; MNIST's median is 2.4."""


@dataclass(frozen=True)
class Thing:
    """Something written: strokes that belong together."""

    box: Box
    """Where it lies in the picture that was searched."""
    digit: np.ndarray
    """It as MNIST's digits are, uint8 (28, 28): ink at full white, strokes two to three pixels wide, centred."""


@dataclass(frozen=True)
class Ink:
    """The things written in a picture, the most prominent first, at least one."""

    things: tuple[Thing, ...]
    is_dark: bool
    """Whether the ink is darker than its ground."""
    is_plausible: bool
    """Whether it looks like handwriting."""


def find_ink(picture: np.ndarray, is_dark: bool | None = None) -> Ink | None:
    """The ink in a picture, uint8 (H, W) or (H, W, 3) of any size; None where there is none.

    `is_dark` tells whether ink is darker than its ground; None finds out.
    """
    plane = finding.plane_of_most_contrast(picture)
    found: tuple[np.ndarray, int, int, float, Candidate] | None = None
    top = left = 0
    for _ in range(3):  # the picture, a sheet of paper in it, a frame on that
        (down, right), plane = finding.without_frames(plane)
        top, left = top + down, left + right
        grey, scale = finding.working(plane)
        best = max(
            (finding.candidate_of(grey, dark) for dark in (True, False) if is_dark in (None, dark)),
            key=lambda candidate: -np.inf if candidate is None else candidate.score,
            default=None,
        )
        if best is None or (found is not None and best.score < INSIDE):
            break
        found = plane, top, left, scale, best
        sheet = finding.page_in(best.parts[0], grey.shape)
        if sheet is None:
            break
        rows, columns = (slice(int(sheet[axis] / scale), int(sheet[axis + 2] / scale)) for axis in (0, 1))
        plane, top, left = plane[rows, columns], top + rows.start, left + columns.start
    return None if found is None else _ink(*found)


def _ink(plane: np.ndarray, top: int, left: int, scale: float, candidate: Candidate) -> Ink | None:
    """The parts of a candidate as digits; `top`, `left` and `scale` tell where the plane lies in the picture."""
    things = []
    for part in candidate.parts[:MOST_THINGS]:
        digit = _digit(plane, part, scale, candidate.is_dark)
        if digit is not None:
            box = [round(value / scale) + (left if index % 2 else top) for index, value in enumerate(part.box)]
            things.append(Thing((box[0], box[1], box[2], box[3]), digit))
    return Ink(tuple(things), candidate.is_dark, bool(candidate.score >= PLAUSIBLE)) if things else None


def stroke_width(ink: np.ndarray) -> float:
    """Mean width in pixels of strokes in ink (H, W) in [0, 1]: twice the area over the length of the outline.

    The length of the outline is the total variation of the ink, in which soft edges count as much as hard ones.
    """
    ink = np.pad(np.asarray(ink, np.float64), 1)
    rows, columns = np.diff(ink, axis=0)[:, :-1], np.diff(ink, axis=1)[:-1]
    return float(2 * ink.sum() / max(np.sqrt(rows**2 + columns**2).sum(), 1e-9))


def _digit(plane: np.ndarray, part: Part, scale: float, is_dark: bool) -> np.ndarray | None:
    """A part as a digit of MNIST, cut out of the plane in full resolution; None if nothing of it is left."""
    top, left, bottom, right = part.box
    margin = int(0.15 * max(bottom - top, right - left)) + 3
    around = slice(max(0, top - margin), bottom + margin), slice(max(0, left - margin), right + margin)
    rows, columns = (slice(round(side.start / scale), round(side.stop / scale) + 1) for side in around)
    grey, _ = finding.working(plane[rows, columns])
    relief = finding.relief_of(grey, is_dark)
    coarse = cv2.dilate(part.mask[around].astype(np.uint8), np.ones((3, 3), np.uint8))
    mine = cv2.resize(coarse, grey.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0
    level, _ = finding.threshold(relief[mine], finding.noise_of(grey))
    inked = mine & (relief > level)
    if not inked.any():
        return None
    ink = np.clip(relief * mine / max(float(np.percentile(relief[inked], 70)), 1e-6), 0, 1)
    rows_of, columns_of = (np.flatnonzero(inked.any(axis)) for axis in (1, 0))
    # Pixels here for one of the 28×28 picture.
    pixel = max(np.ptp(rows_of) + 1, np.ptp(columns_of) + 1) / DIGIT_SIDE
    width = stroke_width(cv2.GaussianBlur(inked.astype(np.float32), (0, 0), 0.5))
    if width < WIDTHS[0] * pixel:
        ink = _widened(ink, round((THIN_TO * pixel - width) / 2), pixel)
    elif width > WIDTHS[1] * pixel:
        ink = cv2.erode(ink, _disc(min(round((width - THICK_TO * pixel) / 2), int(width / 3))))
    seen = ink > 0.15
    rows_of, columns_of = (np.flatnonzero(seen.any(axis)) for axis in (1, 0))
    if not len(rows_of):
        return None
    small = _reduced(ink[rows_of[0] : rows_of[-1] + 1, columns_of[0] : columns_of[-1] + 1])
    peak = float(np.percentile(small[small > 0.1], 90)) if (small > 0.1).any() else 1.0
    return centred_by_mass(np.rint(np.clip(small / peak, 0, 1) * 255).astype(np.uint8))


def _disc(radius: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


def _widened(ink: np.ndarray, radius: int, pixel: float) -> np.ndarray:
    """Strokes wider by a radius on each side, with edges as soft as a pixel of the 28×28 picture makes them."""
    if radius < 1:
        return ink
    ink = cv2.dilate(np.pad(ink, radius), _disc(radius))
    return cv2.GaussianBlur(ink, (0, 0), max(0.5, 0.35 * pixel))


def _reduced(ink: np.ndarray) -> np.ndarray:
    """Ink scaled until its longer side has 20 pixels."""
    scale = DIGIT_SIDE / max(ink.shape)
    height, width = (max(1, round(length * scale)) for length in ink.shape)
    return cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
