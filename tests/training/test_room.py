"""Where visitors train: limits, queue and end, with real child processes."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from places import ROOT
from safetensors.numpy import load as load_tensors

from cae.imaging.examples import DIGITS
from cae.training import room as rooms
from cae.training.live import LiveError, Order, Recipe
from cae.training.room import Limits, Room, Training

pytestmark = pytest.mark.slow

TINY = Order(Recipe(widest=16, epochs=3), DIGITS["3"], seed=2, count=64)


@pytest.fixture
def make_room(tmp_path, monkeypatch):
    """Makes a room, whose turns no other test's trainings take."""
    monkeypatch.setattr(rooms, "LOCK", tmp_path / "lock")
    made = []

    def make(**limits) -> Room:
        made.append(Room(Limits(**limits)))
        return made[-1]

    yield make
    for room in made:
        room.close()
    assert children() == []
    assert not [thread for thread in threading.enumerate() if thread.name == "training"]


SERVER = """
import time
from cae.training import room
from cae.training.live import Order, Recipe
room.LOCK = room.Path({lock!r})
room.Room().order(Order(Recipe()))
time.sleep(60)
"""


def test_a_killed_server_leaves_no_training_behind(tmp_path):
    server = subprocess.Popen([sys.executable, "-c", SERVER.format(lock=str(tmp_path / "lock"))], cwd=ROOT)
    pause = threading.Event()
    while not (found := children(server.pid)):
        assert server.poll() is None
        pause.wait(0.05)
    server.kill()
    server.wait()
    for _ in range(600):
        if not Path(f"/proc/{found[0]}").exists():
            return
        pause.wait(0.05)
    raise AssertionError("it is still there")


def children(of: int = os.getpid()) -> list[int]:
    """The processes of trainings that a process has started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == of and b"cae.training.live" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except (OSError, IndexError):
            continue
    return found


def wait(room: Room, until, seconds: float = 120) -> None:
    """Look at the room until something is true."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.05)):
        if until():
            return
        pause.wait(0.05)
    raise AssertionError([(training.status, training.message) for training in room.all()])


def ended(room: Room, training: Training) -> Training:
    wait(room, lambda: training in room.all() and training.ended and training is not room._current)
    return training


def test_a_training_is_published_as_it_learns(make_room):
    room = make_room()
    training = room.order(TINY)
    wait(room, lambda: len(training.points) > 0)
    assert [os.sched_getscheduler(child) for child in children()] == [os.SCHED_IDLE], "all others go first"
    first = load_tensors(training.weights)
    assert ended(room, training).status == "learned", training.message
    steps = [point.step for point in training.points]
    assert steps[0] == 0
    assert steps == sorted(set(steps))
    assert steps[-1] == training.points[0].steps == 3 * 2
    last = load_tensors(training.weights)
    assert last.keys() == first.keys()
    assert last["encoder_01_conv/kernel"].shape == (3, 3, 1, 16)
    assert not np.array_equal(last["encoder_01_conv/kernel"], first["encoder_01_conv/kernel"])
    assert training.points[-1].val_loss < training.points[0].val_loss


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"seconds": 0.5}, "A training may take 0.5 seconds, and this one took longer."),
        ({"megabytes": 20}, "The training needed more than 20 MB of memory."),
    ],
)
def test_limits_end_a_training_with_a_sentence(make_room, limits, sentence):
    room = make_room(**limits)
    training = ended(room, room.order(TINY))
    assert (training.status, training.message) == ("failed", sentence)
    assert children() == []


def test_a_killed_process_is_a_sentence_and_the_next_one_starts(make_room):
    room = make_room()
    killed, next_one = room.order(TINY), room.order(TINY)
    wait(room, lambda: children() != [])
    os.kill(children()[0], signal.SIGKILL)
    assert ended(room, killed).message == "The training's process has ended unexpectedly: start it again."
    wait(room, lambda: next_one.status == "starting")
    assert room.waiting == 0


def test_a_full_disk_is_a_sentence_and_the_next_one_is_tried(make_room, monkeypatch, small_disk):
    room = make_room()
    monkeypatch.setattr(rooms, "LOCK", small_disk(4, "nr_inodes=1") / "lock")
    first, second = room.order(TINY), room.order(TINY)
    for training in (first, second):
        assert ended(room, training).status == "failed"
        assert "(No space left on device): tell whoever runs this page." in training.message


def test_missing_data_is_a_sentence(make_room, monkeypatch, tmp_path):
    monkeypatch.setenv("CAE_DATA_DIR", str(tmp_path))
    room = make_room()
    training = ended(room, room.order(Order(Recipe(pictures="mnist"))))
    assert training.status == "failed"
    assert training.message.endswith(".")
    assert "mnist" in training.message


def test_others_queue_and_may_leave_the_queue(make_room):
    room = make_room(waiting=2)
    first, second, third = (room.order(TINY) for _ in range(3))
    with pytest.raises(LiveError, match="2 trainings are waiting already"):
        room.order(TINY)
    assert [room.ahead(each) for each in (first, second, third)] == [0, 1, 2]
    assert room.of(third.ticket) is third
    assert room.of("another") is None
    room.stop(second)
    assert room.of(second.ticket) is None
    assert room.ahead(third) == 1
    room.stop(first)
    assert ended(room, first).status == "stopped"
    wait(room, lambda: third.status != "waiting")
    assert len(children()) <= 1


def test_apps_on_one_machine_take_turns(make_room):
    one, other = make_room(), make_room()
    first = one.order(TINY)
    wait(one, lambda: first.status == "starting")
    second = other.order(TINY)
    other.stop(second)
    assert ended(other, second).status == "stopped"
    assert second.points == []
    assert first.status in ("starting", "training")


def test_only_the_last_trainings_are_remembered(make_room):
    room = make_room(seconds=0, ended=2)
    trainings = [ended(room, room.order(TINY)) for _ in range(3)]
    assert room.all() == trainings[:0:-1]


def test_a_closed_room_refuses(make_room):
    room = make_room()
    running, waiting = room.order(TINY), room.order(TINY)
    room.close()
    assert children() == []
    assert running.status == "stopped"
    assert waiting.points == []
    with pytest.raises(LiveError):
        room.order(TINY)


@pytest.mark.parametrize(
    "wrong", [None, {}, {"pictures": "drawings"}, {"widest": 4096}, {"knob": "seed", "value": 1}, {"value": "alive"}]
)
def test_recipes_are_those_that_are_offered(wrong):
    good = vars(Recipe())
    assert Recipe.read(good) == Recipe()
    with pytest.raises(LiveError):
        Recipe.read({**good, **wrong} if wrong and wrong != {"pictures": "drawings"} else wrong)
