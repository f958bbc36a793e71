"""The child process that holds the network: started, watched, and started again whenever it ends.

Parent and child exchange pickled messages through two pipes, both of whose ends are this package. The child ends when
its standard input does: whatever ends the parent, it leaves no orphan.
"""

import atexit
import contextlib
import logging
import os
import pickle
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from cae.engine.errors import EngineDied, EngineError
from cae.model import store

ENGINE = "CAE_ENGINE"
"""The environment variable that chooses the library which runs the network: "onnx", or Keras without it; or it has the
address of an engine that runs already."""
START_LIMIT = 120.0
"""Seconds that the child may take to import its Keras backend and to load and warm the first model."""
SPARE_MEMORY = 4 * 2**30
"""Bytes of free memory without which there is no spare; it takes less than a third of them."""
PAUSE = 30.0
"""Seconds between attempts to start, once two in a row have failed."""

ENVIRONMENT = {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
}
"""What the child gets beside the parent's environment, which has the last word."""


def shared_engine() -> str:
    """The address of an engine that runs already, for `cae.engine.remote`; "" where each app is to start its own."""
    found = os.environ.get(ENGINE, "")
    return found if "://" in found else ""


SAFE_PATH = ["-P"] if store.INSTALLED else []
"""In a clone the child finds this package in its working folder; an installed one must not find other files there."""

GONE = (EOFError, OSError, ValueError, pickle.UnpicklingError)
"""What reading and writing raise when the child has ended, at whatever moment; TimeoutError is an OSError."""

log = logging.getLogger(__name__)


class Process:
    """The child, as long as it is wanted; one thread at a time may `ask` it.

    Args:
        root: the folder of the model folders.
        spare_after: seconds of life after which a child gets a spare, where there is memory for it: another child,
            which takes its place at once should it end. None: it gets none.
    """

    def __init__(self, root: Path, spare_after: float | None = None) -> None:
        self.root = root
        self.spare_after = spare_after
        self.device: str | None = None
        """What the network runs on; None until ready for the first time."""
        self._changed = threading.Condition()  # guards the five below
        self._status = "starting"
        self._child: _Child | None = None
        self._spare: _Child | None = None
        self._closed = False
        self._supervisor: threading.Thread | None = None

    @property
    def status(self) -> str:
        """ "starting", "ready" or "failed"; a failed start is tried again after a pause."""
        return self._status

    def start(self) -> None:
        """Start the child in the background and return at once; once started, do nothing.

        Raises:
            EngineError: the process was closed.
        """
        with self._changed:
            if self._closed:
                raise EngineError("The network has been shut down.")
            if not self._supervisor:
                self._supervisor = threading.Thread(target=self._supervise, name="engine", daemon=True)
                self._supervisor.start()
                atexit.register(self.close)

    def close(self) -> None:
        """End the child for good, and wait until it is gone."""
        atexit.unregister(self.close)
        with self._changed:
            self._closed, self._status = True, "failed"
            for child in (self._child, self._spare):
                if child:
                    child.process.kill()
            self._changed.notify_all()
        if self._supervisor:
            self._supervisor.join()
        if self._spare:
            self._spare.process.wait()
            self._spare.close()

    def wait(self, timeout: float | None = None) -> str:
        """Wait up to `timeout` seconds until the start succeeds or fails; return the status."""
        with self._changed:
            self._changed.wait_for(lambda: self._status != "starting", timeout)
            return self._status

    def ask(self, message: tuple, limit: float) -> Any:
        """Wait until the child is ready, hand it a message, and return its answer.

        Raises:
            TimeoutError: the answer took more than `limit` seconds. The child is replaced.
            EOFError: the child has ended. It is replaced.
            EngineError: the process was closed; EngineDied: it cannot be started.
        """
        child = self._ready_child()
        try:
            return child.ask(message, limit)
        except GONE as error:
            self._drop(child)
            raise error if isinstance(error, TimeoutError) else EOFError from None

    def _ready_child(self) -> "_Child":
        with self._changed:
            self._changed.wait_for(lambda: self._status != "starting")
            if self._closed:
                raise EngineError("The network has been shut down.")
            if self._status == "failed" or not self._child:
                raise EngineDied("The network's process could not be started; the server's log says why.")
            return self._child

    def _drop(self, child: "_Child") -> None:
        """Have a child that is dead or late replaced by the supervisor."""
        child.process.kill()
        with self._changed:
            if self._child is child and not self._closed:
                self._set("starting")

    def _set(self, status: str) -> None:
        self._status = status
        self._changed.notify_all()

    def _supervise(self) -> None:
        """Start a child, and another whenever one ends, until the engine is closed. One at a time, and a spare."""
        failures = 0
        while True:
            with self._changed:
                if failures >= 2 and not self._closed:
                    self._set("failed")
                    self._changed.wait_for(lambda: self._closed, PAUSE)
                if self._closed:
                    return
                self._set("starting")
                try:
                    child = self._child = self._spare or _Child(self.root)
                    self._spare = None
                except OSError:
                    log.exception("The network's process cannot be started.")
                    failures = 2
                    continue
            try:
                device = child.ask(None, START_LIMIT)
                with self._changed:
                    failures, self.device = 0, device
                    if not self._closed:
                        self._set("ready")
                self._have_spare(child)
            except GONE:
                failures += 1
                child.process.kill()
            status = child.process.wait()
            with self._changed:
                self._child = None
                if not self._closed:
                    self._set("starting")
            last_words = child.close()
            if not self._closed:
                log.warning("The network's process ended with status %d. %s", status, last_words)

    def _have_spare(self, child: "_Child") -> None:
        """Start the spare once the child has lived for a while; the spare's first message waits in its pipe."""
        if self.spare_after is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(self.spare_after)
            return
        with self._changed, contextlib.suppress(OSError):
            if not self._closed and _free_memory() >= SPARE_MEMORY:
                self._spare = _Child(self.root)


