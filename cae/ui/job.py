"""Work that takes a while, done while pages go on: once for all visitors, or for one, who may stop it."""

import logging
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

from cae.progress import Advance, Stopped

log = logging.getLogger(__name__)


class Job:
    """Runs `work(advance)` in a thread of its own, where `advance(n)` counts towards `total`.

    Args:
        work: what to do; its return value becomes `result`. It must call nothing of Streamlit that draws.
        total: what `advance` counts up to.
        expected: exceptions whose message is for visitors; others are logged, and get a plain sentence.
    """

    def __init__(self, work: Callable[[Advance], Any], total: int, expected: tuple[type[Exception], ...]) -> None:
        self.total = total
        self.done = 0
        self.result: Any = None
        self.error = ""
        """One plain sentence if it failed."""
        self.stopped = False
        """Whether it ended because of `stop`."""
        self._stopping = threading.Event()
        self._first: tuple[float, int] | None = None  # when something was done first, and how much
        self._work, self._expected = work, expected
        self._thread = threading.Thread(target=self._run, name="job", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1."""
        return min(1.0, self.done / self.total)

    @property
    def seconds_left(self) -> float | None:
        """An estimate from the pace so far; None while there is none."""
        if self._first is None or self.done <= self._first[1]:
            return None
        start, done = self._first
        return (monotonic() - start) * max(0, self.total - self.done) / (self.done - done)

    def stop(self) -> None:
        """Have it end at its next `advance`, without a result; returns at once."""
        self._stopping.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end; return whether it has come."""
        self._thread.join(timeout)
        return not self.running

    def _run(self) -> None:
        try:
            self.result = self._work(self._advance)
        except Stopped:
            self.stopped = True
        except self._expected as error:
            self.error = str(error)
        except Exception:
            self.error = "This did not work; the server's log says why."
            log.exception("A job failed.")

    def _advance(self, count: int) -> None:
        if self._stopping.is_set():
            raise Stopped
        self.done += count
        if count and self._first is None:
            self._first = monotonic(), self.done
