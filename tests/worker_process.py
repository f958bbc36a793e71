"""The engine's child process, found from outside: by what the system knows of it (Linux)."""

from pathlib import Path
from time import monotonic, sleep


def pid_of(root: Path) -> int | None:
    """The child of an engine of the models in `root`, or None while there is none."""
    command = f"cae.engine.worker\0{root}\0".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if command in (folder / "cmdline").read_bytes():
                return int(folder.name)
        except OSError:  # it has ended meanwhile
            continue
    return None


def gone(pid: int, within: float = 20.0) -> bool:
    """Whether the process ends in time; one that has ended and is not yet reaped by its new parent counts as gone."""
    end = monotonic() + within
    while monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        sleep(0.05)
    return False
