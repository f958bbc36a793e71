"""The app's server, started for itself and asked over HTTP and its websocket."""

import asyncio
import http.client
import json
import re
import time
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from places import ROOT
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from cae.cli.browser import App, engine_pids, running_app
from cae.imaging.examples import CLOTHES, DIGITS
from cae.imaging.noise import STRONGEST
from cae.imaging.stroke_text import GRID
from cae.imaging.strokes import MAX_POINTS, MAX_STROKES, strokes_from_json
from cae.model.specification import PARAMETERS
from cae.ui import assets, server

pytestmark = pytest.mark.slow

CLEAR_CACHE = bytes.fromhex("2801")
"""The message with which a client asks Streamlit to empty its caches."""
MODULES = sorted(path.relative_to(assets.FOLDER).as_posix() for path in assets.FOLDER.rglob("*.js"))
PRETRAINED = ROOT / "pretrained"


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Iterator[App]:
    """Started from another working directory than the repository's, under a path of its own."""
    folder = tmp_path_factory.mktemp("elsewhere")
    with running_app(folder=folder, base_path="demo") as app:
        yield app


def ask(app: App, path: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    """The answer to a request for exactly this path below the app's, nothing in it resolved or escaped."""
    connection = http.client.HTTPConnection(urlsplit(app.url).netloc, timeout=20)
    connection.request(method, f"{urlsplit(app.url).path}/{path}", headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def visit(app: App, *messages: bytes) -> None:
    """Connect as a browser does, send the messages, and run the playground once."""
    with connect(app.url.replace("http", "ws", 1) + "/_stcore/stream", subprotocols=["streamlit"]) as socket:
        for message in messages:
            socket.send(message)
        rerun = BackMsg()
        rerun.rerun_script.query_string = ""
        socket.send(rerun.SerializeToString())
        while True:
            message = ForwardMsg.FromString(socket.recv(timeout=60))
            assert message.delta.new_element.WhichOneof("type") != "exception"
            if message.WhichOneof("type") == "script_finished":
                return


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_no_visitor_starts_another_engine(app):
    visit(app)
    wait_until(lambda: engine_pids(app))
    [engine] = engine_pids(app)
    visit(app, CLEAR_CACHE)
    visit(app)
    assert engine_pids(app) == [engine]


def test_the_engine_starts_before_the_first_visitor_and_ends_with_the_server():
    with running_app() as app:
        wait_until(lambda: engine_pids(app))
        [engine] = engine_pids(app)
    wait_until(lambda: not Path(f"/proc/{engine}").exists())


def test_every_module_is_served_as_javascript_and_kept_for_ever(app):
    for name in MODULES:
        response, body = ask(app, f"assets/{assets.VERSION}/{name}")
        assert response.status == 200
        assert body == (assets.FOLDER / name).read_bytes()
        assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert "immutable" in response.headers["Cache-Control"]


def test_modules_import_modules_that_are_served():
    """By relative addresses alone, so that they work under any path and under node."""
    for name in MODULES:
        text = (assets.FOLDER / name).read_text("utf-8")
        for target in re.findall(r"(?:import|export)\s[^;]*?from\s+\"([^\"]+)\"", text):
            assert target.startswith(("./", "../")), f"{name} imports {target}"
            path = ((assets.FOLDER / name).parent / target).resolve()
            assert path.is_file() or path == assets.FOLDER / "constants.js", f"{name} imports {target}"


def test_only_adapters_need_what_node_has_not():
    for name in MODULES:
        text = (assets.FOLDER / name).read_text("utf-8")
        is_adapter = name.endswith("/streamlit.js") or name == "static/static.js"
        assert ("constants.js" not in text and "setStateValue" not in text) or is_adapter, name


def test_the_constants_are_pythons(app):
    response, body = ask(app, f"assets/{assets.VERSION}/constants.js")
    assert response.status == 200
    constants = json.loads(re.fullmatch(r"export default (.*);\n", body.decode())[1])
    layers = [layer for half in constants["layers"].values() for layer in half]
    assert sum(layer["parameters"] for layer in layers) == PARAMETERS
    assert constants["drawing"]["strokes"] == MAX_STROKES
    assert constants["drawing"]["grid"] == GRID
    assert constants["codeSide"] == 7
    assert {noise["kind"]: noise["strongest"] for noise in constants["noises"]} == STRONGEST
    assert {name: list(drawings) for name, drawings in constants["examples"].items()} == {
        "digits": list(DIGITS),
        "clothes": list(CLOTHES),
    }
    assert strokes_from_json(constants["examples"]["digits"]["3"]) == DIGITS["3"]


@pytest.mark.parametrize("name", sorted(assets.STYLES))
def test_every_style_is_served_and_kept_for_ever(app, name):
    """As it is, after a rule that shows what is hidden until then."""
    response, body = ask(app, f"assets/{assets.VERSION}/styles/{name}.css")
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in response.headers["Cache-Control"]
    rule, text = body.decode().split("\n", 1)
    assert rule == ":host { visibility: visible !important; }"
    assert text == (assets.FOLDER / name / f"{name}.css").read_text("utf-8")


@pytest.mark.parametrize("name", ["encoder.safetensors", "rate/decoder.safetensors"])
def test_weights_are_served_and_asked_for_anew_only_when_they_change(app, name):
    response, body = ask(app, f"weights/mnist/{name}")
    assert response.status == 200
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Cache-Control"] == "no-cache"
    assert body == (PRETRAINED / "mnist" / name).read_bytes()
    again, nothing = ask(app, f"weights/mnist/{name}", **{"If-None-Match": response.headers["ETag"]})
    assert (again.status, nothing) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        f"assets/{assets.VERSION}/play/__init__.py",
        f"assets/{assets.VERSION}/play/play.css",
        f"assets/{assets.VERSION}/styles/shared.css",
        f"assets/{assets.VERSION}/play",
        f"assets/{assets.VERSION}/",
        "assets/0123456789abcdef/play/play.js",
        "assets/",
        "weights/mnist/README.md",
        "weights/mnist/",
        "weights/runs/mine/history.json",
        "weights/../app.py",
        "weights/../.streamlit/config.toml",
        "weights/mnist/../../pyproject.toml",
        "weights/..%2fapp.py",
        "weights/%2e%2e/%2e%2e/etc/passwd",
        "weights/..%5c..%5capp.py",
        "weights//etc/passwd",
        "weights/%00.json",
        "assets/%2e%2e/app.js",
    ],
)
def test_nothing_else_is_served(app, path):
    response, body = ask(app, path)
    assert response.status in (400, 404)
    assert len(body) < 100


