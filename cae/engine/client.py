"""The process that owns the network and the GPU: one for all visitors, who never import TensorFlow or Keras themselves.

    parent (Streamlit, the command line)                child: python -m cae.engine.worker ROOT
    Engine.run(…)  ── ("run", model, images) ─────────▶ stdin   → the Keras backend
    Result         ◀─ ("done", arrays, milliseconds) ── stdout  ←

Both ends of the two pipes are this package, so messages are pickled. The child ends when its standard input does:
whatever ends the parent, it leaves no orphan. A child that dies, or takes longer than the time limit, is replaced.
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
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from cae import CaeError
from cae.model import store

START_LIMIT = 120.0
"""Seconds that the child may take to import its Keras backend and to load and warm the first model."""
PAUSE = 30.0
"""Seconds between attempts to start, once two in a row have failed."""
MAX_PIXELS = 2**20
"""The most pixels of one image: the widest layer takes 512 bytes for each."""
MAX_VALUE = 1e6
"""The largest magnitude of an input; beyond it the network's sums could overflow."""
BATCHES = (64, 8, 1)
"""Images per step. Few different sizes, since GPU kernels are chosen, and JAX compiles, anew for each."""

ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",  # with oneDNN a single image takes half as long again
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
}
"""What the child gets beside the parent's environment, which has the last word."""

_SAFE_PATH = ["-P"] if store.INSTALLED else []
"""In a clone the child finds this package in its working folder; an installed one must not find other files there."""

log = logging.getLogger(__name__)


class EngineError(CaeError):
    """The network gave no answer; the message says why in one plain sentence."""


class EngineTimeout(EngineError):
    """The network took longer than the time limit."""


class EngineDied(EngineError):
    """The network's process cannot be started, or ended twice during the same request."""


class ModelUnavailable(EngineError):
    """The model is missing, incomplete, altered, or has another version than the one asked for."""


@dataclass(frozen=True)
class Result:
    """What the network makes of N images of H×W pixels; pictures and latents are float32, pictures in [0, 1]."""

    latent: np.ndarray
    """(N, H/4, W/4, 1), unbounded."""
    reconstruction: np.ndarray
    """(N, H, W, 1)."""
    denoised: np.ndarray | None
    """(N, H, W, 1), or None where the model has no denoiser."""
    milliseconds: float
    """Spent in the network, without the way there and back."""


class Engine:
    """Starts, feeds, watches and replaces the child; for any number of threads, one request at a time.

    Images are (N, H, W, 1) in [0, 1], with H and W multiples of 4; latents are (N, H/4, W/4, 1). A model is named as
    in `store.load`, with a variant as NAME/VARIANT, and is answered for as its folder is at that moment; or it is named
    as by `Pretrained.network`, and no other version than that one answers. All requests raise

        ValueError: the input has another shape or is empty, too large or not finite.
        ModelUnavailable, EngineTimeout, EngineDied, EngineError: see there.

    Args:
        root: the folder of the model folders.
        time_limit: seconds that one step (at most 64 images of 28×28, or one larger image) may take. A request that
            meets the start waits up to `START_LIMIT` seconds more.
    """

    def __init__(self, root: Path = store.FOLDER, time_limit: float = 20.0) -> None:
        self.root = Path(root).resolve()
        self.time_limit = time_limit
        self.device: str | None = None
        """What the network runs on, e.g. "NVIDIA H200" or "CPU, 2 cores"; None until ready for the first time."""
        self._turn = threading.Lock()
        self._changed = threading.Condition()  # guards the four below
        self._status = "starting"
        self._child: _Child | None = None
        self._closed = False
        self._supervisor: threading.Thread | None = None

    def start(self) -> None:
        """Start the child in the background and return at once; once started, do nothing."""
        with self._changed:
            if self._closed:
                raise EngineError("The network has been shut down.")
            if not self._supervisor:
                self._supervisor = threading.Thread(target=self._supervise, name="engine", daemon=True)
                self._supervisor.start()
                atexit.register(self.close)

    def close(self) -> None:
        """End the child and wait until it is gone; requests under way raise EngineError."""
        atexit.unregister(self.close)
        with self._changed:
            self._closed, self._status = True, "failed"
            if self._child:
                self._child.process.kill()
            self._changed.notify_all()
        if self._supervisor:
            self._supervisor.join()

    @property
    def status(self) -> str:
        """ "starting", "ready" or "failed"; a failed start is tried again after a pause."""
        return self._status

    @property
    def ready(self) -> bool:
        """Whether a request would be answered at once."""
        return self._status == "ready"

    def wait(self, timeout: float | None = None) -> bool:
        """Wait up to `timeout` seconds until the start succeeds or fails; return `ready`."""
        with self._changed:
            self._changed.wait_for(lambda: self._status != "starting", timeout)
            return self.ready

    def run(self, model: str, images: np.ndarray) -> Result:
        """Images → latents → reconstructions → denoised reconstructions, in one step."""
        outputs, milliseconds = self._request("run", model, _checked(images, "images", 4))
        latent, reconstruction, *denoised = outputs
        return Result(latent, reconstruction, denoised[0] if denoised else None, milliseconds)

    def encode(self, model: str, images: np.ndarray) -> np.ndarray:
        """Images → latents."""
        return self._request("encode", model, _checked(images, "images", 4))[0][0]

    def decode(self, model: str, latents: np.ndarray) -> np.ndarray:
        """Latents → reconstructions, float32 in [0, 1]."""
        return self._request("decode", model, _checked(latents, "latents", 1))[0][0]

    def _request(self, operation: str, model: str, array: np.ndarray) -> tuple[list[np.ndarray], float]:
        """The operation's outputs, and the milliseconds spent in the network."""
        if not re.fullmatch(r"\w[\w-]*(/\w[\w-]*){0,2}(@[0-9a-f]{64})?", model):
            raise ModelUnavailable(f"There is no trained model {model!r}.")
        scale = 16 if operation == "decode" else 1
        answers = [self._ask((operation, model, step)) for step in _steps(array, scale)]
        outputs = [np.concatenate(parts) for parts in zip(*(outputs for outputs, _ in answers), strict=True)]
        return outputs, sum(milliseconds for _, milliseconds in answers)

    def _ask(self, message: tuple) -> tuple[list[np.ndarray], float]:
        """Hand one step to the child, and to its successor if it dies of it or before."""
        self.start()
        deadline = monotonic() + START_LIMIT + self.time_limit
        if not self._turn.acquire(timeout=START_LIMIT + self.time_limit):
            raise EngineTimeout("The network is busy with other requests: try again later.")
        try:
            for _ in range(2):
                child = self._ready_child(deadline)
                try:
                    kind, *answer = child.ask(message, self.time_limit)
                    break
                except TimeoutError:
                    self._drop(child)
                    raise EngineTimeout(f"The network took longer than {self.time_limit:g} seconds.") from None
                except _GONE:
                    self._drop(child)
            else:
                raise EngineDied("The network's process ended twice during this request.")
        finally:
            self._turn.release()
        if kind == "done":
            return answer[0], answer[1]
        if kind == "unavailable":
            raise ModelUnavailable(answer[0])
        log.error("The network could not do this:\n%s", answer[0])
        raise EngineError("The network could not do this; the server's log says why.")

    def _ready_child(self, deadline: float) -> "_Child":
        with self._changed:
            self._changed.wait_for(lambda: self._status != "starting", deadline - monotonic())
            if self._closed:
                raise EngineError("The network has been shut down.")
            if self._status == "starting":
                raise EngineTimeout("The network is still starting: try again later.")
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
        """Start a child, and another whenever one ends, until the engine is closed. One at a time."""
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
                    child = self._child = _Child(self.root)
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
            except _GONE:
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


