"""`compress`: a picture → a .cae file; a folder of pictures → an archive, or a folder of files.

The codec of a model of photographs keeps their colour, except in archives; all others make pictures grey.
"""

import argparse
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cae import CaeError
from cae.cli import quiet
from cae.cli.output import STANDARD, Outputs, add_force, name_of, write
from cae.cli.parser import UsageError, integer, model
from cae.codec.codec import Codec
from cae.codec.compression import compress, decompress
from cae.codec.file_format import MAGIC, CodecError
from cae.codec.round_trip import RoundTrip
from cae.data.photographs import PHOTOGRAPHS
from cae.engine import ray_cluster
from cae.engine.client import Engine
from cae.imaging import metrics
from cae.imaging.formats import READ, UNREAD_ENDINGS
from cae.imaging.metrics import decibels
from cae.imaging.preprocessing import SIDE
from cae.imaging.reading import ENDINGS, ImageError, Picture, read_file
from cae.model import store
from cae.progress import Advance, part, progress_bar, say, silent

ENDING = ".cae"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("input", type=Path, metavar="IMAGE", help="a picture, or a folder of pictures")
    command.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="FILE.cae",
        help="an archive or a folder, if IMAGE is a folder; - is standard output",
    )
    command.add_argument(
        "--model",
        type=model,
        metavar="MODEL",
        help=f"default: {store.DEFAULT} for pictures of 28×28 pixels in grey, {PHOTOGRAPHS.name} for others",
    )
    command.add_argument("--quality", type=integer(1, 10), default=7, help="1 to 10, default: %(default)s")
    command.add_argument(
        "--ray",
        action="store_true",
        help="spread a folder over the Ray cluster that runs, or a new one",
    )
    add_force(command)


def run(options: argparse.Namespace) -> None:
    is_folder = options.input.is_dir()
    paths = pictures_in(options.input) if is_folder else [options.input]
    outputs = Outputs.of(f"{ENDING} file", MAGIC, paths, options.force)
    several = is_folder and options.output != STANDARD and options.output.suffix != ENDING
    if options.ray and not several:
        raise UsageError("--ray makes a file for each picture of a folder: give a folder as input, and one as output.")
    if several:
        outputs.try_files(options.output, [f"{path.name}{ENDING}" for path in paths])
    else:
        outputs.try_file(options.output)
    models = Models(options.model)
    if options.model:
        models.codec(small=True)  # whether it has one is known before all pictures are read
    if options.ray:
        _spread(models, paths, options)
        return
    engine = _engine(options.model)
    try:
        (_files if several else _archive if is_folder else _single)(engine, models, paths, options)
    finally:
        engine.close()


def _engine(model: store.Pretrained | None) -> Engine:
    return Engine(model.folder.parent if model else store.FOLDER, time_limit=60.0)


def pictures_in(folder: Path) -> list[Path]:
    """The pictures in a folder by name, also those that will be refused. Raises `CodecError` where there is none."""
    endings = ENDINGS | UNREAD_ENDINGS
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in endings and path.is_file())
    if not found:
        raise CodecError(f"There is no picture in {folder}; {READ} files are read.")
    return found


@dataclass
class Models:
    """The codecs of the models that pictures are compressed with."""

    given: store.Pretrained | None
    """The model that --model names: for all pictures."""
    codecs: dict[str, Codec] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    """The names of those that pictures were compressed with."""

    def codec(self, small: bool) -> Codec:
        """That of the model given, or else of the one for pictures of 28×28 pixels in grey, or for all others.

        Raises `CodecError` and `PretrainedError` as `Codec.load` does.
        """
        name = self.given.name if self.given else store.DEFAULT if small else PHOTOGRAPHS.name
        if name not in self.codecs:
            self.codecs[name] = Codec.load(self.given or store.load(name))
        self.taken.add(name)
        return self.codecs[name]

    def say(self, pictures: str) -> None:
        """One line, where a picture has gone to the model of photographs unasked."""
        if not self.given and PHOTOGRAPHS.name in self.taken:
            what = f"{pictures} not of {SIDE} × {SIDE} pixels in grey"
            say(f"The model {PHOTOGRAPHS.name} was taken for {what}; --model chooses another.")