def test_links_do_not_lead_out_of_a_folder(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "secret.json").write_text("{}")
    (tmp_path / "models" / "link.json").symlink_to(tmp_path / "secret.json")
    files = server.Files(tmp_path / "models", {".json": "application/json"}, "no-cache")
    assert files.lookup_path("link.json") == ("", None)


def test_files_are_only_read(app):
    for method in ("POST", "PUT", "DELETE"):
        response, _ = ask(app, "weights/mnist/history.json", method)
        assert response.status == 405
    response, body = ask(app, "weights/mnist/history.json", "HEAD")
    assert (response.status, body) == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "evidence",
        "_stcore/health",
        "weights/mnist/history.json",
        "weights/nobody",
        "weights/../app.py",
        "static/no.js",
    ],
)
def test_every_response_carries_the_security_headers(app, path):
    response, _ = ask(app, path)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "'unsafe-eval'" not in policy
    assert "frame-ancestors" not in policy
    assert "X-Frame-Options" not in response.headers


def test_so_does_the_answer_to_an_error_of_ours():
    def broken(_: Request) -> Response:
        raise RuntimeError("a secret")

    app = Starlette(
        routes=[Route("/", broken)], middleware=server.middleware(), exception_handlers=server.EXCEPTION_HANDLERS
    )
    sent = []

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
    with ThreadPoolExecutor() as threads, pytest.raises(RuntimeError):  # raised for the server's log
        threads.submit(asyncio.run, app(scope, None, send)).result()  # Playwright may have a loop in this thread
    start, body = sent
    assert start["status"] == 500
    headers = dict(Headers(raw=start["headers"]))
    assert headers | {name.lower(): value for name, value in server.security_headers().items()} == headers
    assert b"secret" not in body["body"]


def test_frame_ancestors_are_configured(monkeypatch):
    monkeypatch.setenv("CAE_FRAME_ANCESTORS", "'self' https://*.school.example:8443")
    policy = server.security_headers()["Content-Security-Policy"]
    assert policy.endswith("; frame-ancestors 'self' https://*.school.example:8443")
    for bad in ("a; script-src *", "a\nb", "a, b"):
        monkeypatch.setenv("CAE_FRAME_ANCESTORS", bad)
        with pytest.raises(SystemExit, match="CAE_FRAME_ANCESTORS must be"):
            server.security_headers()


def test_the_configuration_has_known_options_only():
    options = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    known = config.get_config_options()

    def names(table: dict, prefix: str = "") -> Iterator[str]:
        for name, value in table.items():
            yield from names(value, f"{prefix}{name}.") if isinstance(value, dict) else [prefix + name]

    assert not set(names(options)) - set(known)


def test_a_full_drawing_is_not_too_large():
    options = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["server"]
    point = [-0.123, -0.456]
    strokes = [{"points": [point] * (MAX_POINTS // MAX_STROKES), "width": 0.123, "erase": False}] * MAX_STROKES
    assert 2 * len(json.dumps({"strokes": strokes})) < options["maxWidgetStateSize"] * 2**20
