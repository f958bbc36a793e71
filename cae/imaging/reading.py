"""Visitors' pictures, read safely, and 8-bit pictures to show and to save. `preprocessing` fits them to the network.

A picture comes in through `read_image` only.
"""

import io
import threading
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps
from PIL.ExifTags import Base

from cae import CaeError

MAX_BYTES = 10_000_000
MAX_PIXELS = 25_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")

LEAST_CONTRAST = 1 / 64

TURNED = "turned upright as its EXIF data says"
"""A remark."""

ACCEPTED = "PNG, JPEG, WebP, BMP or GIF"
COUNTED_BYTES = 1_000_000
"""The frames of larger animations are not counted: of a GIF, counting them would mean decoding them all."""

# The filters for warnings belong to the whole process; besides, one decoding at a time bounds the memory that it takes.
_one_at_a_time = threading.Lock()


class ImageError(CaeError, ValueError):
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

    @property
    def pixels(self) -> np.ndarray:
        """uint8 (H, W) or (H, W, 3)."""
        return np.asarray(self.image)

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
        raise ImageError(f"The file is larger than {MAX_BYTES // 10**6} MB, the most that is accepted.")
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
    image.info.clear()
    orientation = _orientation(source) if upright else 1
    if orientation != 1:
        image.getexif()[Base.Orientation] = orientation  # alone: what else the source's EXIF data holds may be damaged
        ImageOps.exif_transpose(image, in_place=True)
        image.info.clear()
        remarks.append(TURNED)
    if frames := _frames(source, data):
        remarks.append(frames)
    return Picture(image, tuple(remarks), orientation != 1)


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


def _orientation(image: Image.Image) -> int:
    """From 1, upright, to 8, as the EXIF data says; 1 where it says nothing that the standard knows."""
    try:
        value = image.getexif().get(Base.Orientation)
    except Exception:  # damaged metadata should not cost the visitor an intact picture
        return 1
    return value if value in range(1, 9) else 1


def _frames(image: Image.Image, data: bytes) -> str:
    try:
        if not getattr(image, "is_animated", False):
            return ""
        return f"first of {image.n_frames} frames" if len(data) <= COUNTED_BYTES else "first frame of an animation"
    except Exception:  # a later frame is damaged, the first is not
        return "first frame of an animation"
