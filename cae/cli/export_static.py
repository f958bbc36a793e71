"""`export-static`: Play as a folder of plain files that any web server serves, without Python behind it."""

import argparse
from pathlib import Path

from cae.cli.parser import UsageError
from cae.model import store
from cae.progress import say


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("output", type=Path, metavar="DIR", help="a new folder, or an empty one")


def run(options: argparse.Namespace) -> None:
    from cae.ui import static_copy  # now, as the pages' colours take a while

    folder: Path = options.output
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not an empty folder: name a new one.")
    models, problems = store.available()
    for problem in problems:
        say(problem)
    static_copy.write(folder, models)
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    say(f"{folder}: {len(files)} files, {size:.1f} MB. Look at it: python -m http.server --directory {folder}")
