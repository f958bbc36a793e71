"""`engine`: the network for several apps, until it is stopped: on one machine, or on a Ray cluster."""

import argparse
import os
import signal
import threading
from contextlib import ExitStack
from pathlib import Path

from cae.cli import quiet
from cae.cli.parser import UsageError, integer
from cae.engine.process import ENGINE, shared_engine
from cae.progress import say


def add_arguments(command: argparse.ArgumentParser) -> None:
    where = command.add_mutually_exclusive_group(required=True)
    where.add_argument("--listen", type=Path, metavar="PATH", help="the socket, for this user alone")
    where.add_argument("--ray", action="store_true", help="replicas on the Ray cluster that runs, or a new one")
    command.add_argument(
        "--replicas",
        type=integer(1, 1_000),
        metavar="N",
        help="with --ray: how many; default: one for each GPU, or, where there is none, for every second core",
    )
    command.add_argument("--address", default="127.0.0.1", help="with --ray: where they answer (%(default)s)")
    command.add_argument("--port", type=integer(1, 65_535), default=8000, metavar="N", help="default: %(default)s")


def run(options: argparse.Namespace) -> None:
    if shared_engine():
        raise UsageError(f"{ENGINE} names another engine: leave it out here.")
    if options.ray:
        _replicas(options)
    else:
        _listen(options.listen.absolute())


def _listen(path: Path) -> None:
    from cae.engine.service import listening  # here, as not every system has Unix sockets

    spare_after = None if os.environ.get("CAE_SPARE") == "0" else 30.0
    with listening(path, spare_after=spare_after) as server:
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        say(f"The apps with it: {ENGINE}=unix://{path} streamlit run app.py")
        server.serve_forever()


def _replicas(options: argparse.Namespace) -> None:
    from cae.engine import ray_cluster

    ended = threading.Event()
    with ExitStack() as stack:
        with quiet():
            ray = stack.enter_context(ray_cluster.connected())
        from cae.engine.ray_service import serving

        with serving(ray, options.replicas, options.address, options.port) as count:
            signal.signal(signal.SIGTERM, lambda *_: ended.set())
            cluster = ray.get_runtime_context().gcs_address
            say(f"{count} engines on the Ray cluster {cluster}.")
            say(f"The apps with them: {ENGINE}=ray://{options.address}:{options.port} streamlit run app.py")
            ended.wait()
