"""Handwriting on any ground: finds the ink in a picture and brings it into the form of MNIST's digits.

    picture ── plane of most contrast ──▶ grey ── frames dropped, ground taken away ──▶ relief ── parts ──▶ things

Dark ink and light ink are both tried: ink must differ from the ground beside it and from the ground at large, which the
ground that a stroke encloses does not. Rules, frames and bars at the border are no ink. Lengths are shares of the
longer side of the picture looked at, unless a unit is given; grey levels go from 0 to 255.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

WORKING_SIDE = 640
"""Larger pictures are reduced to this many pixels before anything is looked for, which bounds time and memory."""
SMALLEST_SIDE = 160
"""Smaller pictures are enlarged to this many pixels, so that strokes have an inside."""
GROUND = 0.4
"""Ink wider than this cannot be told from ground."""
LEAST_INK = 4.0
"""Least difference between ink and ground, in grey levels."""
NOISE_FACTOR = 4
"""Ink differs from the ground by at least this many standard deviations of the noise."""
TOLERANCE = 24
"""Grey levels by which an even frame or margin varies at most."""
Box = tuple[int, int, int, int]
"""Top, left, bottom and right in pixels; bottom and right lie just outside."""


@dataclass(frozen=True)
class Part:
    """Connected strokes in the working picture."""

    box: Box
    mask: np.ndarray
    prominence: float
    contrast: float


@dataclass(frozen=True)
class Candidate:
    """What would be ink if ink were dark, or light."""

    is_dark: bool
    parts: list[Part]
    score: float


def plane_of_most_contrast(picture: np.ndarray) -> np.ndarray:
    """Luma, or red, green or blue where that has much more contrast: uint8 (H, W)."""
    if picture.ndim == 2:
        return picture
    step = max(1, max(picture.shape) // WORKING_SIDE)

    def contrast(plane: np.ndarray) -> float:
        low, high = np.percentile(plane[::step, ::step], (0.5, 99.5))
        return float(high - low)

    luma = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY)
    best = max((picture[..., channel] for channel in range(3)), key=contrast)
    return np.ascontiguousarray(best) if contrast(best) > 1.5 * contrast(luma) else luma


def working(plane: np.ndarray) -> tuple[np.ndarray, float]:
    """A plane at a size to work at, with less noise, and its scale."""
    side = max(plane.shape)
    scale = WORKING_SIDE / side if side > WORKING_SIDE else max(1.0, SMALLEST_SIDE / side)
    grey = np.ascontiguousarray(plane)
    if scale != 1:
        height, width = (max(1, round(length * scale)) for length in plane.shape)
        grey = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    noise = noise_of(grey)
    return (cv2.GaussianBlur(grey, (0, 0), 0.7 + min(2.0, noise / 6)) if noise > 0.8 else grey), scale


def noise_of(grey: np.ndarray) -> float:
    """Standard deviation of the noise, in grey levels: from the median of what a Laplacian leaves.

    Source: J. Immerkær, "Fast noise variance estimation", 1996, with the median in place of the mean.
    """
    if min(grey.shape) < 3:
        return 0.0
    curvature = cv2.Laplacian(grey, cv2.CV_32F)[1:-1, 1:-1] / np.float32(np.sqrt(20))
    return 1.4826 * float(np.median(np.abs(curvature)))


def without_frames(plane: np.ndarray) -> tuple[tuple[int, int], np.ndarray]:
    """Where the picture starts within even frames and margins, and the picture; it has an even border itself."""
    top = left = 0
    for _ in range(4):
        inner = _inside_frame(plane)
        if inner is None:
            break
        plane, top, left = plane[_cut(inner)], top + inner[0], left + inner[1]
    return (top, left), plane


def _inside_frame(plane: np.ndarray) -> Box | None:
    if min(plane.shape) < 12:
        return None
    level = _even_ring(plane, 0.97)
    if level is None:
        return None
    odd = cv2.absdiff(plane, np.full_like(plane, level)) > TOLERANCE
    rows, columns = (np.flatnonzero(odd.mean(axis) > 0.02) for axis in (1, 0))
    if not len(rows) or not len(columns):
        return None
    for soft in (0, 2):  # a soft edge between frame and picture
        top, bottom = int(rows[0]) + soft, int(rows[-1]) + 1 - soft
        left, right = int(columns[0]) + soft, int(columns[-1]) + 1 - soft
        inner = plane[top:bottom, left:right]
        if min(inner.shape, default=0) < 12 or inner.shape == plane.shape:
            return None
        inner_level = _even_ring(inner, 0.9)
        if inner_level is not None:
            return (top, left, bottom, right) if abs(inner_level - level) > TOLERANCE else None
    return None


def _even_ring(plane: np.ndarray, share: float) -> int | None:
    """The level of the outermost pixels, if so large a share of them has it."""
    ring = np.concatenate([plane[0], plane[-1], plane[:, 0], plane[:, -1]]).astype(int)
    level = int(np.median(ring))
    return level if (np.abs(ring - level) <= TOLERANCE).mean() >= share else None


def relief_of(grey: np.ndarray, is_dark: bool) -> np.ndarray:
    """How much each pixel differs from its ground, in grey levels, float32 (H, W); 0 where it does not, or otherwise.

    The ground is the picture closed with a disc wider than any stroke, so that the edge of a shadow stays in it.
    """
    values = np.asarray(grey if is_dark else 255 - grey, np.uint8)
    height, width = values.shape
    step = max(1, max(height, width) // SMALLEST_SIDE)
    small = cv2.resize(values, (max(1, width // step), max(1, height // step)), interpolation=cv2.INTER_AREA)
    if min(small.shape) > 3:
        small = cv2.medianBlur(small, 3)
    disc = max(3, int(GROUND * max(small.shape)) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (disc, disc))
    ground = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel, borderType=cv2.BORDER_REPLICATE)
    ground = cv2.resize(ground.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.maximum(ground - values, 0)


def threshold(relief: np.ndarray, noise: float) -> tuple[float, float]:
    """The level from which on a relief is ink, and how well it parts ink from ground, from 0 to 1 (Otsu's η)."""
    values = np.minimum(relief, np.percentile(relief, 99.9)).ravel()
    level, separation = otsu(values)
    return max(0.75 * level, NOISE_FACTOR * noise, LEAST_INK), separation


def otsu(values: np.ndarray) -> tuple[float, float]:
    """The level that best parts small values from large ones, and η: the share of the variance that this explains.

    Source: N. Otsu, "A threshold selection method from gray-level histograms", 1979.
    """
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-6:
        return high, 0.0
    counts, edges = np.histogram(values, bins=256, range=(low, high))
    centres = (edges[:-1] + edges[1:]) / 2
    below, sums = np.cumsum(counts)[:-1], np.cumsum(counts * centres)[:-1]
    above, rest = counts.sum() - below, (counts * centres).sum() - sums
    between = below * above * (sums / below - rest / above) ** 2 / counts.sum() ** 2  # first and last bin hold a value
    best = int(np.argmax(between))
    return float(edges[best + 1]), float(between[best] / max(float(values.var()), 1e-9))


def candidate_of(grey: np.ndarray, is_dark: bool) -> Candidate | None:
    relief = relief_of(grey, is_dark)
    level, separation = threshold(relief, noise_of(grey))
    mask = _without_rules((relief > level).astype(np.uint8))
    parts = _parts(grey, relief, mask, is_dark)
    return Candidate(is_dark, parts, _score(parts, separation, grey.shape, relief)) if parts else None


def _score(parts: list[Part], separation: float, shape: tuple[int, ...], relief: np.ndarray) -> float:
    """How much it looks like ink: it differs from the ground, is rare, not in pieces, and not cut by the border."""
    height, width = shape
    share = sum(int(part.mask.sum()) for part in parts) / (height * width)
    cut = sum(_touching(part.box, shape) > 0 for part in parts)
    pieces = sum(part.mask.sum() > 0.1 * parts[0].mask.sum() for part in parts)
    strength = min(float(max(relief[part.mask].max() for part in parts)) / 255, 0.5)
    score = 2 * min(parts[0].contrast, 0.5) + separation + strength + (0.3 if share < 0.35 else -0.5)
    return score - 0.3 * min(cut, 4) - min(1.0, 0.4 * max(0, pieces - 2))


def _touching(box: Box, shape: tuple[int, ...]) -> int:
    """How many of the picture's four sides a box touches."""
    top, left, bottom, right = box
    return (top <= 1) + (left <= 1) + (bottom >= shape[0] - 1) + (right >= shape[1] - 1)


def _without_rules(mask: np.ndarray) -> np.ndarray:
    """The mask without thin straight lines from side to side: ruled and squared paper, table edges."""
    side, kept = max(mask.shape), mask.copy()
    thickest = max(6, int(0.035 * side))
    for axis in (1, 0):  # horizontal lines, vertical ones

        def bar(length: int, thickness: int, axis: int = axis) -> np.ndarray:
            return np.ones((thickness, length) if axis else (length, thickness), np.uint8)

        length = mask.shape[axis]
        lines = cv2.morphologyEx(cv2.dilate(mask, bar(1, 3)), cv2.MORPH_OPEN, bar(max(1, int(0.45 * length)), 1))
        lines = cv2.subtract(lines, cv2.morphologyEx(lines, cv2.MORPH_OPEN, bar(1, thickest)))
        count, labels, stats, _ = cv2.connectedComponentsWithStats(lines)
        for label in range(1, count):
            if stats[label, cv2.CC_STAT_WIDTH if axis else cv2.CC_STAT_HEIGHT] >= 0.85 * length:
                kept[labels == label] = 0
    return mask if np.array_equal(kept, mask) else cv2.morphologyEx(kept, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))


