"""`compress`: a picture → a .cae file; a folder of pictures → an archive, or a folder of files."""

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from cae import metrics
from cae.cae_file import CodecError
from cae.codec import Codec
from cae.compression import compress, decompress
from cae.engine import Engine
from cae.images import FORMATS, ImageError, read_image
from cae.progress import progress_bar, say

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif")
ENDING = ".cae"


def run(options: argparse.Namespace) -> None:
    codec = Codec.load(options.model)
    engine = Engine(options.model.folder.parent, time_limit=60.0)
    try:
        if not options.input.is_dir():
            _single(engine, codec, options)
        elif options.output.suffix == ENDING:
            _archive(engine, codec, options)
        else:
            _files(engine, codec, options)
    finally:
        engine.close()


def pictures_in(folder: Path) -> list[Path]:
    """The pictures in a folder by name. Raises `CodecError` where there is none."""
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS and path.is_file())
    if not found:
        raise CodecError(f"There is no picture in {folder}; {', '.join(FORMATS)} are read.")
    return found


def read_grey(path: Path) -> np.ndarray:
    """A picture as float32 (H, W) in [0, 1]. Raises `ImageError`, which names the file."""
    try:
        return read_image(path.read_bytes()).grey()
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from None


def _single(engine: Engine, codec: Codec, options: argparse.Namespace) -> None:
    picture = read_grey(options.input)[np.newaxis]
    data = compress(engine, codec, picture, options.quality)
    options.output.write_bytes(data)
    _say(f"{options.output}", len(data), picture, decompress(engine, codec, data))


def _archive(engine: Engine, codec: Codec, options: argparse.Namespace) -> None:
    paths = pictures_in(options.input)
    pictures = [read_grey(path) for path in _with_bar("Reading", paths)]
    for path, picture in zip(paths, pictures, strict=True):
        if picture.shape != pictures[0].shape:
            height, width = pictures[0].shape
            raise CodecError(
                f"An archive holds pictures of one size: {path.name} is not {width} × {height} as {paths[0].name} is; "
                f"give a folder as output for a file each."
            )
    stack = np.stack(pictures)
    data = compress(engine, codec, stack, options.quality, archive=True)
    options.output.write_bytes(data)
    _say(f"{options.output}, {len(stack):,} pictures", len(data), stack, decompress(engine, codec, data))


def _files(engine: Engine, codec: Codec, options: argparse.Namespace) -> None:
    paths = pictures_in(options.input)
    options.output.mkdir(parents=True, exist_ok=True)
    size = pixels = 0
    errors = 0.0
    for path in _with_bar("Compressing", paths):
        picture = read_grey(path)[np.newaxis]
        data = compress(engine, codec, picture, options.quality)
        (options.output / f"{path.name}{ENDING}").write_bytes(data)
        size, pixels = size + len(data), pixels + picture.size
        errors += float(metrics.mse(picture[..., np.newaxis], decompress(engine, codec, data)[..., np.newaxis])[0]) * (
            picture.size
        )
    say(_line(f"{options.output}, {len(paths):,} files", size, pixels, errors / pixels))


def _with_bar(description: str, items: list[Path]) -> Iterable[Path]:
    with progress_bar(description, len(items)) as advance:
        for item in items:
            yield item
            advance(1)


def _say(what: str, size: int, pictures: np.ndarray, answers: np.ndarray) -> None:
    error = float(metrics.mse(pictures[..., np.newaxis], answers[..., np.newaxis]).mean())
    say(_line(what, size, pictures.size, error))


def _line(what: str, size: int, pixels: int, mse: float) -> str:
    psnr = f"{-10 * np.log10(mse):.2f} dB" if mse else "no loss"
    return f"{what}: {size:,} bytes for {pixels:,} pixels, {pixels / size:.1f} : 1, PSNR {psnr}"
