"""`engine`: the network for several apps, until it is stopped."""

import argparse
import os
import signal
import threading
from pathlib import Path

from cae.cli.parser import UsageError
from cae.engine.process import ENGINE, shared_engine
from cae.progress import say


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--listen", type=Path, required=True, metavar="PATH", help="the socket, for this user alone")


def run(options: argparse.Namespace) -> None:
    if shared_engine():
        raise UsageError(f"{ENGINE} names another engine: leave it out here.")
    _listen(options.listen.absolute())


def _listen(path: Path) -> None:
    from cae.engine.service import listening  # here, as not every system has Unix sockets

    spare_after = None if os.environ.get("CAE_SPARE") == "0" else 30.0
    with listening(path, spare_after=spare_after) as server:
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        say(f"The apps with it: {ENGINE}=unix://{path} streamlit run app.py")
        server.serve_forever()