def _parts(grey: np.ndarray, relief: np.ndarray, mask: np.ndarray, is_dark: bool) -> list[Part]:
    """The strokes of a mask in groups that belong together, the most prominent first."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    side = max(mask.shape)
    boxes: dict[int, Box] = {}
    for label in range(1, count):
        left, top, width, height, area = (int(value) for value in stats[label])
        box = (top, left, top + height, left + width)
        if area >= max(6, (0.006 * side) ** 2) and not _is_border(box, area, labels == label):
            boxes[label] = box
    strengths = {label: float(relief[_cut(boxes[label])][labels[_cut(boxes[label])] == label].max()) for label in boxes}
    strongest = max(strengths.values(), default=0.0)
    boxes = {label: box for label, box in boxes.items() if strengths[label] > 0.4 * strongest}
    parts = []
    for group in _groups(boxes):
        inked = np.isin(labels, group)
        box = _bounds(boxes[label] for label in group)
        contrast = _contrast(grey, inked, box, is_dark) / max(strongest, 1.0)
        size = max(box[2] - box[0], box[3] - box[1])
        parts.append(Part(box, inked, float(relief[inked].sum()) * size * max(contrast, 0.01), contrast))
    return sorted(parts, key=lambda part: -part.prominence)


def _is_border(box: Box, area: int, piece: np.ndarray) -> bool:
    """Whether a connected piece is a frame, a strip at the border, a corner of a table, or a long line."""
    (height, width), side = piece.shape, max(piece.shape)
    tall, wide = box[2] - box[0], box[3] - box[1]
    touches, k = _touching(box, piece.shape), max(1, side // 20)
    corners = sum(bool(corner.any()) for end in (piece[:k], piece[-k:]) for corner in (end[:, :k], end[:, -k:]))
    if (touches >= 3 and corners >= 3) or (touches == 2 and (wide > 0.9 * width or tall > 0.9 * height)):
        return True
    if touches and min(tall, wide) < 0.12 * side and max(tall, wide) > 0.6 * side:
        return True
    if touches and area > 0.85 * tall * wide and max(tall, wide) > 0.3 * side:
        return True
    return max(tall, wide) > 0.8 * side and min(tall, wide) < 0.03 * side


def _contrast(grey: np.ndarray, inked: np.ndarray, box: Box, is_dark: bool) -> float:
    """By how many grey levels ink differs from the ground close to its box, farther away, and in the whole picture."""
    top, left, bottom, right = box
    size = max(bottom - top, right - left)
    levels = []
    for reach in (0.06, 0.6):
        k = max(2, int(reach * size))
        ring = np.zeros(grey.shape, bool)
        ring[max(0, top - k) : bottom + k, max(0, left - k) : right + k] = True
        ring[top:bottom, left:right] = False
        if ring.any():
            levels.append(float(np.median(grey[ring])))
    levels.append(float(np.median(grey)))
    ink = float(np.median(grey[inked]))
    if len(levels) == 1:  # it fills the picture
        return 0.5 * float(np.ptp(grey))
    return min(levels) - ink if is_dark else ink - max(levels)


def _groups(boxes: dict[int, Box]) -> list[list[int]]:
    """Labels of pieces that lie close to one another, or one above the other as the strokes of one digit do."""
    labels, groups = list(boxes), {label: {label} for label in boxes}
    largest = max((max(box[2] - box[0], box[3] - box[1]) for box in boxes.values()), default=0)
    for index, first in enumerate(labels):
        for second in labels[:index]:
            a, b = boxes[first], boxes[second]
            down, across = max(a[0], b[0]) - min(a[2], b[2]), max(a[1], b[1]) - min(a[3], b[3])
            stacked = -across > 0.5 * min(a[3] - a[1], b[3] - b[1])
            if max(down, across) < (0.25 if stacked else 0.06) * largest and groups[first] is not groups[second]:
                groups[first] |= groups[second]
                for label in groups[second]:
                    groups[label] = groups[first]
    return [sorted(group) for group in {id(group): group for group in groups.values()}.values()]


def _bounds(boxes: Iterator[Box]) -> Box:
    top, left, bottom, right = zip(*boxes, strict=True)
    return min(top), min(left), max(bottom), max(right)


def _cut(box: Box) -> tuple[slice, slice]:
    return slice(box[0], box[2]), slice(box[1], box[3])


def page_in(part: Part, shape: tuple[int, ...]) -> Box | None:
    """The inside of a part that is a filled rectangle, such as a sheet of paper on a table; None if it is not."""
    top, left, bottom, right = part.box
    inside = part.mask[_cut(part.box)].astype(np.uint8)
    outlines, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outline = max(outlines, key=cv2.contourArea)
    width, height = cv2.minAreaRect(outline)[1]
    if (
        min(bottom - top, right - left) < 0.25 * max(shape)
        or cv2.contourArea(outline) < 0.93 * width * height
        or inside.mean() < 0.6
    ):
        return None
    edge = max(3, int(0.04 * max(bottom - top, right - left)))
    return top + edge, left + edge, bottom - edge, right - edge
