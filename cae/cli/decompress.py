"""`decompress`: .cae files → PNG pictures, one for a picture, a folder for an archive or a folder."""

import argparse
from pathlib import Path

import numpy as np

from cae.cli.parser import model
from cae.codec.codec import Codec
from cae.codec.compression import DECOMPRESSING, codec_of, decompress
from cae.codec.file_format import CodecError, unpack
from cae.engine.client import Engine
from cae.imaging.pixels import to_png
from cae.progress import part, progress_bar, say

ENDING = ".cae"
LARGEST_FILE = 64 * 2**20


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("input", type=Path, metavar="FILE.cae", help="a file, an archive, or a folder of files")
    command.add_argument(
        "-o", "--output", type=Path, required=True, metavar="IMAGE.png", help="a folder, if there are several pictures"
    )
    command.add_argument("--model", type=model, metavar="MODEL", help="default: the one that the file names")


def run(options: argparse.Namespace) -> None:
    codec = Codec.load(options.model) if options.model else None
    paths = sorted(options.input.glob(f"*{ENDING}")) if options.input.is_dir() else [options.input]
    if not paths:
        raise CodecError(f"There is no {ENDING} file in {options.input}.")
    data = read(paths[0])
    codec = codec or codec_of(data)
    engine = Engine(codec.model.folder.parent, time_limit=60.0)
    try:
        if options.input.is_dir():
            _folder(engine, codec, paths, options.output)
        else:
            _file(engine, codec, data, options.output)
    finally:
        engine.close()


def read(path: Path) -> bytes:
    """A file's content. Raises `CodecError` for one that is larger than any .cae file."""
    if path.stat().st_size > LARGEST_FILE:
        raise CodecError(f"{path} is larger than any {ENDING} file that can be read here.")
    return path.read_bytes()


def _file(engine: Engine, codec: Codec, data: bytes, output: Path) -> None:
    header, _ = unpack(data)
    with progress_bar("Decompressing", header.values * DECOMPRESSING) as advance:
        pictures = decompress(engine, codec, data, advance)
    if header.count is None:
        output.write_bytes(to_png(pictures))
    else:
        _write_all(pictures, output)
    what = f"{output}: 1 picture" if header.count is None else f"{output}: {len(pictures):,} pictures"
    size = f"{header.width} × {header.height} pixels{' in colour' * header.colour}, from {len(data):,} bytes"
    say(f"{what} of {size}, {pictures.size / len(data):.1f} : 1, quality {header.quality}, model {codec.model.name}")


def _write_all(pictures: np.ndarray, output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    digits = len(str(len(pictures)))
    with progress_bar("Writing", len(pictures)) as advance:
        for index, picture in enumerate(pictures, 1):
            (output / f"{index:0{digits}d}.png").write_bytes(to_png(picture))
            advance(1)


def _folder(engine: Engine, codec: Codec, paths: list[Path], output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    size = pixels = values = 0
    with progress_bar("Decompressing", len(paths)) as advance:
        for path in paths:
            data = read(path)
            header, _ = unpack(data)
            total = header.values * DECOMPRESSING
            if header.count is not None:
                raise CodecError(f"{path} is an archive: decompress it by itself.")
            picture = decompress(engine, codec, data, part(advance, total))
            (output / f"{path.stem}.png").write_bytes(to_png(picture))
            size += len(data)
            pixels += header.height * header.width
            values += picture.size
    say(f"{output}: {len(paths):,} pictures, {pixels:,} pixels from {size:,} bytes, {values / size:.1f} : 1")
