"""The app in two processes behind a real nginx, with one light engine, as a visitor's browser sees it."""

import asyncio
import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import light_clone
import numpy as np
import pytest
from places import ROOT

from cae.cli import benchmark_visitors, serve
from cae.cli.browser import App, free_ports, healthy
from cae.cli.visitor import Visitor
from cae.cli.visitor_actions import find, put, until
from cae.imaging.pixels import to_png

pytestmark = pytest.mark.slow

LONG = 120.0
"""Seconds to wait for a start on a busy machine."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    if serve.nginx() is None:
        message = "nginx is not installed: apt-get install nginx"
        pytest.fail(message) if os.environ.get("CAE_REQUIRE_NGINX") else pytest.skip(message)
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "cae", "serve", "--processes", "2", "--port", str(port), "--address", "127.0.0.1"]
    folder = tmp_path_factory.mktemp("serve")
    with subprocess.Popen(command, cwd=folder, env=light_clone.make(folder)) as process:
        app = App(f"http://127.0.0.1:{port}", process.pid)
        wait_until(lambda: healthy(app.url) or process.poll() is not None)
        yield app
        family = descendants(process.pid)
        process.terminate()
        assert process.wait(60) == 130
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))


def wait_until(condition) -> None:
    end = monotonic() + LONG
    while not condition():
        assert monotonic() < end
        sleep(0.1)


def descendants(pid: int) -> dict[int, str]:
    """The command lines of a process' children, and of theirs, by process."""
    parents, commands = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            commands[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it has just ended
            continue
    found, current = {}, {pid}
    while current := {child for child, parent in parents.items() if parent in current}:
        found |= {child: commands[child] for child in current if child in commands}
    return found


def of_kind(app: App, text: str) -> list[int]:
    return [pid for pid, command in descendants(app.pid).items() if text in command]


def get(app: App, path: str, cookie: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(app.url.removeprefix("http://"), timeout=30)
    connection.request("GET", path, headers={"Cookie": cookie})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def test_one_engine_for_both_processes(served: App):
    assert len(of_kind(served, "streamlit run")) == 2
    (engine,) = of_kind(served, "cae engine --listen")
    wait_until(lambda: len(of_kind(served, "cae.engine.worker")) == 1)
    assert of_kind(App("", engine), "cae.engine.worker") == of_kind(served, "cae.engine.worker")


def test_headers_of_the_app_are_kept(served: App):
    first, later = get(served, "/", ""), get(served, "/", "cae_process=app1")
    assert "default-src 'self'" in first.headers["Content-Security-Policy"]
    assert first.headers["Set-Cookie"].endswith("; Path=/; HttpOnly; SameSite=Lax")
    assert later.headers["Set-Cookie"] is None
    assert get(served, "/", "cae_process=app2").headers["Set-Cookie"], "there is none of that name"


def test_who_comes_first_time_comes_to_any_of_them(served: App):
    cookies = {get(served, "/", "").headers["Set-Cookie"].partition(";")[0] for _ in range(60)}
    assert cookies == {"cae_process=app0", "cae_process=app1"}


def test_visitors_who_draw(served: App):
    """More of them than the processes, all answered, each with what is theirs."""
    found = asyncio.run(benchmark_visitors.crowd(served, 6, 4))
    assert found["drawings"] >= 6
    assert (found["lost"], found["wrong"], found["errors"]) == (0, 0, 0)


def test_uploads_and_media_stay_with_their_session(served: App):
    picture = to_png(np.zeros((30, 20), np.uint8))

    async def visit(own: str, other: str) -> None:
        visitor = Visitor(served.url, "compress")
        visitor.cookie = own
        await visitor.load()
        assert (await put(visitor, picture))[1] == 204
        await until(lambda: visitor.has("download_button"), "a file to save", LONG)
        path = find(visitor, "download_button")[0].url
        assert get(served, path, own).status == 200
        visitor.cookie = other
        assert get(served, path, other).status == 404
        assert (await put(visitor, picture))[1] == 400, "the other process knows nothing of the session"
        await visitor.close()

    asyncio.run(visit("cae_process=app1", "cae_process=app0"))


def test_whatever_is_killed_comes_back(served: App):
    (engine,), (first, _) = of_kind(served, "cae engine --listen"), of_kind(served, "streamlit run")
    for pid in (engine, first):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len(of_kind(served, "streamlit run")) == 2 and first not in of_kind(served, "streamlit run"))
    wait_until(lambda: all(get(served, "/", f"cae_process=app{n}").status == 200 for n in range(2)))
    wait_until(lambda: of_kind(served, "cae engine --listen") not in ([], [engine]))


def test_a_port_that_is_taken():
    if serve.nginx() is None:
        pytest.skip("nginx is not installed: apt-get install nginx")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "cae", "serve", "--port", str(port), "--address", "127.0.0.1"]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 2
    assert ended.stderr == f"Port {port} of 127.0.0.1 is in use: choose another with --port.\n"