def _small(picture: Picture) -> bool:
    """Whether it is a picture of 28×28 pixels in grey."""
    pixels = picture.pixels
    return pixels.shape[:2] == (SIDE, SIDE) and (pixels.ndim == 2 or bool((pixels == pixels[..., :1]).all()))


@dataclass
class Total:
    """What the files written so far amount to."""

    size: int = 0
    """Bytes of the files."""
    source: int = 0
    """Bytes of the pictures' own files."""
    pixels: int = 0
    values: int = 0
    """Bytes of the pictures as raw pixels: one for each in grey, three in colour."""
    error: float = 0.0
    """Mean squared error over [0, 1], times pixels."""
    files: int = 0
    larger: list[tuple[int, int, str]] = field(default_factory=list)
    """Of each file larger than that of its picture: the size, that of the picture's file, and the name."""

    def add(self, name: str, size: int, source: int, pixels: int, values: int, mse: float) -> None:
        """Count one more file."""
        self.files += 1
        self.size += size
        self.source += source
        self.pixels += pixels
        self.values += values
        self.error += mse * pixels
        if size > source:
            self.larger.append((size, source, name))

    def say(self, what: str) -> None:
        """One line; one more if a file is larger than its picture's."""
        mse = self.error / self.pixels
        psnr = f"{decibels(mse):.2f} dB" if mse else "no loss"
        of = "" if self.files == 1 else "of the mean error "
        ratios = f"{self.values / self.size:.1f} : 1 from raw pixels, {self.source / self.size:.1f} : 1 from"
        say(
            f"{what}: {self.size:,} bytes for {self.pixels:,} pixels, {ratios} {self.source:,} bytes of input, "
            f"{8 * self.size / self.pixels:.3f} bits per pixel, PSNR {of}{psnr}"
        )
        if self.larger:
            size, source, name = max(self.larger, key=lambda each: each[0] - each[1])
            sizes = f"{name} has {size:,} bytes, its input {source:,}"
            few = f"{len(self.larger):,} of {self.files:,} files are larger than their inputs: "
            say(f"{few}{sizes}." if self.files > 1 else f"The file is larger than its input: {sizes}.")


def _read(path: Path) -> Picture:
    """A picture. Raises `ImageError`, and says nothing itself: the TIFF library would."""
    with quiet():
        return read_file(path)


def _single(engine: Engine, models: Models, paths: list[Path], options: argparse.Namespace) -> None:
    (path,) = paths
    picture, total = _read(path), Total()
    trip = RoundTrip(engine, models.codec(_small(picture)), picture.pixels)
    with progress_bar("Compressing", trip.work(options.quality)) as advance:
        _write(_compressed(trip, path, options.quality, advance), options.output, total)
    models.say("the picture, which is")
    total.say(name_of(options.output))


def _archive(engine: Engine, models: Models, paths: list[Path], options: argparse.Namespace) -> None:
    planes: dict[Path, np.ndarray] = {}
    bad: list[Path] = []
    small = True
    with progress_bar("Reading", len(paths)) as advance:
        for path, picture in _readable(paths, bad, advance):
            planes[path] = picture.grey()
            small = small and _small(picture)
            advance(1)
    _check_any(planes, options)
    first, *others = planes
    for path in others:
        if planes[path].shape != planes[first].shape:
            height, width = planes[first].shape
            raise CodecError(
                f"An archive holds pictures of one size: {path.name} is not {width} × {height} as {first.name} is; "
                f"give a folder as output for a file each."
            )
    stack = np.stack(list(planes.values()))
    codec = models.codec(small)
    data = compress(engine, codec, stack, options.quality, archive=True)
    mse = float(metrics.mse(stack, decompress(engine, codec, data)).mean())
    write(options.output, data)
    total, name = Total(), name_of(options.output)
    total.add(name, len(data), sum(path.stat().st_size for path in planes), stack.size, stack.size, mse)
    models.say("the pictures, which are")
    total.say(f"{name}, {len(stack):,} pictures")
    _check_all(bad, paths, options)


@dataclass(frozen=True)
class File:
    """What has become of a picture of a folder."""

    path: str
    model: str = ""
    """The name of the one that it was compressed with."""
    data: bytes = b""
    source: int = 0
    """Bytes of the picture's own file."""
    pixels: int = 0
    values: int = 0
    """As in `Total`."""
    mse: float = 0.0
    problem: str = ""
    """A sentence where there is no file."""
    fatal: bool = False
    """Whether the problem is not the picture's own."""


