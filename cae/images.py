"""Visitors' pictures: reading them safely, and fitting them to 28×28.

A picture comes in through `read_image` only. All that follows works on float32 arrays (H, W) in [0, 1]; the functions
that fit give (28, 28, 1), the shape the network takes.
"""

import io
import threading
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 25_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")

SIDE = 28
DIGIT_SIDE = 20
DIGIT_CENTRE = 14
"""Row and column, from 0, of the centre of mass: MNIST's own images have theirs at 14.0 ± 0.5, not at 13.5."""

LEAST_CONTRAST = 1 / 64
WORKING_SIDE = 560
"""Larger pictures are reduced to this before a digit is looked for, which bounds time and memory."""

ACCEPTED = "PNG, JPEG, WebP, BMP or GIF"
COUNTED_BYTES = 1024 * 1024
"""The frames of larger animations are not counted: a GIF tells their number only to those who walk through it."""

# The filters for warnings belong to the whole process; besides, one decoding at a time bounds the memory that it takes.
_one_at_a_time = threading.Lock()

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation → what turns the picture upright (Exif 2.32, tag 0x0112)."""


class ImageError(ValueError):
    """Something a visitor gave cannot be used; the message is one plain sentence that says what is accepted."""


@dataclass(frozen=True)
class Picture:
    """A picture that was read: 8 bits, no transparency, one frame, no metadata.

    `image` has mode "L" or "RGB"; `remarks` are short phrases on what reading changed; `rotated` tells whether an EXIF
    orientation was applied.
    """

    image: Image.Image
    remarks: tuple[str, ...] = ()
    rotated: bool = False

    def grey(self) -> np.ndarray:
        """Luma (ITU-R BT.601, as Pillow computes it): float32 (H, W) in [0, 1]."""
        return np.asarray(self.image.convert("L"), np.float32) / np.float32(255)


def read_image(data: bytes, *, upright: bool = True) -> Picture:
    """Reads a PNG, JPEG, WebP, BMP or GIF file of at most 10 MB and 25 megapixels; its content decides, not its name.

    Takes the first frame, lays transparent parts on white, reduces to 8 bits and drops all metadata; `upright` turns
    the picture as its EXIF orientation says. Raises `ImageError`, and nothing else, for whatever cannot be read.
    """
    if not data:
        raise ImageError(f"The file is empty; choose a {ACCEPTED} image.")
    if len(data) > MAX_BYTES:
        raise ImageError(f"The file is larger than {MAX_BYTES // 2**20} MB, the most that is accepted.")
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _open(data) as source:
            try:
                return _read(source, data, upright)
            except Exception as error:  # Pillow's decoders raise nearly every kind
                raise ImageError(
                    f"The image is damaged or incomplete and cannot be read; choose an intact {ACCEPTED} file."
                ) from error


def _open(data: bytes) -> Image.Image:
    """Reads the header alone, and refuses what should not be decoded."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ImageError(f"The image is too large; at most {MAX_PIXELS // 10**6} megapixels are accepted.") from error
    except Exception as error:
        raise ImageError(f"The file is not an image that can be read; choose a {ACCEPTED} file.") from error
    width, height = image.size
    if width * height > MAX_PIXELS:
        image.close()
        raise ImageError(
            f"The image has {width} × {height} pixels; at most {MAX_PIXELS // 10**6} megapixels are accepted."
        )
    return image


def _read(source: Image.Image, data: bytes, upright: bool) -> Picture:
    source.load()
    remarks = []
    if source.mode == "CMYK":
        remarks.append("converted from CMYK")
    if source.mode.startswith("I") or (source.format == "PNG" and data[24] == 16):  # byte 24 of a PNG is its bit depth
        remarks.append("reduced from 16 to 8 bits")
    image, ground = _opaque(_eight_bits(source))
    if ground:
        remarks.append(ground)
    if min(image.size) < 1:
        raise ValueError("no pixels")
    turn = _UPRIGHT.get(_orientation(source)) if upright else None
    if turn is not None:
        image = image.transpose(turn)
        remarks.append("turned upright as its EXIF data says")
    frames = _frames(source, data)
    if frames:
        remarks.append(frames)
    image.info.clear()
    return Picture(image, tuple(remarks), turn is not None)


def _eight_bits(image: Image.Image) -> Image.Image:
    if not image.mode.startswith("I"):
        return image
    values = np.asarray(image)
    grey = Image.fromarray(((np.clip(values, 0, 65535).astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8))
    see_through = image.info.get("transparency")
    if isinstance(see_through, int):
        grey.putalpha(Image.fromarray(np.where(values == see_through, 0, 255).astype(np.uint8)))
    return grey


def _opaque(image: Image.Image) -> tuple[Image.Image, str]:
    """Gives the picture as a fresh "L" or "RGB" image, and a remark if something of it was transparent."""
    mode = "L" if image.mode in ("1", "L", "LA", "La") else "RGB"
    if not image.has_transparency_data:
        return image.convert(mode), ""
    layer = image.convert("RGBA")
    alpha = layer.getchannel("A")
    colours = layer.convert("RGB").convert(mode)
    if alpha.getextrema() == (255, 255):
        return colours, ""
    on_white, on_black = (
        Image.composite(colours, Image.new(mode, image.size, ground), alpha) for ground in ("white", "black")
    )
    if _flat(on_white) and not _flat(on_black):  # white ink on nothing
        return on_black, "transparent parts laid on black, since on white nothing would show"
    return on_white, "transparent parts laid on white"


def _flat(image: Image.Image) -> bool:
    low, high = image.convert("L").getextrema()
    return high - low < 255 * LEAST_CONTRAST


def _orientation(image: Image.Image) -> int | None:
    try:
        value = image.getexif().get(0x0112)
    except Exception:  # damaged metadata should not cost the visitor an intact picture
        return None
    return value if isinstance(value, int) else None


def _frames(image: Image.Image, data: bytes) -> str:
    try:
        if not getattr(image, "is_animated", False):
            return ""
        return f"first of {image.n_frames} frames" if len(data) <= COUNTED_BYTES else "first frame of an animation"
    except Exception:  # a later frame is damaged, the first is not
        return "first frame of an animation"


def invert(pixels: np.ndarray) -> np.ndarray:
    """Black ↔ white: float32 of the same shape, in [0, 1] as the input."""
    return np.float32(1) - np.asarray(pixels, np.float32)


def is_blank(pixels: np.ndarray) -> bool:
    """Whether lightest and darkest pixel differ by less than 1/64; any shape, values in [0, 1]."""
    return pixels.size == 0 or float(np.max(pixels)) - float(np.min(pixels)) < LEAST_CONTRAST


def is_light_background(pixels: np.ndarray) -> bool:
    """Whether the median of the border pixels of an (H, W) picture in [0, 1] is above one half."""
    return _border(pixels) > 0.5


def stretch_contrast(pixels: np.ndarray) -> np.ndarray:
    """Maps the 1st to 99.5th percentile of (H, W) pixels to 0…1 and clips: float32 (H, W). A blank one stays as it is.

    Where ink is so rare that the percentiles miss it, darkest and lightest pixel take their place.
    """
    pixels = np.asarray(pixels, np.float32)
    if is_blank(pixels):
        return pixels
    darkest, lightest = float(pixels.min()), float(pixels.max())
    low, high = (float(value) for value in np.percentile(pixels, (1, 99.5)))
    if high - low < (lightest - darkest) / 2:
        low, high = darkest, lightest
    return np.clip((pixels - np.float32(low)) / np.float32(high - low), 0, 1)


def fit_digit(pixels: np.ndarray) -> np.ndarray:
    """Fits light ink on a dark ground, (H, W) in [0, 1], as the digits of MNIST were: float32 (28, 28, 1) in [0, 1].

    The bounding box of the ink is scaled into 20×20 with its proportions kept, and put where its centre of mass is at
    pixel (14, 14), or as near to that as keeps all ink inside. A picture without ink gives zeros.
    Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", 1998,
    section III.A, and the MNIST data, where the shift is by whole pixels.
    """
    field = np.zeros((SIDE, SIDE, 1), np.float32)
    pixels = _reduced(np.asarray(pixels, np.float32))
    ink, edge = _ink(pixels)
    if ink.max() < LEAST_CONTRAST:
        return field
    rows, columns = (np.flatnonzero((ink > edge * ink.max()).any(axis)) for axis in (1, 0))
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    small = _resized(box, DIGIT_SIDE)
    top, left = (_offset(small.sum(1 - axis)) for axis in (0, 1))
    field[top : top + small.shape[0], left : left + small.shape[1], 0] = small
    return field


def fit_square(pixels: np.ndarray) -> np.ndarray:
    """Scales a whole picture (H, W) in [0, 1] into 28×28, centred, its proportions kept: float32 (28, 28, 1) in [0, 1].

    What remains at the sides gets the median of the picture's border pixels.
    """
    small = _resized(np.asarray(pixels, np.float32), SIDE)
    field = np.full((SIDE, SIDE, 1), _border(pixels), np.float32)
    height, width = small.shape
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    field[top : top + height, left : left + width, 0] = small
    return field


def _border(pixels: np.ndarray) -> float:
    edges = (pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1])
    return float(np.median(np.concatenate(edges)))


def _reduced(pixels: np.ndarray) -> np.ndarray:
    return pixels if max(pixels.shape) <= WORKING_SIDE else _resized(pixels, WORKING_SIDE)


def _resized(pixels: np.ndarray, side: int) -> np.ndarray:
    """Scales (H, W) so that the longer side is `side`; every output pixel is a mean over the area it covers."""
    height, width = pixels.shape
    scale = side / max(height, width)
    shape = (max(1, round(height * scale)), max(1, round(width * scale)))
    if shape == pixels.shape:
        return pixels
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.clip(np.asarray(image.resize(shape[::-1], Image.Resampling.HAMMING)), 0, 1)


def _ink(pixels: np.ndarray) -> tuple[np.ndarray, float]:
    """Takes the ground away; gives the ink, and the share of its peak above which it counts for the bounding box.

    A clean drawing stays as it is, to its faintest edge; a photograph loses uneven light and noise.
    """
    if is_blank(pixels):
        return np.where(pixels < 0.5, 0, pixels), 0.1
    level, spread = _ground(pixels)
    edge = 0.1
    if spread > 0:
        peak, edge = pixels.max(), 0.4
        pixels = pixels - _light(pixels)
        if pixels.max() < LEAST_CONTRAST:
            return np.zeros_like(pixels), edge
        pixels = pixels * (peak / pixels.max())
        level, spread = _ground(pixels)
    peak, floor = pixels.max(), level + 5 * spread
    if peak - floor < LEAST_CONTRAST:
        return np.clip(pixels, 0, 1), edge
    return np.clip((pixels - floor) * (peak / (peak - floor)), 0, 1), edge


def _ground(pixels: np.ndarray) -> tuple[np.float32, np.float32]:
    """Median of the dark pixels, and their median deviation from it."""
    ground = pixels[pixels <= _otsu(pixels)]
    level = np.median(ground)
    return level, np.median(np.abs(ground - level))


def _light(pixels: np.ndarray) -> np.ndarray:
    """The quadratic surface (H, W) through the ground: least squares, again and again without what lies above it."""
    y, x = (np.linspace(-1, 1, side, dtype=np.float32) for side in pixels.shape)
    y, x = np.broadcast_arrays(y[:, None], x)
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1)
    step = max(1, max(pixels.shape) // 100)
    samples, values = terms[::step, ::step].reshape(-1, 6), pixels[::step, ::step].ravel()
    kept = np.ones(len(values), bool)
    for _ in range(8):
        surface = np.linalg.lstsq(samples[kept], values[kept], rcond=None)[0]
        residual = values - samples @ surface
        kept = residual <= np.median(residual) + 3 * np.median(np.abs(residual - np.median(residual)))
    return terms @ surface


def _otsu(pixels: np.ndarray) -> float:
    """The level that best parts dark from light (N. Otsu, "A threshold selection method", 1979), in [min, max)."""
    low, high = float(pixels.min()), float(pixels.max())
    counts, edges = np.histogram(pixels, bins=256, range=(low, high))
    centres = (edges[:-1] + edges[1:]) / 2
    below, total = np.cumsum(counts)[:-1], np.cumsum(counts * centres)[:-1]
    above = counts.sum() - below
    gap = total / below - ((counts * centres).sum() - total) / above  # the first and the last bin hold a pixel
    return float(edges[1:-1][np.argmax(below * above * gap**2)])


def _offset(profile: np.ndarray) -> int:
    """Where ink with this profile along one axis starts, so that its centre of mass comes nearest to pixel 14."""
    centre = float(profile @ np.arange(len(profile)) / profile.sum())
    return int(np.clip(round(DIGIT_CENTRE - centre), 0, SIDE - len(profile)))


def quantise(image: np.ndarray) -> np.ndarray:
    """[0, 1] → uint8 of the same shape; clips, and rounds halves to even."""
    return np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)


def to_bytes(image: np.ndarray) -> bytes:
    """One byte per pixel, row by row, 784 of them for a 28×28 image in [0, 1]."""
    return quantise(image).tobytes()


def to_png(pixels: np.ndarray, scale: int = 1) -> bytes:
    """An 8-bit grey PNG, without metadata, of an (H, W) or (H, W, 1) image in [0, 1]; a pixel becomes scale × scale."""
    grey = quantise(pixels)
    if grey.ndim == 3 and grey.shape[-1] == 1:
        grey = grey[..., 0]
    if grey.ndim != 2 or scale < 1:
        raise ValueError(
            f"An image (H, W) or (H, W, 1) and a scale of 1 or more are needed, not {pixels.shape}, {scale}."
        )
    file = io.BytesIO()
    Image.fromarray(grey.repeat(scale, 0).repeat(scale, 1)).save(file, "PNG")
    return file.getvalue()
