"""`serve`: the app in several processes on this machine, with one engine for all of them and nginx in front.

Whatever ends is started again. A visitor whose process has ended loses what the address does not carry.
"""

import argparse
import errno
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit

from cae import CaeError
from cae.cli.browser import free_ports, healthy
from cae.cli.parser import UsageError, integer
from cae.engine.process import ENGINE, SAFE_PATH, shared_engine
from cae.model import store
from cae.progress import say

START_LIMIT = 120.0
"""Seconds within which all processes of the app answer."""
LOOK = 0.2
"""Seconds between two looks at the processes."""
PAUSE = 2.0
"""Seconds that a process which has ended must have lived to be started again at once."""
OPEN_FILES = 65_536
TEMPLATE = Path(__file__).with_name("nginx.conf")


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--processes", type=integer(1, 64), default=2, metavar="N", help="of the app (%(default)s)")
    command.add_argument("--ray", action="store_true", help="engines on a Ray cluster, as `engine --ray` starts them")
    command.add_argument("--replicas", type=integer(1, 1_000), metavar="N", help="with --ray: how many, see `engine`")
    command.add_argument("--port", type=integer(1, 65_535), default=8501, metavar="N", help="default: %(default)s")
    command.add_argument("--address", default="0.0.0.0", help="where nginx listens, default: %(default)s")


def run(options: argparse.Namespace) -> None:
    program = nginx()
    if program is None:
        raise UsageError("nginx is not installed: apt-get install nginx")
    _check_free(options.address, options.port)
    _raise_limit()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _folder() as folder, ExitStack() as stack:
        *ports, engine_port = free_ports(options.processes + 1)
        engine = f"ray://127.0.0.1:{engine_port}" if options.ray else f"unix://{folder}/engine"
        parts = [_app(port, shared_engine() or engine) for port in ports]
        if not shared_engine():
            parts.insert(0, _engine(engine, options.replicas))
        configuration = folder / "nginx.conf"
        configuration.write_text(configured(folder, ports, options.address, options.port), "utf-8")
        for part in parts:
            stack.callback(part.stop)
            part.start()
        _wait_until_healthy(parts, ports)
        proxy = Part("nginx", [program, "-e", "stderr", "-c", str(configuration)])
        stack.callback(proxy.stop)
        proxy.start()
        with suppress(subprocess.TimeoutExpired):
            proxy.process.wait(1)
            raise CaeError("nginx does not start; its own words stand above.")
        say(f"{options.processes} processes of the app at http://localhost:{options.port}; Ctrl-C ends them.")
        while True:
            sleep(LOOK)
            for part in (*parts, proxy):
                part.look_after()


def nginx() -> str | None:
    """Its path; also where only those with rights find it by name."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@dataclass
class Part:
    """A process that is kept running."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        self.since = monotonic()
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=os.environ | self.environment,
            start_new_session=True,  # Ctrl-C is for this process, which ends them in turn
        )

    def look_after(self) -> None:
        """Start it again if it has ended."""
        status = self.process.poll()
        if status is not None and monotonic() - self.since > PAUSE:
            say(f"{self.name} ended with status {status}, and is started again.")
            self.start()

    def stop(self) -> None:
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(60)  # a Ray cluster takes a while
        self.process.kill()
        self.process.wait()


def _engine(address: str, replicas: int | None) -> Part:
    where = urlsplit(address)
    options = ["--listen", where.path] if where.scheme == "unix" else ["--ray", "--port", str(where.port)]
    options += ["--replicas", str(replicas)] if replicas else []
    return Part("The engine", [sys.executable, *SAFE_PATH, "-m", "cae", "engine", *options])


def _app(port: int, engine: str) -> Part:
    home = store.FOLDER.parent
    script = next(path for path in (home / "app" / "app.py", home / "app.py") if path.exists())
    options = ["--server.headless=true", "--server.address=127.0.0.1", f"--server.port={port}"]
    command = [sys.executable, "-m", "streamlit", "run", str(script), *options]
    return Part(f"The app at port {port}", command, {ENGINE: engine})


def configured(folder: Path, ports: Sequence[int], address: str, port: int) -> str:
    """nginx's configuration, for apps at these ports."""
    apps = {f"app{number}": port for number, port in enumerate(ports)}
    shares = [f"{100 / len(ports):.2f}% {app};" for app in apps]
    values = {
        "FOLDER": str(folder),
        "UPSTREAMS": "\n".join(
            f"  upstream {app} {{ server 127.0.0.1:{behind}; keepalive 32; }}" for app, behind in apps.items()
        ),
        "SHARES": " ".join([*shares[:-1], f"* {list(apps)[-1]};"]),
        "PROCESSES": "\n".join(f"    {app} {app};" for app in apps),
        "ADDRESS": f"[{address}]" if ":" in address else address,
        "PORT": str(port),
    }
    text = TEMPLATE.read_text("utf-8").partition("\ndaemon")
    for name, value in values.items():
        text = text[0], text[1], text[2].replace(f"@{name}@", value)
    return "".join(text)


@contextmanager
def _folder() -> Iterator[Path]:
    """For the sockets and nginx's files; what is in it can be opened by name alone."""
    with tempfile.TemporaryDirectory(prefix="cae-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # nginx works as a user without rights where it is started by root
        yield folder


def _wait_until_healthy(parts: Sequence[Part], ports: Sequence[int]) -> None:
    """Raises `CaeError` where a part ends or is late."""
    end = monotonic() + START_LIMIT
    while not all(healthy(f"http://127.0.0.1:{port}") for port in ports):
        for part in parts:
            if part.process.poll() is not None:
                raise CaeError(f"{part.name} does not start; its own words stand above.")
        if monotonic() > end:
            raise CaeError(f"The app did not start within {START_LIMIT:g} seconds.")
        sleep(LOOK)


def _check_free(address: str, port: int) -> None:
    """Raises `UsageError` where nobody could listen there."""
    try:
        family, kind, _, _, where = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(f"Port {port} of {address} is in use: choose another with --port.") from None
        raise UsageError(f"Nobody can listen at {address}, port {port}: {error.strerror}.") from None


def _raise_limit() -> None:
    """As many open files as may be: a visitor takes about four in the app and two in nginx."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
