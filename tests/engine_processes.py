"""The processes that hold the network for a running app."""

from pathlib import Path

from cae.cli.browser import App


def engine_pids(app: App) -> list[int]:
    """The app's children that run cae.engine.worker."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == app.pid and b"cae.engine.worker" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except (OSError, IndexError):  # it has just ended
            continue
    return found
