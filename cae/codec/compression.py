"""Pictures ↔ .cae files: the engine's network in front of the codec and behind it.

Pictures are uint8 of any size: grey (H, W), RGB (H, W, 3), those of an archive (N, H, W). Each plane is padded to a
multiple of 4 by repeating its last row and column, and cropped again. What takes long counts the latent values of the
file, several times each, and ends with what its `advance` raises.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cae.codec.codec import Codec, model_name
from cae.codec.file_format import CodecError, Header, unpack
from cae.engine import tiling
from cae.engine.client import Engine
from cae.imaging import colour
from cae.model import store
from cae.model.specification import SCALE
from cae.progress import Advance, silent

COMPRESSING, DECOMPRESSING = 2, 2
"""How often each latent value is counted: by network and coder, either way."""


def compress(
    engine: Engine,
    codec: Codec,
    pictures: np.ndarray,
    quality: int,
    *,
    archive: bool = False,
    advance: Advance = silent,
) -> bytes:
    """Grey pictures (N, H, W) → a .cae file; more than one only as an archive.

    Raises:
        CodecError: the pictures are too large or too many, or the quality is not 1 to 10.
        EngineError: the network gave no answer.
    """
    header = codec.header(quality, *pictures.shape[1:], count=len(pictures) if archive else None)
    return _file(engine, codec, header, [pictures], advance)


def compress_colour(
    engine: Engine, codec: Codec, picture: np.ndarray, quality: int, advance: Advance = silent
) -> bytes:
    """A picture in colour, RGB uint8 (H, W, 3) → a .cae file; raises as `compress` does."""
    header = codec.header(quality, *picture.shape[:2], colour=True)
    return _file(engine, codec, header, [plane[np.newaxis] for plane in colour.planes(picture)], advance)


def decompress(engine: Engine, codec: Codec, data: bytes, advance: Advance = silent) -> np.ndarray:
    """A .cae file → its picture (H, W) or (H, W, 3), or all those of an archive (N, H, W).

    Raises:
        CodecError: it is no such file, damaged, or of another model.
        EngineError: the network gave no answer.
    """
    return reconstruct(engine, codec, *codec.read(data, advance=advance), advance)


def reconstruct(
    engine: Engine, codec: Codec, header: Header, symbols: Sequence[np.ndarray], advance: Advance = silent
) -> np.ndarray:
    """What a file was read as, symbols int16 (N, h, w) of each plane → its pictures, as `decompress` gives them."""
    halves = -(-header.height // 2), -(-header.width // 2)
    sizes = ((header.height, header.width), halves, halves)
    planes = [
        decode(engine, codec, plane, header.quality, advance)[:, :height, :width]
        for plane, (height, width) in zip(symbols, sizes, strict=False)
    ]
    if header.colour:
        return colour.picture(*(plane[0] for plane in planes))
    return planes[0] if header.count is not None else planes[0][0]


def codec_of(data: bytes, root: Path = store.FOLDER) -> Codec:
    """The codec that a .cae file asks for.

    Raises:
        CodecError: it is no such file, damaged, or there is no model of its name here.
        PretrainedError: the model's files were altered.
    """
    header, _ = unpack(data)
    name = model_name(header)
    if name is None:
        raise CodecError("The file was written with a model that is not here by name: tell which with --model.")
    if name not in store.names(root):
        raise CodecError(f"The file was written with the model {name}, which is not here.")
    return Codec.load(store.load(name, root))


def encode(engine: Engine, codec: Codec, pictures: np.ndarray, quality: int, advance: Advance = silent) -> np.ndarray:
    """Grey pictures or planes (N, H, W) → latents float32 (N, h, w, 1)."""
    height, width = pictures.shape[1:]
    padding = ((0, 0), (0, -height % SCALE), (0, -width % SCALE))
    return tiling.encode(engine, codec.network(quality), np.pad(pictures, padding, "edge"), advance)


def decode(engine: Engine, codec: Codec, symbols: np.ndarray, quality: int, advance: Advance = silent) -> np.ndarray:
    """Symbols int16 (N, h, w) → grey pictures or planes (N, 4·h, 4·w)."""
    return tiling.decode(engine, codec.network(quality), codec.dequantise(symbols, quality), advance)


def _file(engine: Engine, codec: Codec, header: Header, planes: list[np.ndarray], advance: Advance) -> bytes:
    latents = [encode(engine, codec, plane, header.quality, advance) for plane in planes]
    return codec.encode(header, latents, advance).data
