"""`decompress`: .cae files → PNG pictures, one for a picture, a folder for an archive or a folder."""

import argparse
from pathlib import Path

import numpy as np

from cae.cli.output import Outputs, add_force, name_of, write
from cae.cli.parser import model
from cae.codec.codec import Codec
from cae.codec.compression import DECOMPRESSING, codec_of, decompress
from cae.codec.file_format import CodecError, Header, unpack
from cae.engine.client import Engine
from cae.imaging.pixels import to_png
from cae.model import store
from cae.progress import part, progress_bar, say

ENDING = ".cae"
LARGEST_FILE = 64 * 2**20
PNG = b"\x89PNG\r\n\x1a\n"
"""How a PNG file begins."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("input", type=Path, metavar="FILE.cae", help="a file, an archive, or a folder of files")
    command.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="IMAGE.png",
        help="a folder, if there are several pictures; - is standard output",
    )
    command.add_argument("--model", type=model, metavar="MODEL", help="default: the one that the file names")
    add_force(command)


def run(options: argparse.Namespace) -> None:
    is_folder = options.input.is_dir()
    paths = sorted(options.input.glob(f"*{ENDING}")) if is_folder else [options.input]
    if not paths:
        raise CodecError(f"There is no {ENDING} file in {options.input}.")
    outputs = Outputs.of("PNG picture", PNG, paths, options.force)
    (_folder if is_folder else _file)(paths, outputs, options)


def read(path: Path) -> tuple[bytes, Header]:
    """A file's content and header. Raises `CodecError`, which does not name it, for what is no .cae file."""
    with path.open("rb") as file:
        data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise CodecError(f"The file is larger than any {ENDING} file that can be read here.")
    return data, unpack(data)[0]


def _file(paths: list[Path], outputs: Outputs, options: argparse.Namespace) -> None:
    output = options.output
    try:
        data, header = read(paths[0])
    except CodecError as error:
        raise CodecError(f"{paths[0]}: {error}") from None
    names = [] if header.count is None else _numbered(header.count)
    if header.count is None:
        outputs.try_file(output)
    else:
        outputs.try_files(output, names)
    codec = Codec.load(options.model) if options.model else codec_of(data)
    engine = Engine(codec.model.folder.parent, time_limit=60.0)
    try:
        with progress_bar("Decompressing", header.values * DECOMPRESSING) as advance:
            pictures = decompress(engine, codec, data, advance)
    finally:
        engine.close()
    if header.count is None:
        write(output, to_png(pictures))
    else:
        _write_all(pictures, output, names)
    what = "1 picture" if header.count is None else f"{len(pictures):,} pictures"
    size = f"{header.width} × {header.height} pixels{' in colour' * header.colour}, from {len(data):,} bytes"
    ratio = f"{pictures.size / len(data):.1f} : 1, quality {header.quality}, model {codec.model.name}"
    say(f"{name_of(output)}: {what} of {size}, {ratio}")


def _numbered(count: int) -> list[str]:
    """The names of an archive's pictures."""
    return [f"{index:0{len(str(count))}d}.png" for index in range(1, count + 1)]


def _write_all(pictures: np.ndarray, folder: Path, names: list[str]) -> None:
    with progress_bar("Writing", len(pictures)) as advance:
        for name, picture in zip(names, pictures, strict=True):
            write(folder / name, to_png(picture))
            advance(1)


def _folder(paths: list[Path], outputs: Outputs, options: argparse.Namespace) -> None:
    """Each file with the model that it names; those that cannot be read are named and counted."""
    outputs.try_files(options.output, [f"{path.stem}.png" for path in paths])
    given = Codec.load(options.model) if options.model else None
    codecs: dict[int, Codec] = {}
    size = pixels = values = bad = 0
    engine = Engine(options.model.folder.parent if options.model else store.FOLDER, time_limit=60.0)
    try:
        with progress_bar("Decompressing", len(paths)) as advance:
            for path in paths:
                try:
                    data, header = read(path)
                    if header.count is not None:
                        raise CodecError("The file is an archive: decompress it by itself.")
                    if header.model not in codecs:
                        codecs[header.model] = given or codec_of(data)
                    total = header.values * DECOMPRESSING
                    picture = decompress(engine, codecs[header.model], data, part(advance, total))
                except (CodecError, OSError) as error:
                    bad += 1
                    say(f"{path}: {error.strerror if isinstance(error, OSError) else error}")
                    continue
                write(options.output / f"{path.stem}.png", to_png(picture))
                size += len(data)
                pixels += header.height * header.width
                values += picture.size
    finally:
        engine.close()
    if bad == len(paths):
        raise CodecError(f"None of the {ENDING} files in {options.input} can be read.")
    good = len(paths) - bad
    say(f"{options.output}: {good:,} pictures, {pixels:,} pixels from {size:,} bytes, {values / size:.1f} : 1")
    if bad:
        raise CodecError(f"{bad:,} of {len(paths):,} files could not be read; the others are in {options.output}.")