def _file(engine: Engine, models: Models, path: Path, quality: int, advance: Advance = silent) -> File:
    """A picture's .cae file; `advance` counts one."""
    try:
        picture = _read(path)
    except ImageError as error:
        advance(1)
        return File(str(path), problem=str(error))
    trip = RoundTrip(engine, models.codec(_small(picture)), picture.pixels)
    try:
        work = trip.work(quality)
    except CodecError as error:
        advance(1)
        return File(str(path), problem=f"{path}: {error}")
    return _compressed(trip, path, quality, part(advance, work))


def _compressed(trip: RoundTrip, path: Path, quality: int, advance: Advance) -> File:
    """The .cae file of the picture that was read from a path; `advance` counts its work."""
    coded, size = trip.at(quality, advance), path.stat().st_size
    return File(str(path), trip.codec.model.name, coded.data, size, trip.pixels, trip.picture.size, coded.mse)


def _write(file: File, output: Path, total: Total) -> None:
    """Write a picture's file, and count it."""
    write(output, file.data)
    total.add(name_of(output), len(file.data), file.source, file.pixels, file.values, file.mse)


class Compressor:
    """Makes files on a Ray cluster; a process has one.

    Args:
        model: the folder of the model for all pictures, if one was given.
    """

    def __init__(self, model: str | None, quality: int) -> None:
        self._models, self._quality = Models(store.find(model) if model else None), quality
        self._engine = _engine(self._models.given)

    def __call__(self, row: dict[str, str]) -> dict:
        try:
            return vars(_file(self._engine, self._models, Path(row["path"]), self._quality))
        except CaeError as error:
            return vars(File(row["path"], problem=str(error), fatal=True))


def _files(engine: Engine, models: Models, paths: list[Path], options: argparse.Namespace) -> None:
    with progress_bar("Compressing", len(paths)) as advance:
        _store((_file(engine, models, path, options.quality, advance) for path in paths), models, paths, options)


def _spread(models: Models, paths: list[Path], options: argparse.Namespace) -> None:
    """As `_files`, with the pictures spread over a Ray cluster."""
    given = (str(models.given.folder) if models.given else None, options.quality)
    with ExitStack() as stack:
        with quiet():
            ray = stack.enter_context(ray_cluster.connected())
        advance = stack.enter_context(progress_bar("Compressing", len(paths)))

        def files() -> Iterator[File]:
            for row in ray_cluster.spread(ray, Compressor, given, [{"path": str(path.absolute())} for path in paths]):
                advance(1)
                yield File(**row)

        _store(files(), models, paths, options)


def _store(files: Iterator[File], models: Models, paths: list[Path], options: argparse.Namespace) -> None:
    """Write the files of a folder's pictures, and say what they amount to."""
    total, bad = Total(), []
    for file in files:
        path = Path(file.path)
        if file.fatal:
            raise CaeError(file.problem)
        if file.problem:
            say(file.problem)
            bad.append(path)
            continue
        _write(file, options.output / f"{path.name}{ENDING}", total)
        models.taken.add(file.model)
    _check_any(total.files, options)
    models.say("the pictures that are")
    total.say(f"{options.output}, {total.files:,} files")
    _check_all(bad, paths, options)


def _readable(paths: Iterable[Path], bad: list[Path], advance: Advance) -> Iterator[tuple[Path, Picture]]:
    """The pictures that can be read; the others are named, counted by `advance`, and added to `bad`."""
    for path in paths:
        try:
            yield path, _read(path)
        except ImageError as error:
            bad.append(path)
            say(str(error))
            advance(1)


def _check_any(read: object, options: argparse.Namespace) -> None:
    if not read:
        raise CodecError(f"None of the pictures in {options.input} can be read.")


def _check_all(bad: list[Path], paths: list[Path], options: argparse.Namespace) -> None:
    """Raises `CodecError` if pictures are missing in the output."""
    if bad:
        output = name_of(options.output)
        raise CodecError(f"{len(bad):,} of {len(paths):,} pictures could not be read; the others are in {output}.")
