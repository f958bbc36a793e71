"""Pictures ↔ .cae files: the engine's network in front of the codec and behind it.

Pictures are float32 (N, H, W) in [0, 1], grey and of any size: they are padded to a multiple of 4 by repeating their
last row and column, and cropped again.
"""

from pathlib import Path

import numpy as np

from cae import pretrained
from cae.baselines import eight_bits
from cae.cae_file import MAX_SIDE, SCALE, CodecError, unpack
from cae.codec import Codec, model_name
from cae.engine import MAX_PIXELS, Engine


def compress(engine: Engine, codec: Codec, pictures: np.ndarray, quality: int, *, archive: bool = False) -> bytes:
    """Pictures of one size → a .cae file; more than one only as an archive.

    Raises:
        CodecError: the pictures are too large or too many, or the quality is not 1 to 10.
        EngineError: the network gave no answer.
    """
    latents = encode(engine, codec, pictures, quality)
    height, width = pictures.shape[1:]
    return codec.write(codec.quantise(latents, quality), quality, height, width, archive=archive)


def decompress(engine: Engine, codec: Codec, data: bytes) -> np.ndarray:
    """A .cae file → its pictures, in steps of 1/255.

    Raises:
        CodecError: it is no such file, damaged, or of another model.
        EngineError: the network gave no answer.
    """
    header, symbols = codec.read(data)
    check_size(header.height, header.width)
    return decode(engine, codec, symbols, header.quality)[:, : header.height, : header.width]


def codec_of(data: bytes, root: Path = pretrained.FOLDER) -> Codec:
    """The codec that a .cae file asks for.

    Raises:
        CodecError: it is no such file, damaged, or there is no model of its name here.
        PretrainedError: the model's files were altered.
    """
    header, _ = unpack(data)
    name = model_name(header)
    if name is None:
        raise CodecError("The file was written with a model that is not here by name: tell which with --model.")
    if name not in pretrained.names(root):
        raise CodecError(f"The file was written with the model {name}, which is not here.")
    return Codec.load(pretrained.load(name, root))


def encode(engine: Engine, codec: Codec, pictures: np.ndarray, quality: int) -> np.ndarray:
    """Pictures → latents float32 (N, h, w, 1)."""
    height, width = pictures.shape[1:]
    check_size(height, width)
    padding = ((0, 0), (0, -height % SCALE), (0, -width % SCALE))
    return engine.encode(codec.network(quality), np.pad(pictures, padding, "edge")[..., np.newaxis])


def decode(engine: Engine, codec: Codec, symbols: np.ndarray, quality: int) -> np.ndarray:
    """Symbols int16 (N, h, w) → pictures float32 (N, 4·h, 4·w) in [0, 1], in steps of 1/255."""
    return eight_bits(engine.decode(codec.network(quality), codec.dequantise(symbols, quality)))[..., 0]


def check_size(height: int, width: int) -> None:
    """Raise `CodecError` for a picture that the network cannot take at once."""
    padded = (height + -height % SCALE) * (width + -width % SCALE)
    if padded > MAX_PIXELS or max(height, width) > MAX_SIDE:
        raise CodecError(
            f"A picture may have {MAX_PIXELS:,} pixels and {MAX_SIDE:,} a side here, not {height:,} × {width:,}."
        )