def _free_memory() -> int:
    """Bytes that new processes can have.

    Raises:
        OSError: the system does not say.
    """
    found = re.search(r"MemAvailable: *(\d+) kB", Path("/proc/meminfo").read_text())
    return 1024 * int(found[1]) if found else 0


class _Child:
    """A running child: its process, its two pipes, and a file for all that it prints."""

    def __init__(self, root: Path) -> None:
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115, open as long as the child
        self.process = subprocess.Popen(
            [sys.executable, *SAFE_PATH, "-m", "cae.engine.worker", str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._printed,
            cwd=store.HOME,
            env=ENVIRONMENT | os.environ | ({ENGINE: ""} if shared_engine() else {}),
            start_new_session=True,  # Ctrl-C is for the parent
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._pipes = self.process.stdin, self.process.stdout

    def ask(self, message: tuple | None, limit: float) -> Any:
        """Send the message, if any, and receive the child's next; one of `GONE` if it died or had to be killed.

        Raises:
            TimeoutError: it took more than `limit` seconds. The child was killed, which also ends a blocked write.
        """
        late = threading.Event()

        def kill() -> None:
            late.set()
            self.process.kill()

        requests, results = self._pipes
        timer = threading.Timer(limit, kill)
        timer.daemon = True
        timer.start()
        try:
            if message:
                pickle.dump(message, requests, protocol=5)
                requests.flush()
            return pickle.load(results)
        except GONE:
            if late.is_set():
                raise TimeoutError from None
            raise
        finally:
            timer.cancel()

    def close(self) -> str:
        """Once the process has ended: close the pipes and return the end of what it printed."""
        for pipe in self._pipes:
            with contextlib.suppress(OSError):
                pipe.close()
        with self._printed:
            self._printed.seek(0)
            return self._printed.read().decode(errors="replace")[-2000:].strip()
