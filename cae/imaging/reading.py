"""Visitors' pictures, read safely. `preparation` brings them into the form that the network was trained on.

A picture comes in through `read_image` only. All that follows works on uint8 arrays, (H, W) or in colour (H, W, 3).
"""

import io
import math
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from PIL.ExifTags import Base

from cae import CaeError
from cae.imaging.colour import luma
from cae.imaging.formats import READ, unreadable

MAX_BYTES = 25_000_000
MAX_PIXELS = 100_000_000
"""Of a file; whatever has more is refused from its header alone."""
KEPT_PIXELS = 25_000_000
"""Larger pictures are reduced to at most so many pixels, JPEG while it is decoded."""
MAX_DECODED_BYTES = 100_000_000
"""What the decoded picture may take before it is reduced."""
FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "TIFF", "BMP", "GIF")
ENDINGS = frozenset((".png", ".jpg", ".jpeg", ".jfif", ".webp", ".avif", ".tif", ".tiff", ".bmp", ".gif"))
"""Of the files in a folder that are taken for pictures; whatever the ending, the content decides what is read."""

LEAST_CONTRAST = 1 / 64

TURNED = "turned upright as its EXIF data says"
"""A remark."""

COUNTED_BYTES = 1_000_000
"""The frames of larger animations are not counted: of a GIF, counting them would mean decoding them all."""

# The filters for warnings belong to the whole process; besides, one decoding at a time bounds the memory that it takes.
_one_at_a_time = threading.Lock()


class ImageError(CaeError, ValueError):
    """Something a visitor gave cannot be used; the message is one plain sentence that says what is accepted."""


@dataclass(frozen=True)
class Picture:
    """A picture that was read: 8 bits, no transparency, one frame, no metadata.

    `remarks` are short phrases on what reading changed; `rotated` tells whether an EXIF orientation was applied.
    """

    pixels: np.ndarray
    """uint8 (H, W) in grey or (H, W, 3) in colour."""
    remarks: tuple[str, ...] = ()
    rotated: bool = False

    def grey(self) -> np.ndarray:
        """Luma (ITU-R BT.601), uint8 (H, W)."""
        return luma(self.pixels)


def read_image(data: bytes, *, upright: bool = True) -> Picture:
    """Reads a PNG, JPEG, WebP, AVIF, TIFF, BMP or GIF file of at most 25 MB and 100 megapixels; its content decides.

    Takes the first frame, lays transparent parts on white, reduces to 8 bits and to at most 25 megapixels, and drops
    all metadata; `upright` turns the picture as its EXIF orientation says. At most 300 MB of memory are used, by one
    call at a time. Raises `ImageError`, and nothing else, for whatever cannot be read.
    """
    if not data:
        raise ImageError(f"The file is empty; choose a {READ} image.")
    if len(data) > MAX_BYTES:
        raise ImageError(f"The file is larger than {MAX_BYTES // 10**6} MB, the most that is accepted.")
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _open(data) as source:
            try:
                return _read(source, data, upright)
            except ImageError:
                raise
            except Exception as error:  # Pillow's decoders raise nearly every kind
                raise ImageError(
                    f"The image is damaged or incomplete and cannot be read; choose an intact {READ} file."
                ) from error


def read_file(path: Path) -> Picture:
    """Reads a file as `read_image` does, and no more of it than that accepts. Raises `ImageError`, which names it."""
    try:
        with path.open("rb") as file:
            return read_image(file.read(MAX_BYTES + 1))
    except OSError as error:
        raise ImageError(f"{path}: {error.strerror}") from None
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from None


