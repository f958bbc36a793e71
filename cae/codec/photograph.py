"""A picture as it is: its file in its own size and, where the codec keeps it, colour; and what the file gives back."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from cae.codec.codec import Codec
from cae.codec.compression import COMPRESSING, DECOMPRESSING, compress, compress_colour, reconstruct
from cae.engine.client import Engine
from cae.imaging import colour
from cae.imaging.metrics import decibels, distortion
from cae.imaging.pixels import quantise
from cae.progress import Advance, silent


@dataclass(frozen=True)
class Packed:
    """A picture, its file, and the file's picture."""

    quality: int
    data: bytes
    picture: np.ndarray
    """uint8 (H, W, 3), or (H, W) in grey."""
    answer: np.ndarray
    """The same, out of the file."""
    luma: np.ndarray
    """The file's symbols for the brightness, int16 (1, h, w)."""

    @property
    def pixels(self) -> int:
        return self.picture.shape[0] * self.picture.shape[1]

    @property
    def mse(self) -> float:
        """Mean squared error over all values, in squared units of [0, 1]."""
        return distortion(self.picture, self.answer).mse

    @property
    def psnr(self) -> float:
        """In dB, over all values; infinite without loss."""
        return float(decibels(self.mse))


def luma_point(codec: Codec, packed: Packed) -> tuple[float, float]:
    """What the brightness alone costs in the file, in bits per pixel, and its PSNR in dB, infinite without loss."""
    bits = codec.coder(packed.quality, *packed.luma.shape[1:]).bits(packed.luma)
    pair = (colour.planes(picture)[0] if picture.ndim == 3 else picture for picture in (packed.picture, packed.answer))
    return bits / packed.pixels, distortion(*pair).psnr


def work(codec: Codec, image: Image.Image) -> int:
    """What `pack` counts up to. Raises `CodecError` for a picture that is too large."""
    header = codec.header(1, image.height, image.width, colour=_in_colour(codec, image))
    return (COMPRESSING + DECOMPRESSING) * header.values


def pack(engine: Engine, codec: Codec, image: Image.Image, quality: int, advance: Advance = silent) -> Packed:
    """A picture of mode "L" or "RGB" there and back; raises as `codec.compression` does, and what `advance` raises."""
    if _in_colour(codec, image):
        picture = np.asarray(image)
        data = compress_colour(engine, codec, picture, quality, advance)
    else:
        picture = np.asarray(image.convert("L"))
        data = compress(engine, codec, picture[np.newaxis], quality, advance=advance)
    header, symbols = codec.read(data, advance=advance)
    answer = reconstruct(engine, codec, header, symbols, advance)
    return Packed(quality, data, picture, answer if header.colour else quantise(answer[0]), symbols[0])


def _in_colour(codec: Codec, image: Image.Image) -> bool:
    return codec.keeps_colour and image.mode == "RGB"
