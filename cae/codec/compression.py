"""Pictures ↔ .cae files: the engine's network in front of the codec and behind it.

Pictures are uint8 of any size: grey (H, W), RGB (H, W, 3), those of an archive (N, H, W). Each plane is padded to a
multiple of 4 by repeating its last row and column, and cropped again. What takes long counts the latent values of the
file, several times each, and ends with what its `advance` raises.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from cae.codec.codec import Codec, Encoded, Setting, dequantise, model_name
from cae.codec.file_format import MIDDLE, CodecError, Header, unpack
from cae.codec.fitting import MOST, Fitted, fitted, passes
from cae.engine import tiling
from cae.engine.client import Engine
from cae.imaging import colour
from cae.model import store
from cae.model.specification import SCALE
from cae.progress import Advance, silent

Makers = tuple[tuple[str, bool], ...]
"""What makes the latents of each plane: the network, and whether they are fitted to the picture."""
SHIFTS_TRIED = 4
"""How often at most the colours of a picture are moved until their means are the original's."""
DECOMPRESSING = 2
"""How often each latent value is counted: by network and coder."""


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
    latents = encode(engine, codec, header, [pictures], advance)
    return write(engine, codec, header, [pictures], latents, advance)[0].data


def compress_colour(
    engine: Engine, codec: Codec, picture: np.ndarray, quality: int, advance: Advance = silent
) -> bytes:
    """A picture in colour, RGB uint8 (H, W, 3) → a .cae file; raises as `compress` does."""
    header = codec.header(quality, *picture.shape[:2], colour=True)
    planes = [plane[np.newaxis] for plane in colour.planes(picture)]
    return write(engine, codec, header, planes, encode(engine, codec, header, planes, advance), advance)[0].data


def work(codec: Codec, header: Header, *, encoded: bool = False) -> int:
    """What the `advance` of `compress` and `compress_colour` counts up to; less where the latents are known already."""
    times = [
        0 if encoded else _passes(*plane) for plane in zip(codec.plane_settings(header), header.shapes, strict=True)
    ]
    values = [math.prod(shape) for shape in header.shapes]
    decoded = sum(values) if header.colour else 0
    return sum((each + 1) * count for each, count in zip(times, values, strict=True)) + decoded


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
    return joined(header, [decode(engine, codec, header, index, symbols, advance) for index in range(len(symbols))])


def joined(header: Header, planes: Sequence[np.ndarray]) -> np.ndarray:
    """The planes of a file as `decode` gives them → its pictures, as `decompress` gives them."""
    if header.colour:
        luma, *chroma = (plane[0] for plane in planes)
        return colour.picture(luma, *map(_shifted, chroma, header.shifts))
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


def encode(
    engine: Engine, codec: Codec, header: Header, planes: Sequence[np.ndarray], advance: Advance = silent
) -> list[Fitted]:
    """The planes of a file to be, uint8 (N, H, W) each → their latents, as good as the setting has them made."""
    found = []
    for plane, (network, fits) in zip(planes, makers(codec, header), strict=True):
        height, width = plane.shape[1:]
        padded = np.pad(plane, ((0, 0), (0, -height % SCALE), (0, -width % SCALE)), "edge")
        latents = tiling.encode(engine, network, padded, advance)
        if fits:
            found.append(fitted(padded, latents, partial(tiling.decode, engine, network, advance=advance)))
        else:
            found.append(Fitted(latents))
    return found


def makers(codec: Codec, header: Header) -> Makers:
    """What makes the latents of a file's planes; at qualities with the same makers, a picture has the same latents."""
    planes = zip(codec.plane_settings(header), header.shapes, strict=True)
    return tuple((codec.network(setting), _is_fitted(setting, shape)) for setting, shape in planes)


def _is_fitted(setting: Setting, shape: tuple[int, ...]) -> bool:
    """Whether the latents (N, h, w, …) of a plane are fitted."""
    return setting.sensitivity > 0 and math.prod(shape[1:3]) <= MOST


def _passes(setting: Setting, shape: tuple[int, ...]) -> int:
    """How often the networks are shown a plane until its latents are known."""
    return 1 + passes(math.prod(shape[1:])) if _is_fitted(setting, shape) else 1


def write(
    engine: Engine,
    codec: Codec,
    header: Header,
    planes: Sequence[np.ndarray],
    latents: Sequence[Fitted],
    advance: Advance = silent,
) -> tuple[Encoded, list[np.ndarray]]:
    """The file of planes whose latents are known, and in colour its planes as `decode` gives them; else none.

    In colour the file tells how far the means of Cb and Cr have to be moved back, since the eye sees a shift of a whole
    picture's colour.
    """
    encoded = codec.encode(header, latents, advance)
    if not header.colour:
        return encoded, []
    decoded = [decode(engine, codec, header, index, encoded.symbols, advance) for index in range(len(planes))]
    return replace(encoded, header=_with_shifts(header, planes, decoded)), decoded


def decode(
    engine: Engine, codec: Codec, header: Header, index: int, symbols: Sequence[np.ndarray], advance: Advance = silent
) -> np.ndarray:
    """Plane `index` of a file, whose symbols are int16 (N, h, w) → what the network makes of it, uint8 (N, H, W)."""
    setting = codec.plane_settings(header)[index]
    latents = dequantise(symbols[index], setting)
    height, width = (-(-side // 2) if index else side for side in (header.height, header.width))
    return tiling.decode(engine, codec.network(setting), latents, advance)[:, :height, :width]


def _with_shifts(header: Header, planes: Sequence[np.ndarray], decoded: Sequence[np.ndarray]) -> Header:
    """The header with the whole levels that bring the picture closest to the original's means of Cb and Cr.

    The network moves them, and so do colours that RGB does not have; what those do is found by trying.
    """
    wanted, tried = [plane.mean() for plane in planes[1:]], []
    for _ in range(SHIFTS_TRIED):
        missing = np.subtract(wanted, [plane.mean() for plane in colour.planes(joined(header, decoded))[1:]])
        tried.append((np.abs(missing).max(), header))
        if tried[-1][0] <= 0.5:
            break
        moved = np.clip(np.rint(np.add(header.shifts, missing)), -MIDDLE, MIDDLE - 1)
        header = replace(header, shifts=(int(moved[0]), int(moved[1])))
    return min(tried, key=lambda each: each[0])[1]


def _shifted(plane: np.ndarray, shift: int) -> np.ndarray:
    return np.clip(plane.astype(np.int16) + shift, 0, 255).astype(np.uint8)
