"""Work in the background while pages go on: for all visitors, or for one, who may stop it; and looking again meanwhile.

A job is a thread that calls `work(advance)`. It ends early by an exception that `advance` raises: when somebody stops
it, and when it belongs to a visitor who has gone.
"""

import functools
import logging
import math
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, nullcontext
from time import monotonic
from typing import Any

import streamlit as st

from cae import CaeError
from cae.engine.client import EngineRestarts
from cae.model.store import PretrainedError
from cae.progress import Advance, Stopped

EVERY = 0.5
"""Seconds between two looks at a job."""
PATIENCE = 10.0
"""Seconds that a visitor's job goes on without being looked at."""

log = logging.getLogger(__name__)


class Queue:
    """Lets jobs work one at a time, in the order in which they came."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._changed = threading.Condition()

    def ahead(self, job: "Job") -> int:
        """The number of jobs that come before this one; those that are about to stop do not count."""
        with self._changed:
            before = self._jobs[: self._jobs.index(job)] if job in self._jobs else []
        return sum(not other.stopping for other in before)

    @contextmanager
    def turn(self, job: "Job", check: Callable[[], None]) -> Iterator[None]:
        """Wait for the job's turn, calling `check` now and then, which may raise; the turn ends with the block."""
        with self._changed:
            self._jobs.append(job)
        try:
            with self._changed:
                while self._jobs[0] is not job:
                    check()
                    self._changed.wait(EVERY)
            yield
        finally:
            with self._changed:
                self._jobs.remove(job)
                self._changed.notify_all()


