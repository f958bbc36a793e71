"""`compress`: a picture → a .cae file; a folder of pictures → an archive, or a folder of files.

The codec of a model of photographs keeps their colour, except in archives; all others make pictures grey.
"""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cae.cli.parser import integer, model
from cae.codec.codec import Codec
from cae.codec.compression import compress, decompress
from cae.codec.file_format import CodecError
from cae.codec.round_trip import RoundTrip
from cae.engine.client import Engine
from cae.imaging import metrics
from cae.imaging.metrics import decibels
from cae.imaging.reading import FORMATS, ImageError, Picture, read_image
from cae.model import store
from cae.progress import Advance, part, progress_bar, say

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif")
ENDING = ".cae"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("input", type=Path, metavar="IMAGE", help="a picture, or a folder of pictures")
    command.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="FILE.cae",
        help="an archive or a folder, if IMAGE is a folder",
    )
    command.add_argument("--model", type=model, default=store.DEFAULT, metavar="MODEL", help="default: %(default)s")
    command.add_argument("--quality", type=integer(1, 10), default=7, help="1 to 10, default: %(default)s")


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


def read(path: Path) -> Picture:
    """A picture. Raises `ImageError`, which names the file."""
    try:
        return read_image(path.read_bytes())
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from None


@dataclass
class Total:
    """What the files written so far amount to."""

    size: int = 0
    """Bytes of the files."""
    pixels: int = 0
    values: int = 0
    """Bytes of the pictures: one for each pixel in grey, three in colour."""
    error: float = 0.0
    """Mean squared error over [0, 1], times pixels."""

    def add(self, size: int, pixels: int, values: int, mse: float) -> None:
        """Count one more file."""
        self.size += size
        self.pixels += pixels
        self.values += values
        self.error += mse * pixels

    def say(self, what: str) -> None:
        """One line."""
        mse = self.error / self.pixels
        psnr = f"{decibels(mse):.2f} dB" if mse else "no loss"
        rates = f"{self.values / self.size:.1f} : 1, {8 * self.size / self.pixels:.3f} bits per pixel"
        say(f"{what}: {self.size:,} bytes for {self.pixels:,} pixels, {rates}, PSNR {psnr}")


def _write(trip: RoundTrip, quality: int, advance: Advance, path: Path, total: Total) -> None:
    """Write the picture's file, and count it."""
    coded = trip.at(quality, advance)
    path.write_bytes(coded.data)
    total.add(len(coded.data), trip.pixels, trip.picture.size, coded.mse)


def _single(engine: Engine, codec: Codec, options: argparse.Namespace) -> None:
    trip, total = RoundTrip(engine, codec, read(options.input).pixels), Total()
    with progress_bar("Compressing", trip.work(options.quality)) as advance:
        _write(trip, options.quality, advance, options.output, total)
    total.say(f"{options.output}")


def _archive(engine: Engine, codec: Codec, options: argparse.Namespace) -> None:
    paths = pictures_in(options.input)
    pictures = [read(path).grey() for path in _with_bar("Reading", paths)]
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
    mse = float(metrics.mse(stack, decompress(engine, codec, data)).mean())
    total = Total()
    total.add(len(data), stack.size, stack.size, mse)
    total.say(f"{options.output}, {len(stack):,} pictures")


def _files(engine: Engine, codec: Codec, options: argparse.Namespace) -> None:
    paths = pictures_in(options.input)
    options.output.mkdir(parents=True, exist_ok=True)
    total = Total()
    with progress_bar("Compressing", len(paths)) as advance:
        for path in paths:
            trip = RoundTrip(engine, codec, read(path).pixels)
            output = options.output / f"{path.name}{ENDING}"
            _write(trip, options.quality, part(advance, trip.work(options.quality)), output, total)
    total.say(f"{options.output}, {len(paths):,} files")


def _with_bar(description: str, items: list[Path]) -> Iterable[Path]:
    with progress_bar(description, len(items)) as advance:
        for item in items:
            yield item
            advance(1)
