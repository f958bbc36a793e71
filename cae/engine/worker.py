"""The engine's child: loads the models into Keras, or ONNX Runtime, and answers the requests of `cae.engine.client`.

    python -m cae.engine.worker ROOT

It reads pickled requests from standard input, writes pickled answers to standard output, and ends when standard input
does.
"""

import contextlib
import os
import pickle
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any

import numpy as np

from cae.engine.inputs import FROM_CODE, OPERATIONS
from cae.engine.process import ENGINE
from cae.model import lean, store
from cae.model.store import PretrainedError

WARMED = (1, 2, 4, 8, 16)
"""The sizes of the batches in which requests of several visitors are answered together."""
MOST_KEPT = 24
"""Networks in memory; the one that has not been asked for longest is forgotten first."""

Operations = Callable[[store.Pretrained], dict[str, Callable]]
"""Gives what can be done with a model, by name."""


def _serve(root: Path) -> None:
    """Load the first model, warm what is asked for first, say what it runs on, then answer until standard input ends.

    All else, of all models and sizes of batches, is warmed while nobody asks for anything.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the answers
    requests: queue.SimpleQueue = queue.SimpleQueue()
    threading.Thread(target=_read_requests, args=(requests,), daemon=True).start()

    backend = library()
    networks = Networks(root, backend.operations)
    cold = cold_operations(root)
    if cold:
        first = cold.pop(0)
        warm(networks, *first)
    lean.give_back_read_pages()
    message: Any = backend.describe()
    while True:
        pickle.dump(message, answers, protocol=5)
        answers.flush()
        while cold and requests.empty():
            warm(networks, *cold.pop(0))
            if not cold:
                lean.give_back_read_pages()
                warm(networks, *first)  # reads again what the next request needs
        message = answer(networks, *requests.get())


def library() -> ModuleType:
    """The module with `describe` and `operations` for the library that `CAE_ENGINE` names.

    Raises:
        SystemExit: there is none for that.
    """
    match os.environ.get(ENGINE, ""):
        case "":
            lean.leave_out_unused()
            from cae.engine import keras_operations

            return keras_operations
        case "onnx":
            from cae.engine import onnx_operations

            return onnx_operations
    raise SystemExit(f'{ENGINE} must be "onnx" for ONNX Runtime, or be left out for Keras.')


def cold_operations(root: Path) -> list[tuple[str, str, int]]:
    """Models, operations and sizes of batches that are slow the first time, in the order in which to warm them."""
    names = [model.name for model in store.available(root)[0]]
    return [(name, operation, count) for count in WARMED for name in names for operation in OPERATIONS]


def warm(networks: "Networks", name: str, operation: str, count: int) -> None:
    """Do an operation once on so many images, since the first time may take a second."""
    with contextlib.suppress(PretrainedError):  # the first request for it reports the error
        shape = (count, 7, 7, 1) if operation in FROM_CODE else (count, 28, 28, 1)
        networks.get(name)[operation](np.zeros(shape, np.float32))


def _read_requests(requests: queue.SimpleQueue) -> None:
    """A thread of its own, so that the end of the parent is noticed during a computation, too."""
    while True:
        try:
            requests.put(pickle.load(sys.stdin.buffer))
        except (EOFError, pickle.UnpicklingError):
            os._exit(0)


def answer(networks: "Networks", operation: str, name: str, array: np.ndarray) -> tuple:
    """("done", outputs, milliseconds), ("unavailable", sentence) or ("failed", traceback)."""
    try:
        network = networks.get(name)
        start = perf_counter()
        outputs = network[operation](array)
        return "done", outputs, 1000 * (perf_counter() - start)
    except PretrainedError as error:
        return "unavailable", str(error)
    except Exception:
        return "failed", traceback.format_exc()


class Networks:
    """The models' operations, kept from the first request for a model until a newer version of it is asked for."""

    def __init__(self, root: Path, operations: Operations, most: int = MOST_KEPT) -> None:
        self.root, self.most = root, most
        self._operations = operations
        self._kept: dict[str, tuple[str, dict[str, Callable]]] = {}  # version and operations by name, the latest last

    def get(self, network: str) -> dict[str, Callable]:
        """The operations of NAME, as its folder is now, or of NAME@VERSION.

        Raises:
            PretrainedError: the folder is missing or broken, or holds neither that version nor is it kept.
        """
        name, _, version = network.partition("@")
        kept, operations = self._kept.get(name, ("", {}))
        if not version or version != kept:
            model = store.load(name, self.root)
            if version not in ("", model.version):
                raise PretrainedError(f"The model {name} has changed since it was loaded: load it again.")
            if model.version != kept:
                kept, operations = model.version, self._operations(model)
        self._kept.pop(name, None)
        self._kept[name] = kept, operations
        if len(self._kept) > self.most:
            del self._kept[next(iter(self._kept))]
        return operations


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