def _open(data: bytes) -> Image.Image:
    """Reads the header alone, and refuses what should not be decoded."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ImageError(f"The image is too large; at most {MAX_PIXELS // 10**6} megapixels are accepted.") from error
    except Exception as error:
        sentence = unreadable(data) or f"The file is not an image that can be read; choose a {READ} file."
        raise ImageError(sentence) from error
    if image.format == "TIFF" and (raw := unreadable(data)):  # of a camera's, a thumbnail would be read
        image.close()
        raise ImageError(raw)
    width, height = image.size
    if width * height > MAX_PIXELS:
        image.close()
        raise ImageError(
            f"The image has {width} × {height} pixels; at most {MAX_PIXELS // 10**6} megapixels are accepted."
        )
    return image


def _read(source: Image.Image, data: bytes, upright: bool) -> Picture:
    size = source.size
    image = _decoded(source)
    orientation, frames = _orientation(source) if upright else 1, _frames(source, data)
    remarks = [] if image.size == size else [f"reduced from {size[0]:,} × {size[1]:,} pixels"]
    if source.mode == "CMYK":
        remarks.append("converted from CMYK")
    if source.mode.startswith("I") or (source.format == "PNG" and data[24] == 16):  # byte 24 of a PNG is its bit depth
        remarks.append("reduced from 16 to 8 bits")
    image, ground = _opaque(_eight_bits(image))
    if ground:
        remarks.append(ground)
    if min(image.size) < 1:
        raise ValueError("no pixels")
    image.info.clear()
    if orientation != 1:
        image.getexif()[Base.Orientation] = orientation  # alone: what else the source's EXIF data holds may be damaged
        ImageOps.exif_transpose(image, in_place=True)
        remarks.append(TURNED)
    if frames:
        remarks.append(frames)
    return Picture(np.asarray(image), tuple(remarks), orientation != 1)


def _decoded(source: Image.Image) -> Image.Image:
    """The decoded picture, reduced by a whole factor if it is large."""
    pixels = math.prod(source.size)
    alpha = source.has_transparency_data
    kept = (
        KEPT_PIXELS // 2 if alpha or source.mode.startswith(("I", "F")) else KEPT_PIXELS
    )  # these need more on the way
    factor = math.ceil(math.sqrt(pixels / kept))
    if factor > 1 and source.format in ("JPEG", "MPO"):
        factor = 2 ** math.ceil(math.log2(factor))
        source.draft(None, (source.width // factor, source.height // factor))
        factor = math.ceil(math.sqrt(math.prod(source.size) / kept))
    if math.prod(source.size) * _BYTES.get(source.mode, 4) > MAX_DECODED_BYTES:
        raise ImageError(
            f"The image has {pixels / 10**6:.0f} megapixels, too many for its format: save it as JPEG, or smaller."
        )
    source.load()
    if factor <= 1:
        return source
    image = _eight_bits(source)
    mode = "RGBA" if image.has_transparency_data else {"1": "L", "P": "RGB"}.get(image.mode, image.mode)
    return (image if image.mode == mode else image.convert(mode)).reduce(factor)


_BYTES = {"1": 1, "L": 1, "P": 2.5, "I;16": 2, "I;16B": 2, "F": 8}
"""What a pixel takes while it is decoded, by mode, and more where it needs more afterwards; four bytes otherwise."""


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey values of 16 bits, or floats, as 8 bits; other pictures as they are."""
    if image.mode == "F":
        values = np.nan_to_num(np.asarray(image), nan=0.0, posinf=0.0, neginf=0.0)
        low, high = min(0.0, float(values.min())), float(values.max())
        top = next((top for top in (1.0, 255.0, 65535.0) if low >= 0 and high <= top), max(high, low + 1e-6))
        return Image.fromarray(np.rint((np.clip(values, low, top) - low) * (255 / (top - low))).astype(np.uint8))
    if not image.mode.startswith("I"):
        return image
    values = np.asarray(image)
    levels = ((np.arange(65536) * 255 + 32767) // 65535).astype(np.uint8)
    grey = Image.fromarray(levels[values if values.dtype == np.uint16 else np.clip(values, 0, 65535)])
    see_through = image.info.get("transparency")
    if isinstance(see_through, int):
        grey.putalpha(Image.fromarray(np.where(values == see_through, 0, 255).astype(np.uint8)))
    return grey


def _opaque(image: Image.Image) -> tuple[Image.Image, str]:
    """Gives the picture as an "L" or "RGB" image, and a remark if something of it was transparent."""
    mode = "L" if image.mode in ("1", "L", "LA", "La") else "RGB"
    if not image.has_transparency_data:
        return image if image.mode == mode else image.convert(mode), ""
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
    return bool(np.ptp(np.asarray(image.convert("L"))) < 255 * LEAST_CONTRAST)


def _orientation(image: Image.Image) -> int:
    """From 1, upright, to 8, as the EXIF data says; 1 where it says nothing that the standard knows."""
    try:
        value = image.getexif().get(Base.Orientation)
    except Exception:  # damaged metadata should not cost the visitor an intact picture
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _frames(image: Image.Image, data: bytes) -> str:
    try:
        if not getattr(image, "is_animated", False):
            return ""
        if len(data) > COUNTED_BYTES:
            return "first frame of an animation"
        return f"first of {getattr(image, 'n_frames', 1)} frames"
    except Exception:  # a later frame is damaged, the first is not
        return "first frame of an animation"
