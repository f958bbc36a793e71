"""What the processes of an app use of the machine, and when they have come to rest."""

import contextlib
import os
import time
from collections.abc import Mapping
from pathlib import Path

from cae.cli.browser import App, engine_pids

SETTLED = 90.0
"""Seconds after which an app is measured even if it still prepares for what may come."""


def settle(app: App, environment: Mapping[str, str] = os.environ) -> None:
    """Wait until the network has prepared for all sizes and models, and has its spare, or for `SETTLED` seconds.

    Args:
        environment: of the app.
    """
    end, wanted = time.monotonic() + SETTLED, 1 if environment.get("CAE_SPARE") == "0" else 2
    while time.monotonic() < end and len(engine_pids(app)) < wanted:
        time.sleep(1)
    usage = Usage(app)
    while time.monotonic() < end:
        time.sleep(2)
        busy = sum(each["cores"] or 0 for each in usage.since(2).values())
        if busy < 0.1:
            return
        usage = Usage(app)


class Usage:
    """Memory and processor time of the server and of the network's process, where the system has /proc."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._before = self._seconds()

    def since(self, elapsed: float) -> dict:
        """Megabytes now, and processor cores that were busy in the last `elapsed` seconds."""
        return {
            name: {
                "megabytes": round(_megabytes(pid)),
                "cores": round((seconds - self._before[name][1]) / elapsed, 2)
                if self._before.get(name, (0, 0))[0] == pid
                else None,
            }
            for name, (pid, seconds) in self._seconds().items()
        }

    def _seconds(self) -> dict[str, tuple[int, float]]:
        """Process and processor seconds so far, by name."""
        pids = dict(zip(("server", "engine", "spare"), [self._app.pid, *engine_pids(self._app)], strict=False))
        return {name: (pid, _processor_seconds(pid)) for name, pid in pids.items() if Path(f"/proc/{pid}").exists()}


class Machine:
    """Processor time of all processes on this machine, and of this one, which plays the visitors."""

    def __init__(self) -> None:
        self._before = self._seconds()

    def since(self, elapsed: float) -> dict[str, float]:
        """Processor cores that were busy in the last `elapsed` seconds."""
        return {name: round((now - self._before[name]) / elapsed, 2) for name, now in self._seconds().items()}

    def _seconds(self) -> dict[str, float]:
        found = {"visitors": time.process_time()}
        with contextlib.suppress(OSError):
            user, nice, system, _, _, interrupts, soft, *_ = map(int, Path("/proc/stat").read_text().split()[1:11])
            found["machine"] = (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")
        return found


def _megabytes(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def most_megabytes(pid: int) -> float:
    """The most memory that a process has had; 0 where the system does not say.

    Not what it has now: some systems take from processes the pages that they have not touched for some seconds.
    """
    path = Path(f"/proc/{pid}/status")
    lines = path.read_text().splitlines() if path.exists() else []
    return sum(1.024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1000
