"""The share of `benchmark` that tells how many visitors a plain file server hands the static copy to.

Once loaded, a visitor's own browser computes everything; so what counts is how long it takes to load.
"""

import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from cae.cli.browser import FLAGS, AppError, chromium, free_ports
from cae.cli.usage import Machine
from cae.model import store
from cae.progress import say

AT_ONCE = 16
"""Visitors who load it at the same time."""
START_LIMIT = 10.0
"""Seconds until the file server answers."""


def measure(seconds: float) -> dict:
    """How many visitors load the whole copy in so many seconds, and what each of them loads.

    Raises:
        AppError: there is no browser, or no file server.
    """
    with _served() as url:
        addresses = _loaded(url)
        say(f"{AT_ONCE} visitors at once load {len(addresses)} files each for {seconds:g} seconds …")
        machine, start = Machine(), time.monotonic()
        loads, size = _load(addresses, seconds)
        elapsed = time.monotonic() - start
    return {
        "files": len(addresses),
        "megabytes": round(size / 1e6, 2),
        "seconds": round(elapsed, 1),
        "visitors": loads,
        "visitors_per_second": round(loads / elapsed, 2),
        "cores": machine.since(elapsed),
    }


@contextmanager
def _served() -> Iterator[str]:
    """The copy's address, from Python's own file server."""
    from cae.ui import static_copy  # now, as the pages' colours take a while

    folder = Path(tempfile.mkdtemp())
    (port,) = free_ports(1)
    try:
        static_copy.write(folder / "copy", store.available(own=False)[0])
        options = [str(port), "--bind", "127.0.0.1", "--directory", str(folder / "copy")]
        command = [sys.executable, "-m", "http.server", *options]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            try:
                url = f"http://127.0.0.1:{port}/"
                _wait_for(url)
                yield url
            finally:
                server.kill()
    finally:
        shutil.rmtree(folder)


def _wait_for(url: str) -> None:
    end = time.monotonic() + START_LIMIT
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AppError("The file server does not start.")


def _loaded(url: str) -> list[str]:
    """What a browser loads until the first reconstruction is there."""
    program = chromium()
    if program is None:
        raise AppError("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=program, args=FLAGS) as browser:
        page = browser.new_page()
        addresses: list[str] = []
        page.on("requestfinished", lambda request: addresses.append(request.url))
        page.goto(url)
        page.wait_for_function("() => document.querySelector('[data-testid=denoised]')?.dataset.pixels")
        return sorted({address for address in addresses if address.startswith(url)})


def _load(addresses: list[str], seconds: float) -> tuple[int, int]:
    """How often all of them were loaded, and how many bytes they have."""
    end = time.monotonic() + seconds
    sizes: list[int] = []

    def visit() -> None:
        while time.monotonic() < end:
            size = 0
            for address in addresses:
                with urllib.request.urlopen(address, timeout=60) as answer:
                    size += len(answer.read())
            sizes.append(size)

    threads = [threading.Thread(target=visit) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not sizes:
        raise AppError("Nobody has loaded the copy.")
    return len(sizes), max(sizes)
