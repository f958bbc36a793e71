"""The app started for itself, and the browser to use it with: for the benchmark and the browser tests."""

import contextlib
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from cae import CaeError

ROOT = Path(__file__).parents[2]
START_LIMIT = 60.0
"""Seconds that the app may take until it answers."""
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-background-networking", "--disable-component-update"]
"""For Chromium in a container, without calls to anywhere."""


class AppError(CaeError):
    """The app did not start; the message says so in one plain sentence."""


@dataclass(frozen=True)
class App:
    """A running app: its address and its process."""

    url: str
    pid: int = 0
    """0 where it is not known."""


def chromium() -> str | None:
    """The path of Chromium or Chrome, or None where there is neither."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextlib.contextmanager
def running_app(
    environment: Mapping[str, str] | None = None, folder: Path = ROOT, base_path: str = "", port: int = 0
) -> Iterator[App]:
    """The app on a port of this machine.

    Args:
        environment: of the process; by default ours.
        folder: its working directory.
        base_path: what its addresses begin with, e.g. "demo".
        port: 0 for one that is free.

    Raises:
        AppError: it ended, or gave no answer within a minute.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # right after another app's end
        probe.bind(("127.0.0.1", port))
        port = probe.getsockname()[1]
    options = ["--server.headless=true", "--server.address=127.0.0.1", f"--server.port={port}"]
    options += [f"--server.baseUrlPath={base_path}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), *options],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    app = App(f"http://127.0.0.1:{port}/{base_path}".rstrip("/"), process.pid)
    try:
        _wait_until_healthy(app.url, process)
        yield app
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def engine_pids(app: App) -> list[int]:
    """The app's child processes that hold the network, the oldest first; none where the system has no /proc."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == app.pid and b"cae.engine.worker" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except (OSError, IndexError):  # it has just ended
            continue
    return sorted(found)


def _wait_until_healthy(url: str, process: subprocess.Popen) -> None:
    deadline = monotonic() + START_LIMIT
    while monotonic() < deadline and process.poll() is None:
        if healthy(url):
            return
        sleep(0.02)
    raise AppError("The app did not start.")


def healthy(url: str) -> bool:
    """Whether an app answers at this address."""
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
            return True
    except (OSError, ValueError):
        return False


def free_ports(count: int) -> list[int]:
    """Different ports of this machine that nobody uses now."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
