"""An engine that is not this process's own child: shared by the apps of a machine, or replicas on a Ray cluster.

`CAE_ENGINE` has its address: unix:///PATH, where `python -m cae engine --listen PATH` serves, or ray://HOST:PORT, where
`python -m cae engine --ray` does. `cae.engine.wire` says what is sent. A request for which nobody listens waits until
somebody does; one whose connection breaks is sent once more.
"""

import http.client
import json
import select
import socket
import threading
from contextlib import suppress
from time import monotonic, sleep
from urllib.parse import urlencode, urlsplit

from cae.engine import wire
from cae.engine.dispatcher import Answer, Request
from cae.engine.errors import EngineDied, EngineError, EngineRestarts, EngineTimeout
from cae.engine.process import START_LIMIT

PAUSE = 0.1
"""Seconds between two attempts to reach it."""
EVERY = 1.0
"""Seconds between two looks at one that is ready."""
LOOK = 5.0
"""Seconds within which a connection is made, and the engine says how it is."""
PORT = 8000
"""Ray Serve's, where the address has none."""
NOT_YET = (404, 503)
"""What Ray Serve answers while it has no replica."""


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("engine")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(LOOK)
        self.sock.connect(self._path)


class Remote:
    """In place of the process and of its dispatcher. Threads that `ask` at the same time have a connection each.

    Raises:
        EngineError: the address is none.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        if not (parts.scheme == "unix" and parts.path) and not (parts.scheme == "ray" and parts.hostname):
            raise EngineError(f"{address!r} is no address of an engine: unix:///PATH or ray://HOST:PORT.")
        self._parts = parts
        self.device: str | None = None
        """What the network runs on; None until that is known."""
        self._lock = threading.Lock()  # guards the three below
        self._idle: list[http.client.HTTPConnection] = []
        self._busy: set[http.client.HTTPConnection] = set()
        self._watcher: threading.Thread | None = None
        self._closing = threading.Event()
        self._changed = threading.Condition()  # guards the one below
        self._status = "starting"

    def start(self) -> None:
        """Begin to look how it is, and return at once; whoever has started it watches over it.

        Raises:
            EngineError: it was closed.
        """
        with self._lock:
            if self._closing.is_set():
                raise EngineError("The network has been shut down.")
            if not self._watcher:
                self._watcher = threading.Thread(target=self._watch, name="engine", daemon=True)
                self._watcher.start()

    def close(self) -> None:
        """Part from it; requests under way raise EngineError."""
        with self._lock:
            self._closing.set()
            for connection in self._busy:
                if connection.sock:
                    with suppress(OSError):
                        connection.sock.shutdown(socket.SHUT_RDWR)
        self._forget_idle()
        self._set("failed")
        if self._watcher:
            self._watcher.join()

    @property
    def status(self) -> str:
        """ "starting", "ready" or "failed", as of the last look; "failed" also if it cannot be reached for long."""
        return self._status

    def wait(self, timeout: float | None = None) -> str:
        """Wait up to `timeout` seconds until it is ready or has failed; return the status."""
        self.start()
        with self._changed:
            self._changed.wait_for(lambda: self._status != "starting", timeout)
        return self._status

    def _watch(self) -> None:
        """Keep the status, so that nobody need wait for it."""
        seen = monotonic()
        while not self._closing.is_set():
            try:
                _, _, body = self._exchange("GET", "/status", None, LOOK)
                state = json.loads(body)
                self.device, status = state["device"], state["status"]
                seen = monotonic()
            except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
                status = "starting" if monotonic() - seen < START_LIMIT else "failed"
            self._set(status)
            self._closing.wait(EVERY if status == "ready" else PAUSE)

    def _set(self, status: str) -> None:
        with self._changed:
            self._status = "failed" if self._closing.is_set() else status
            self._changed.notify_all()

    def ask(self, request: Request, patience: float | None = None) -> Answer:
        """The answer to a request; `patience` as for `Engine`.

        Raises:
            ValueError, ModelUnavailable, EngineRestarts, EngineTimeout, EngineDied, EngineError: see `Engine`.
        """
        query = {"network": request.network, "limit": request.limit}
        query |= {} if patience is None else {"patience": patience}
        query |= {"background": 1} if request.background else {}
        path, body = f"/{request.operation}?{urlencode(query)}", wire.pack([request.array])
        longest = START_LIMIT + 2 * request.limit
        end = monotonic() + (longest if patience is None else patience)
        broken = 0
        while True:
            self.start()
            try:
                status, headers, data = self._exchange("POST", path, body, longest)
                if error := wire.refused(headers, data):
                    raise error
                if status == 200:
                    return wire.outputs(headers, data)
                if status not in NOT_YET:
                    broken += 1
            except TimeoutError:
                raise EngineTimeout("The network is busy with other requests: try again later.") from None
            except ConnectionRefusedError:
                pass
            except (OSError, http.client.HTTPException):
                broken += 1
            if broken > 1 and not self._closing.is_set():
                raise EngineDied("The network's process ended twice during this request.")
            self._forget_idle()  # they lead to the same engine
            self._set("starting")
            if monotonic() >= end:
                if patience is not None:
                    raise EngineRestarts("The network is starting again.")
                raise EngineDied("The network cannot be reached; the server's log says more.")
            sleep(PAUSE)

    def _exchange(
        self, method: str, path: str, body: bytes | None, limit: float
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers and body of the answer; raises ConnectionRefusedError where nobody listens."""
        connection = self._take()
        whole = False
        try:
            if connection.sock is None:
                try:
                    connection.connect()
                except OSError as error:
                    raise ConnectionRefusedError from error
            connection.sock.settimeout(limit)
            connection.request(method, path, body)
            response = connection.getresponse()
            data = response.read()
            whole = True
            return response.status, response.headers, data
        finally:
            with self._lock:
                self._busy.discard(connection)
                if whole and not self._closing.is_set() and connection.sock:
                    self._idle.append(connection)
                else:
                    connection.close()

    def _take(self) -> http.client.HTTPConnection:
        """A connection that nobody uses, one that is still open if there is any."""
        with self._lock:
            while self._idle:
                connection = self._idle.pop()
                if connection.sock and not select.select([connection.sock], [], [], 0)[0]:
                    break
                connection.close()  # the other side has closed it
            else:
                connection = self._new()
            self._busy.add(connection)
            return connection

    def _forget_idle(self) -> None:
        with self._lock:
            for connection in self._idle:
                connection.close()
            self._idle.clear()

    def _new(self) -> http.client.HTTPConnection:
        if self._parts.scheme == "unix":
            return UnixConnection(self._parts.path)
        return http.client.HTTPConnection(self._parts.hostname or "", self._parts.port or PORT, timeout=LOOK)
