"""Files that a command writes: tried before the work, and written whole or not at all."""

import argparse
import os
import stat
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cae import CaeError
from cae.model.writing import replace

STANDARD = Path("-")
"""Stands for standard output."""


class OutputError(CaeError):
    """An output cannot be written, or should not be; the message says why, and what to do."""


def add_force(command: argparse.ArgumentParser) -> None:
    """The option --force."""
    command.add_argument("--force", action="store_true", help="overwrite an existing file of another kind, too")


def name_of(path: Path) -> str:
    """What messages call an output."""
    return "standard output" if path == STANDARD else str(path)


@dataclass(frozen=True)
class Outputs:
    """Tries the outputs of a command, before its work. All methods raise `OutputError`."""

    kind: str
    """What is written, for messages, as in ".cae file"."""
    start: bytes
    """How each file of that kind begins."""
    inputs: frozenset[tuple[int, int]]
    """Device and inode of the files that must not be overwritten."""
    force: bool
    """Whether existing files of another kind may be."""

    @classmethod
    def of(cls, kind: str, start: bytes, inputs: Iterable[Path], force: bool) -> "Outputs":
        """For the inputs of a command; those that do not exist cannot be overwritten."""
        return cls(kind, start, frozenset(_identity(path.stat()) for path in inputs if path.exists()), force)

    def try_file(self, path: Path) -> None:
        """Make sure that one file can be written."""
        if path == STANDARD:
            if sys.stdout.isatty():
                raise OutputError("Standard output is a terminal: send it into a file or a pipe, or name a file.")
            return
        if self._is_allowed(path):
            _try_folder(_place(path).parent)

    def try_files(self, folder: Path, names: Iterable[str]) -> None:
        """Make sure that files of these names can be written into a folder, which is made where it is missing."""
        if folder == STANDARD:
            raise OutputError("Standard output takes a single file: name a folder for several.")
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"{folder} is a file: name a folder for several files.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(folder, error) from None
        _try_folder(folder)
        for name in names:
            self._is_allowed(folder / name)

    def _is_allowed(self, path: Path) -> bool:
        """Whether a file may take the place; False for a device or a pipe, which takes whatever comes."""
        try:
            there = path.stat()
        except FileNotFoundError:
            return True
        except OSError as error:
            raise _unwritable(path, error) from None
        if stat.S_ISDIR(there.st_mode):
            raise OutputError(f"{path} is a folder: name a file in it.")
        if not stat.S_ISREG(there.st_mode):
            return False
        if _identity(there) in self.inputs:
            raise OutputError(f"{path} is an input itself, which is never overwritten: name another file.")
        if not os.access(path, os.W_OK):
            raise OutputError(f"{path} is write-protected: name another file.")
        if not self.force and there.st_size and not self._is_of_kind(path):
            raise OutputError(f"{path} exists and is no {self.kind}: name another file, or overwrite it with --force.")
        return True

    def _is_of_kind(self, path: Path) -> bool:
        with path.open("rb") as file:
            return file.read(len(self.start)) == self.start


def write(path: Path, data: bytes) -> None:
    """Write a file, so that a kill at any moment leaves the old one or the new one, never half; or to standard output.

    Raises `OutputError` or, where the disk is full, `WriteError`; `BrokenPipeError`, where the reader has seen enough.
    """
    try:
        if path == STANDARD:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        elif path.exists() and not path.is_file():  # a device or a pipe, which must not be replaced
            path.write_bytes(data)
        else:
            replace({_place(path): data})
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritable(path, error) from None


def _place(path: Path) -> Path:
    """Where a file really lies: of a link, what it leads to takes the new content."""
    return Path(os.path.realpath(path))


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _try_folder(folder: Path) -> None:
    if not folder.exists():
        raise OutputError(f"There is no folder {folder}: make it first.")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _unwritable(folder, error) from None


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{name_of(path)} cannot be written ({error.strerror}): name another place.")