_GONE = (EOFError, OSError, ValueError, pickle.UnpicklingError)
"""What reading and writing raise when the child has ended, at whatever moment; TimeoutError is an OSError."""


class _Child:
    """A running child: its process, its two pipes, and a file for all that it prints."""

    def __init__(self, root: Path) -> None:
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115, open as long as the child
        self.process = subprocess.Popen(
            [sys.executable, *_SAFE_PATH, "-m", "cae.engine.worker", str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._printed,
            cwd=store.HOME,
            env=ENVIRONMENT | os.environ,
            start_new_session=True,  # Ctrl-C is for the parent
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._pipes = self.process.stdin, self.process.stdout

    def ask(self, message: tuple | None, limit: float) -> Any:
        """Send the message, if any, and receive the child's next; one of `_GONE` if it died or had to be killed.

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
        except _GONE:
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


def _checked(array: np.ndarray, what: str, multiple: int) -> np.ndarray:
    """The array as float32 (N, H, W, 1), or ValueError."""
    try:
        with np.errstate(over="ignore"):
            array = np.ascontiguousarray(array, dtype=np.float32)
    except (TypeError, ValueError):
        raise ValueError(f"The {what} must be an array of numbers.") from None
    if array.ndim != 4 or array.shape[3] != 1 or 0 in array.shape or any(side % multiple for side in array.shape[1:3]):
        sides = f", with H and W multiples of {multiple}" if multiple > 1 else ""
        raise ValueError(f"The {what} must have the shape (N, H, W, 1){sides}, not {array.shape}.")
    if array.shape[1] * array.shape[2] * (4 // multiple) ** 2 > MAX_PIXELS:
        raise ValueError(f"The {what} are too large: an image may have {MAX_PIXELS:,} pixels.")
    if not np.abs(array).max() <= MAX_VALUE:  # also where there is a NaN
        raise ValueError(f"The {what} must be finite and at most {MAX_VALUE:,.0f} in magnitude.")
    return array


def _steps(array: np.ndarray, scale: int) -> Iterator[np.ndarray]:
    """Cut (N, H, W, 1), each value standing for `scale` pixels, into batches of at most 64 images of 28×28."""
    most = max(1, BATCHES[0] * 28 * 28 // (array.shape[1] * array.shape[2] * scale))
    start = 0
    while start < len(array):
        size = next(size for size in BATCHES if size <= min(most, len(array) - start))
        yield array[start : start + size]
        start += size
