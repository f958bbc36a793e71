"""Where visitors train: one training at a time on a machine, in a process of its own, watched by all; others queue.

The room knows who has ordered a training by a ticket, a secret that the visitor's browser keeps. Whoever has none, or
has one of a training that is gone, watches the one that runs.
"""

import contextlib
import logging
import os
import pickle
import queue
import secrets
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import IO

from cae.engine.process import ENVIRONMENT, GONE, SAFE_PATH
from cae.model import store
from cae.training.live import LiveError, Order, Point

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "",  # a GPU is the engine's
}
TICK = 0.25
"""Seconds between two looks at the limits."""
LOCK = Path(tempfile.gettempdir()) / f"cae-training-{getattr(os, 'getuid', int)()}.lock"
"""Held while a training runs, so that several apps of a user on one machine take turns."""

try:
    import fcntl
except ImportError:  # as on Windows, where apps do not wait for one another
    fcntl = None  # type: ignore[assignment]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What visitors may take."""

    seconds: float = 180.0
    """That a training may take, start included."""
    megabytes: float = 2_000.0
    """Of memory, where the system has /proc. TensorFlow alone takes half of it."""
    waiting: int = 5
    """Trainings in the queue."""
    ended: int = 3
    """Trainings that can still be looked at and kept."""


class Training:
    """One training, from its order to its end."""

    def __init__(self, order: Order, limits: Limits) -> None:
        self.order = order
        self.ticket, self.name = secrets.token_urlsafe(16), secrets.token_hex(8)
        self.status = "waiting"
        """Then "starting", "training", and in the end "learned", "collapsed", "diverged", "stopped" or "failed"."""
        self.message = ""
        """A sentence where it failed."""
        self.points: list[Point] = []
        self.weights = b""
        """Those of the last point, as a safetensors file."""
        self.kept = ""
        """The name of the model that it was kept as."""
        self._limits = limits
        self._stopping = threading.Event()

    @property
    def ended(self) -> bool:
        return self.status not in ("waiting", "starting", "training")

    def stop(self) -> None:
        """Have it end; what it has published remains."""
        self._stopping.set()

    def run(self) -> None:
        """Train in a child process until it ends, is stopped or reaches a limit."""
        try:
            with _turn_on_this_machine(self._stopping) as is_ours:
                self.status = self._run() if is_ours else "stopped"
        except OSError as error:
            log.exception("A training could not be run.")
            self.status = "failed"
            self.message = f"The server could not run the training ({error.strerror}): tell whoever runs this page."

    def _run(self) -> str:
        self.status = "starting"
        with tempfile.TemporaryFile() as printed:
            child = subprocess.Popen(
                [sys.executable, *SAFE_PATH, "-m", "cae.training.live"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=printed,
                cwd=store.HOME,
                env=ENVIRONMENT | os.environ | ONE_THREAD,
                start_new_session=True,  # Ctrl-C is for the parent
            )
            assert child.stdin is not None
            assert child.stdout is not None
            messages: queue.SimpleQueue[tuple] = queue.SimpleQueue()
            reader = threading.Thread(target=_read, args=(child.stdout, messages), daemon=True)
            reader.start()
            try:
                with contextlib.suppress(BrokenPipeError):  # it has ended, as its messages will say
                    pickle.dump(self.order, child.stdin, protocol=5)
                    child.stdin.flush()
                return self._follow(child, messages)
            finally:
                child.kill()
                status = child.wait()
                reader.join()
                for pipe in (child.stdin, child.stdout):
                    with contextlib.suppress(OSError):
                        pipe.close()
                if self.message:
                    printed.seek(0)
                    last_words = printed.read()[-2000:].decode(errors="replace").strip()
                    log.warning("%s Its process ended with status %d. %s", self.message, status, last_words)

    def _follow(self, child: subprocess.Popen, messages: queue.SimpleQueue) -> str:
        """Take what the child says until it ends, or must; return how it has ended."""
        deadline = monotonic() + self._limits.seconds
        while True:
            with contextlib.suppress(queue.Empty):
                match messages.get(timeout=TICK):
                    case "point", point, weights:
                        self.weights = weights
                        self.points.append(point)
                        self.status = "training"
                    case "ended", how:
                        return how
                    case "failed", sentence:
                        return self._failed(sentence)
            if self._stopping.is_set():
                return "stopped"
            if monotonic() > deadline:
                return self._failed(f"A training may take {self._limits.seconds:g} seconds, and this one took longer.")
            if _megabytes(child.pid) > self._limits.megabytes:
                return self._failed(f"The training needed more than {self._limits.megabytes:g} MB of memory.")

    def _failed(self, message: str) -> str:
        self.message = message
        return "failed"


class Room:
    """All trainings of a server."""

    def __init__(self, limits: Limits = Limits()) -> None:
        self.limits = limits
        self._lock = threading.Lock()  # guards the four below
        self._waiting: list[Training] = []
        self._current: Training | None = None
        self._ended: deque[Training] = deque(maxlen=limits.ended)
        self._closed = False
        self._thread: threading.Thread | None = None

    def order(self, order: Order) -> Training:
        """Start a training, or let it wait for its turn.

        Raises:
            LiveError: too many are waiting.
        """
        with self._lock:
            if self._closed:
                raise LiveError("The app is shutting down.")
            if len(self._waiting) >= self.limits.waiting:
                raise LiveError(f"{self.limits.waiting} trainings are waiting already: try again in a few minutes.")
            training = Training(order, self.limits)
            self._waiting.append(training)
            if self._current is None:
                self._next()
            return training

    def all(self) -> list[Training]:
        """The one that runs, those that wait, in their order, and those that have ended, the last one first."""
        with self._lock:
            return [*([self._current] if self._current else []), *self._waiting, *self._ended]

    def of(self, ticket: str) -> Training | None:
        """The training with that ticket, if it is still there."""
        return next((each for each in self.all() if secrets.compare_digest(each.ticket, ticket)), None)

    def ahead(self, training: Training) -> int:
        """How many come before one that waits."""
        with self._lock:
            return 1 + self._waiting.index(training) if training in self._waiting else 0

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def stop(self, training: Training) -> None:
        """End a training; one that waits leaves the queue."""
        with self._lock:
            if training in self._waiting:
                self._waiting.remove(training)
        training.stop()

    def close(self) -> None:
        """End everything, and leave nothing behind."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            if self._current:
                self._current.stop()
        if self._thread:
            self._thread.join()

    def _next(self) -> None:
        """Start the first that waits, in a thread of its own; to be called with the lock held."""
        self._current = self._waiting.pop(0)
        self._thread = threading.Thread(target=self._run, args=(self._current,), name="training", daemon=True)
        self._thread.start()

    def _run(self, training: Training) -> None:
        training.run()
        with self._lock:
            self._current = None
            self._ended.appendleft(training)
            if self._waiting and not self._closed:
                self._next()


def _read(stream: IO[bytes], messages: queue.SimpleQueue) -> None:
    """Hand on what the child says, and last that it has ended."""
    try:
        while True:
            messages.put(pickle.load(stream))
    except GONE:
        messages.put(("failed", "The training's process has ended unexpectedly: start it again."))


def _megabytes(pid: int) -> float:
    """The memory that a process takes; 0 where that cannot be known."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def _turn_on_this_machine(stopping: threading.Event) -> Iterator[bool]:
    """Wait until no other app of this user trains; gives whether the turn has come before `stopping` was set."""
    with LOCK.open("a") as lock:
        while fcntl and not stopping.is_set():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                stopping.wait(TICK)
        yield not stopping.is_set()
