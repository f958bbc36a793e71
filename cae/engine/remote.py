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
FRESH = 1.0
"""Seconds for which an engine that has answered counts as ready."""
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
        self._device: str | None = None
        self._lock = threading.Lock()  # guards the two below
        self._idle: list[http.client.HTTPConnection] = []
        self._busy: set[http.client.HTTPConnection] = set()
        self._closed = False
        self._seen = monotonic()
        self._status = "starting"

    def start(self) -> None:
        """Nothing to do: whoever has started it watches it.

        Raises:
            EngineError: it was closed.
        """
        if self._closed:
            raise EngineError("The network has been shut down.")

    def close(self) -> None:
        """Part from it; requests under way raise EngineError."""
        with self._lock:
            self._closed = True
            for connection in (*self._idle, *self._busy):
                if connection.sock:
                    with suppress(OSError):
                        connection.sock.shutdown(socket.SHUT_RDWR)
            for connection in self._idle:
                connection.close()
            self._idle.clear()

    @property
    def status(self) -> str:
        """ "starting", "ready" or "failed", as of the last second; "failed" also if it cannot be reached for long."""
        if self._closed:
            return "failed"
        if self._status == "ready" and monotonic() - self._seen < FRESH:
            return "ready"
        try:
            _, _, body = self._exchange("GET", "/status", None, LOOK)
            state = json.loads(body)
            self._device, self._status = state["device"], state["status"]
            self._seen = monotonic()
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
            self._status = "starting" if monotonic() - self._seen < START_LIMIT else "failed"
        return self._status

    @property
    def device(self) -> str | None:
        """What the network runs on; None until that is known."""
        if self._device is None:
            self._status = "starting"  # ask it
            _ = self.status
        return self._device

    def wait(self, timeout: float | None = None) -> str:
        """Wait up to `timeout` seconds until it is ready or has failed; return the status."""
        end = None if timeout is None else monotonic() + timeout
        while (status := self.status) == "starting" and (end is None or monotonic() < end):
            sleep(PAUSE)
        return status

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
                    self._seen, self._status = monotonic(), "ready"
                    return wire.outputs(headers, data)
                if status not in NOT_YET:
                    broken += 1
            except TimeoutError:
                raise EngineTimeout("The network is busy with other requests: try again later.") from None
            except ConnectionRefusedError:
                pass
            except (OSError, http.client.HTTPException):
                broken += 1
            if broken > 1 and not self._closed:
                raise EngineDied("The network's process ended twice during this request.")
            self._status = "starting"
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
                if whole and not self._closed and connection.sock:
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

    def _new(self) -> http.client.HTTPConnection:
        if self._parts.scheme == "unix":
            return UnixConnection(self._parts.path)
        return http.client.HTTPConnection(self._parts.hostname or "", self._parts.port or PORT, timeout=LOOK)
