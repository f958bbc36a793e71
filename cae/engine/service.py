"""One engine for several apps of a machine: it serves what `cae.engine.remote` asks for, over a Unix socket.

Requests of all apps wait in one queue, so that small ones are answered together, whichever app they come from. The
socket can be opened by the user who has started it alone.
"""

import json
import os
import socket
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from cae.engine import wire
from cae.engine.dispatcher import Dispatcher
from cae.engine.errors import EngineError
from cae.engine.process import Process
from cae.model import store


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """A thread for each connection; a connection has one request at a time."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, path: Path, process: Process) -> None:
        self.process, self.dispatcher = process, Dispatcher(process)
        self.closing = False
        """Whether connections end without an answer, so that the apps ask the next engine."""
        kept = os.umask(0o177)
        try:
            super().__init__(str(path), _Handler)
        finally:
            os.umask(kept)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client has gone: nothing to say."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        process = self.server.process
        if self.server.closing:
            self.close_connection = True
            return
        self._send(200, {}, json.dumps({"status": process.status, "device": process.device}).encode())

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > wire.LARGEST:
            self.close_connection = True
            self._send(*wire.refusal(ValueError("The request is too large.")))
            return
        body = self.rfile.read(int(length))
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query))
        try:
            request = wire.request(address.path[1:], query, body)
            outputs, milliseconds = self.server.dispatcher.ask(request, wire.seconds(query, "patience"))
        except (EngineError, ValueError) as error:
            if self.server.closing:
                self.close_connection = True
            else:
                self._send(*wire.refusal(error))
        else:
            self._send(200, {"Milliseconds": f"{milliseconds:.3f}"}, wire.pack(outputs))

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def listening(path: Path, root: Path = store.FOLDER, spare_after: float | None = None) -> Iterator[_Server]:
    """A server on a socket at `path`, with its engine started; to be run by `serve_forever`.

    Raises:
        EngineError: somebody listens there, or no socket can be made there.
    """
    _free(path)
    process = Process(root.resolve(), spare_after)
    try:
        server = _Server(path, process)
    except OSError as error:
        raise EngineError(f"No socket can be made at {path}: {error.strerror or error}.") from error
    with server:
        process.start()
        try:
            yield server
        finally:
            server.closing = True
            path.unlink(missing_ok=True)
            server.dispatcher.close()
            process.close()


def _free(path: Path) -> None:
    """Remove a socket that an engine which was killed has left."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
        else:
            raise EngineError(f"An engine listens at {path} already.")