class Job:
    """Runs `work(advance)` in a thread of its own, where `advance(n)` counts towards `total`.

    Args:
        work: what to do; its return value becomes `result`. It must call nothing of Streamlit that draws. The message
            of a `CaeError` is for visitors; other exceptions are logged and get a plain sentence.
        total: what `advance` counts up to.
        queue: where the job waits for its turn; without one it starts at once.
        patience: seconds after which it stops by itself unless somebody calls `look`.
    """

    def __init__(
        self, work: Callable[[Advance], Any], total: int, *, queue: Queue | None = None, patience: float = math.inf
    ) -> None:
        self.total = total
        self.done = 0
        self.result: Any = None
        self.error = ""
        """One plain sentence if it failed."""
        self.stopped = False
        """Whether it ended early, by `stop` or because nobody looked."""
        self.abandoned = False
        """Whether it ended because nobody looked."""
        self._stopping = threading.Event()
        self._first: tuple[float, int] | None = None  # when something was done first, and how much
        self._work, self._queue, self._patience = work, queue, patience
        self._looked = monotonic()
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
    def ahead(self) -> int:
        """The number of jobs whose turn comes first."""
        return self._queue.ahead(self) if self._queue else 0

    @property
    def seconds_left(self) -> float | None:
        """An estimate from the pace so far; None while there is none."""
        if self._first is None or self.done <= self._first[1]:
            return None
        start, done = self._first
        return (monotonic() - start) * max(0, self.total - self.done) / (self.done - done)

    @property
    def stopping(self) -> bool:
        """Whether it ends at its next `advance`."""
        return self._stopping.is_set() or monotonic() - self._looked > self._patience

    def look(self) -> None:
        """Tell that its visitor is still there."""
        self._looked = monotonic()

    def stop(self) -> None:
        """Have it end at its next `advance`, without a result; returns at once."""
        self._stopping.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end; return whether it has come."""
        self._thread.join(timeout)
        return not self.running

    def _run(self) -> None:
        try:
            with self._queue.turn(self, self._check) if self._queue else nullcontext():
                self.result = self._work(self._advance)
        except Stopped:
            self.stopped, self.abandoned = True, not self._stopping.is_set()
        except CaeError as error:
            self.error = str(error)
        except Exception:
            self.error = "This did not work; the server's log says why."
            log.exception("A job failed.")

    def _check(self) -> None:
        if self.stopping:
            raise Stopped

    def _advance(self, count: int) -> None:
        self._check()
        self.done += count
        if count and self._first is None:
            self._first = monotonic(), self.done


class SharedJobs:
    """Jobs for all visitors, the last one of each name; they go on when nobody looks.

    Args:
        most: how many that have ended are kept beside the one that is started, the latest.
    """

    def __init__(self, most: int = 16) -> None:
        self._most = most
        self._jobs: dict[Hashable, Job] = {}
        self._lock = threading.Lock()

    def get(self, name: Hashable) -> Job | None:
        with self._lock:
            return self._jobs.get(name)

    def running(self, name: Hashable) -> bool:
        job = self.get(name)
        return job is not None and job.running

    def start(self, name: Hashable, work: Callable[[Advance], Any], total: int) -> Job:
        """Start a job, or join the one of this name that is running."""
        with self._lock:
            job = self._jobs.pop(name, None)
            for old in [each for each in self._jobs if not self._jobs[each].running][: -self._most]:
                del self._jobs[old]
            self._jobs[name] = job if job and job.running else Job(work, total)
            return self._jobs[name]

    def clear(self) -> None:
        """Forget all jobs."""
        self._jobs.clear()


_large_pictures = Queue()
"""Bounds the memory that large pictures take on the server."""


class OwnJob:
    """The one job that a visitor may have; it waits for its turn among those of all visitors."""

    def __init__(self) -> None:
        self._name = ""
        self.current: Job | None = None

    @property
    def running(self) -> bool:
        return self.current is not None and self.current.running

    def named(self, name: str) -> Job | None:
        """The job if it has this name; one of another name is stopped and forgotten. To ask is to look at it."""
        if self.current and self._name != name:
            self.current.stop()
            self.current = None
        if self.current:
            self.current.look()
        return self.current

    def start(self, name: str, work: Callable[[Advance], Any], total: int) -> None:
        """Start a job in place of the one before, and run the page again, which then shows how far it is."""
        if self.current:
            self.current.stop()
        self._name, self.current = name, Job(work, total, queue=_large_pictures, patience=PATIENCE)
        st.rerun()


def finished(job: Job, what: str) -> bool:
    """Whether a visitor's job has a result; if not, say how far it is, with a button to stop it, or why it has none."""
    if job.running:
        st.progress(job.share, text=f"{what} · {_left(job)}")
        if st.button("Stop", icon=":material/stop_circle:"):
            job.stop()
        return False
    if job.error:
        st.error(job.error, icon=":material/error:")
    elif job.abandoned:
        st.info(f"Stopped, since this page was left for more than {PATIENCE:.0f} seconds.", icon=":material/info:")
    elif job.stopped:
        st.info("Stopped.", icon=":material/stop_circle:")
    return job.result is not None


def _left(job: Job) -> str:
    if ahead := job.ahead:
        return f"waiting for {ahead} other visitor{'' if ahead == 1 else 's'}"
    seconds = job.seconds_left
    if seconds is None:
        return "waiting for the network"
    return f"about {seconds:.0f} s left" if seconds < 100 else f"about {seconds / 60:.0f} minutes left"


def poll(draw: Callable[..., None], *, until: Callable[[], bool], every: float = EVERY) -> Callable[..., None]:
    """`draw` as a fragment that is run again every so many seconds until `until()` is true.

    A fragment's timer is set when the whole page runs; so as soon as `until()` has become true, or false again, the
    whole page runs once more. So it does where `draw` finds that the network is being replaced, and then says so.
    """
    waiting = not until()

    @functools.wraps(draw)
    def drawn(*args: Any) -> None:
        if until() is waiting:
            st.rerun()
        try:
            draw(*args)
        except EngineRestarts:
            st.rerun()
        except PretrainedError as problem:  # the folder has been broken since the page ran, which would leave it out
            st.error(str(problem), icon=":material/folder_off:")

    return st.fragment(drawn, run_every=every if waiting else None)
