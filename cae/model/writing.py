"""Files written so that a kill, or a full disk, leaves the old ones or the new ones, never half of one."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from cae import CaeError


class WriteError(CaeError):
    """Files cannot be written, and those that were there have stayed; the message says why, and what to do."""


def replace(files: Mapping[Path, bytes | str]) -> None:
    """Write files, in folders that are made where they are missing; a file that is replaced keeps its rights.

    All are complete before the first takes its place; the last comes last.

    Raises:
        WriteError: one cannot be written, as where the disk is full.
    """
    prepared: dict[Path, Path] = {}
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            prepared[path] = path.with_name(f"{path.name}.{os.getpid()}.part")
            prepared[path].write_bytes(content.encode() if isinstance(content, str) else content)
            if path.exists():
                shutil.copymode(path, prepared[path])
        for path, temporary in prepared.items():
            temporary.replace(path)
    except BaseException as error:
        for temporary in prepared.values():
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise WriteError(f"{path} cannot be written ({error.strerror}): make room or name another place.") from None
        raise
