"""Work that takes a while, done once for all visitors while their pages go on."""

import logging
import threading
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)


class Job:
    """Runs `work(advance)` in a thread of its own, where `advance(n)` counts towards `total`.

    Args:
        work: what to do; its return value becomes `result`. It must call nothing of Streamlit that draws.
        total: what `advance` counts up to.
        expected: exceptions whose message is for visitors; others are logged, and get a plain sentence.
    """

    def __init__(
        self, work: Callable[[Callable[[int], None]], Any], total: int, expected: tuple[type[Exception], ...]
    ) -> None:
        self.total = total
        self.done = 0
        self.result: Any = None
        self.error = ""
        """One plain sentence if it failed."""
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

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end; return whether it has come."""
        self._thread.join(timeout)
        return not self.running

    def _run(self) -> None:
        try:
            self.result = self._work(self._advance)
        except self._expected as error:
            self.error = str(error)
        except Exception:
            self.error = "This did not work; the server's log says why."
            log.exception("A job failed.")

    def _advance(self, count: int) -> None:
        self.done += count
