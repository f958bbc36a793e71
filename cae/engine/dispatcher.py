"""Requests of many threads, handed to one process: interactive before background, small ones together.

A request is one step, short enough that whoever comes next need not wait long. Among requests of one priority the
first to come is the first to be answered. Small requests for the same operation, model and size of picture that wait
at the same time are answered as one batch; no one waits for a batch to fill.
"""

import contextlib
import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from time import monotonic

import numpy as np

from cae.engine.errors import EngineDied, EngineError, EngineRestarts, EngineTimeout, ModelUnavailable
from cae.engine.inputs import FROM_CODE
from cae.engine.process import START_LIMIT, Process

BATCHES = (64, 16, 8, 4, 2, 1)
"""Images per batch. Few different sizes, since GPU kernels are chosen, and JAX compiles, anew for each."""
MOST_TOGETHER = 16 * 28 * 28
"""Pixels of the requests that are answered as one batch: beyond 16 images of 28×28 little time is saved."""
LONGEST_WAIT = 2.0
"""Seconds that a background request gives way to interactive ones; then its turn comes, however many there are."""

log = logging.getLogger(__name__)

Answer = tuple[list[np.ndarray], float]
"""The operation's outputs, and the milliseconds that the batch spent in the network."""


@dataclass(eq=False)
class Request:
    """One step: an operation ("run", "encode", or one of `FROM_CODE`) on an array of N inputs."""

    operation: str
    network: str
    array: np.ndarray
    limit: float
    """Seconds that it may take."""
    background: bool
    since: float = field(default_factory=monotonic)
    answer: Future[Answer] = field(default_factory=Future)

    @property
    def kind(self) -> tuple:
        """What requests must have in common to be answered together."""
        return self.operation, self.network, self.array.shape[1:], self.background

    @property
    def pixels(self) -> int:
        return self.array.size * (16 if self.operation in FROM_CODE else 1)


class Dispatcher:
    """The queue in front of a process, and the thread that serves it."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._waiting: list[Request] = []  # in the order in which they came
        self._changed = threading.Condition()  # guards the list and the two below
        self._closed = False
        self._server: threading.Thread | None = None
        self._last_background = monotonic()

    def ask(self, request: Request, patience: float | None = None) -> Answer:
        """The answer to a request, once its turn has come; `patience` as for `Engine`.

        Raises:
            ModelUnavailable, EngineRestarts, EngineTimeout, EngineDied, EngineError: see there.
        """
        with self._changed:
            if self._closed:
                raise EngineError("The network has been shut down.")
            if not self._server:
                self._server = threading.Thread(target=self._serve, name="dispatcher", daemon=True)
                self._server.start()
            self._waiting.append(request)
            self._changed.notify_all()
        longest = START_LIMIT + 2 * request.limit
        deadline = monotonic() + longest
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    return request.answer.result(longest if patience is None else patience)
                if patience is not None and self._process.status == "starting":
                    raise EngineRestarts("The network is starting again.")
                if monotonic() >= deadline:
                    raise EngineTimeout("The network is busy with other requests: try again later.")
        finally:
            request.answer.cancel()  # where nobody waits for it any more, and it has not been handed over yet

    def close(self) -> None:
        """Refuse what waits, and all that comes; what is under way gets its answer, or an error, from the process."""
        with self._changed:
            self._closed = True
            for request in self._waiting:
                if request.answer.set_running_or_notify_cancel():
                    request.answer.set_exception(EngineError("The network has been shut down."))
            self._waiting.clear()
            self._changed.notify_all()

    def _serve(self) -> None:
        while batch := self._next():
            try:
                self._answer(batch)
            except Exception:  # a fault of ours must not leave everybody waiting
                log.exception("The network's answer could not be passed on.")
                _refuse(
                    [request for request in batch if not request.answer.done()],
                    EngineError("The network's answer could not be passed on; the server's log says why."),
                )

    def _next(self) -> list[Request]:
        """Wait for requests and take those whose turn it is; none once closed."""
        with self._changed:
            while not self._closed:
                self._waiting = [request for request in self._waiting if not request.answer.cancelled()]
                if self._waiting:
                    batch = together(self._waiting, monotonic(), self._last_background)
                    self._waiting = [request for request in self._waiting if request not in batch]
                    if batch := [request for request in batch if request.answer.set_running_or_notify_cancel()]:
                        if batch[0].background:
                            self._last_background = monotonic()
                        return batch
                else:
                    self._changed.wait()
            return []

    def _answer(self, batch: Sequence[Request], again: bool = True) -> None:
        """Have a batch answered. Where the process ends or is late, each of its requests is asked once more, alone."""
        try:
            answer = self._process.ask(message(batch), max(request.limit for request in batch))
        except (EOFError, TimeoutError) as error:
            if again:
                for request in batch:
                    self._answer([request], again=False)
            elif isinstance(error, TimeoutError):
                limit = max(request.limit for request in batch)
                _refuse(batch, EngineTimeout(f"The network took longer than {limit:g} seconds."))
            else:
                _refuse(batch, EngineDied("The network's process ended twice during this request."))
        except EngineError as error:
            _refuse(batch, error)
        else:
            settle(batch, answer)


def together(waiting: Sequence[Request], now: float, last_background: float) -> list[Request]:
    """Of waiting requests in their order, those to be answered next, as one batch.

    The first is an interactive one if there is any, but where no background request has had its turn for a while.
    Others of its kind join it while they are small, up to the largest of the sizes in `BATCHES`.

    Args:
        now: the time, as by `monotonic`.
        last_background: when the turn was last a background request's.
    """

    def priority(request: Request) -> int:
        overdue = request.background and now - max(request.since, last_background) >= LONGEST_WAIT
        return 0 if overdue else 2 if request.background else 1

    first = min(waiting, key=priority)
    members, count, pixels, chosen = [first], len(first.array), first.pixels, 1
    for request in waiting:
        if request is not first and request.kind == first.kind:
            count, pixels = count + len(request.array), pixels + request.pixels
            if pixels > MOST_TOGETHER:
                break
            members.append(request)
            if count in BATCHES:
                chosen = len(members)
    return members[:chosen]


def message(batch: Sequence[Request]) -> tuple[str, str, np.ndarray]:
    """What the network is asked for a batch."""
    array = batch[0].array if len(batch) == 1 else np.concatenate([request.array for request in batch])
    return batch[0].operation, batch[0].network, array


def settle(batch: Sequence[Request], answer: tuple) -> None:
    """Hand each request of a batch its part of what `cae.engine.worker.answer` gives."""
    match answer:
        case "done", outputs, milliseconds:
            start = 0
            for request in batch:
                stop = start + len(request.array)
                request.answer.set_result(([output[start:stop] for output in outputs], milliseconds))
                start = stop
        case "unavailable", sentence:
            _refuse(batch, ModelUnavailable(sentence))
        case _, why:
            log.error("The network could not do this:\n%s", why)
            _refuse(batch, EngineError("The network could not do this; the server's log says why."))


def _refuse(batch: Sequence[Request], error: EngineError) -> None:
    for request in batch:
        request.answer.set_exception(type(error)(str(error)))
