"""The app's server, started for itself and asked over HTTP and its websocket."""

from collections.abc import Iterator

import pytest
from engine_processes import engine_pids
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from cae.cli.browser import App, running_app

CLEAR_CACHE = bytes.fromhex("2801")
"""The message with which a client asks Streamlit to empty its caches."""


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    with running_app() as app:
        yield app


def visit(app: App, *messages: bytes) -> None:
    """Connect as a browser does, send the messages, and run the playground once."""
    with connect(app.url.replace("http", "ws") + "/_stcore/stream", subprotocols=["streamlit"]) as socket:
        for message in messages:
            socket.send(message)
        rerun = BackMsg()
        rerun.rerun_script.query_string = ""
        socket.send(rerun.SerializeToString())
        while ForwardMsg.FromString(socket.recv(timeout=60)).WhichOneof("type") != "script_finished":
            pass


def test_no_visitor_starts_another_engine(app):
    visit(app)
    [engine] = engine_pids(app)
    visit(app, CLEAR_CACHE)
    visit(app)
    assert engine_pids(app) == [engine]
