"""What the browser asks of the training room, over HTTP, without a browser."""

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from json import dumps
from urllib.parse import urlencode

import numpy as np
import pytest
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors
from starlette.applications import Starlette

from cae.imaging.examples import DIGITS
from cae.imaging.strokes import strokes_to_json
from cae.model import store
from cae.training import keep
from cae.training.live import Order, Point, Recipe
from cae.training.room import Limits, Room, Training
from cae.ui import resources, training

ORDER = {"recipe": vars(Recipe()), "strokes": strokes_to_json(DIGITS["3"])}


@pytest.fixture
def room(monkeypatch):
    """A room whose trainings never start, since nothing may take any time."""
    room = Room(Limits(seconds=0, waiting=1))
    monkeypatch.setattr(resources, "_room", room)
    yield room
    room.close()


@dataclass
class Answer:
    status_code: int
    content: bytes

    def json(self) -> dict:
        return json.loads(self.content)


def _answered(answer: Coroutine[None, None, Answer]) -> Answer:
    """In a thread of its own, since this one's loop may be at work for a browser."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, answer).result()


class Client:
    """Asks the app itself, without a server."""

    app = Starlette(routes=training.ROUTES)

    def get(self, path: str, params: dict | None = None, headers: dict | None = None) -> Answer:
        return _answered(self._ask("GET", path, urlencode(params or {}), headers or {}, b""))

    def post(self, path: str, json: object = None, content: bytes | None = None, headers: dict | None = None) -> Answer:
        body = dumps(json).encode() if content is None else content
        return _answered(self._ask("POST", path, "", {"Content-Type": "application/json"} | (headers or {}), body))

    async def _ask(self, method: str, path: str, query: str, headers: dict, body: bytes) -> Answer:
        found = Answer(0, b"")
        sent = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": sent}

        async def receive() -> dict:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict) -> None:
            found.status_code = message.get("status", found.status_code)
            found.content += message.get("body", b"")

        await self.app(scope, receive, send)
        return found


@pytest.fixture
def client() -> Client:
    return Client()


def ended(room: Room, **recipe) -> Training:
    """A training that has come to its end, among those that the room remembers."""
    made = Training(Order(Recipe(**recipe), DIGITS["3"]), room.limits)
    made.points = [Point(step, 500, 0.1 - step / 1e4, 0.1, False, 0.09) for step in (0, 20, 50, 90, 100)]
    made.weights = save_tensors({"encoder_01_conv/kernel": np.ones((3, 3, 1, 8), np.float16)})
    made.status = "learned"
    room._ended.appendleft(made)
    return made


def test_nothing_has_been_trained(client, room):
    assert room.waiting == 0
    assert client.get("/state").json() == {"version": "-0-0", "ahead": 0, "waiting": 0, "training": None}


def test_an_order_gives_a_ticket_whose_holder_alone_may_stop(client, room):
    ticket = client.post("/order", json=ORDER).json()["ticket"]
    assert room.of(ticket).order.strokes == DIGITS["3"]
    assert client.post("/stop", json={}, headers={training.TICKET: "another"}).status_code == 400
    assert client.post("/stop", json={}, headers={training.TICKET: ticket}).status_code == 200


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{}", "text/plain"),
        (b"{", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"[]", "application/json"),
        (b'{"recipe": {}, "strokes": []}', "application/json"),
        (b'{"recipe": 1e999, "strokes": "x"}', "application/json"),
        (b" " * 1_000_001, "application/json"),
    ],
)
def test_what_is_no_order_is_refused_with_a_sentence(client, room, content, kind):
    answer = client.post("/order", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")
    assert room.all() == []


def test_a_drawing_is_checked(client, room):
    recipe = vars(Recipe())
    for strokes in ("x", [{"points": []}], [{"points": [[0, float(2**53)]] * 20_001, "width": 0.1}]):
        answer = client.post("/order", json={"recipe": recipe, "strokes": strokes})
        assert answer.status_code == 400
        assert answer.json()["error"].endswith(".")
    assert room.all() == []


def test_new_points_alone_are_sent(client, room):
    done = ended(room)
    state = client.get("/state").json()
    assert [point[0] for point in state["training"]["points"]] == [0, 20, 50, 90, 100]
    assert (state["training"]["mine"], state["training"]["status"]) == (False, "learned")
    again = client.get("/state", params={"of": done.name, "points": 3}, headers={training.TICKET: done.ticket}).json()
    assert again["training"]["first"] == 3
    assert [point[0] for point in again["training"]["points"]] == [90, 100]
    assert again["training"]["mine"]
    other = client.get("/state", params={"of": "another", "points": 3}).json()
    assert len(other["training"]["points"]) == 5
    found = client.get(f"/weights/{done.name}")
    assert load_tensors(found.content).keys() == {"encoder_01_conv/kernel"}
    assert client.get("/weights/another").status_code == 404


def test_one_s_own_comes_before_a_later_one(client, room):
    mine = ended(room)
    later = ended(room)
    assert client.get("/state").json()["training"]["name"] == later.name
    assert client.get("/state", headers={training.TICKET: mine.ticket}).json()["training"]["name"] == mine.name


@pytest.mark.parametrize(
    ("recipe", "most", "sentence"),
    [
        ({}, "0", "On this machine no trainings are kept."),
        ({"knob": "bottleneck", "value": 98}, "5", "Only networks with 49 numbers fit the other pages."),
    ],
)
def test_what_cannot_be_kept_is_a_sentence(client, room, monkeypatch, recipe, most, sentence):
    monkeypatch.setenv(keep.KEPT, most)
    done = ended(room, **recipe)
    answer = client.post("/keep", json={}, headers={training.TICKET: done.ticket})
    assert answer.json() == {"error": sentence}
    assert not client.get("/state", headers={training.TICKET: done.ticket}).json()["training"]["keepable"]


def test_a_full_disk(client, room, monkeypatch, small_disk, caplog):
    """What was kept stays, nothing is left of the new one, and the training can be kept later."""
    home = small_disk(4)
    (home / store.RUNS / "visitor-7").mkdir(parents=True)
    monkeypatch.setattr(store, "HOME", home)
    monkeypatch.setenv(keep.KEPT, "1")
    done = ended(room)
    answer = client.post("/keep", json={}, headers={training.TICKET: done.ticket})
    assert answer.json() == {"error": keep.NOT_STORED}
    assert "No space left on device" in caplog.text
    assert [path.name for path in (home / store.RUNS).iterdir()] == ["visitor-7"]
    assert client.get("/state", headers={training.TICKET: done.ticket}).json()["training"]["keepable"]


def test_a_running_training_is_not_kept(client, room, monkeypatch):
    monkeypatch.setenv(keep.KEPT, "5")
    running = ended(room)
    running.status = "training"
    answer = client.post("/keep", json={}, headers={training.TICKET: running.ticket})
    assert answer.json()["error"].startswith("Only a training that has ended")


def test_a_host_with_little_memory_does_not_train(client, room, monkeypatch):
    monkeypatch.setenv("CAE_ENGINE", "onnx")
    assert client.post("/order", json=ORDER).json()["error"].endswith("trains nothing.")
    assert room.all() == []


def test_the_last_few_are_kept(tmp_path):
    for number in (2, 9, 10, 11):
        (tmp_path / f"visitor-{number}").mkdir()
    (tmp_path / "visitor-mine").mkdir()
    keep._forget(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["visitor-10", "visitor-11", "visitor-mine"]


def test_the_record_has_each_epoch_s_last_point(room):
    record = keep._record(done := ended(room), done.points)
    assert [entry["epoch"] for entry in record["epochs"]] == [1, 2]
    assert [entry["loss"] for entry in record["epochs"]] == [done.points[2].loss, done.points[4].loss]
