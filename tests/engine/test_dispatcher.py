"""Who is answered when, and with whom; and that everyone gets the answer to what they asked, whatever happens."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from time import monotonic, sleep

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cae.engine import dispatcher
from cae.engine.dispatcher import BATCHES, LONGEST_WAIT, Dispatcher, Request, together
from cae.engine.errors import EngineDied, EngineError, EngineTimeout, ModelUnavailable

MOST = 16
"""Images of 28×28 that are answered together at most."""


def request(value: float = 0.0, images: int = 1, *, background: bool = False, **more) -> Request:
    """A request for images of one value, by which it is known."""
    given = {"operation": "encode", "network": "mnist", "side": 28, "since": 0.0, "limit": 5.0} | more
    side = given.pop("side")
    array = np.full((images, side, side, 1), value, np.float32)
    return Request(array=array, background=background, **given)


class Network:
    """Stands for the process: halves what it is given, one message at a time, as soon as it is let go."""

    def __init__(self, *faults: Exception | None) -> None:
        self.batches: list[list[float]] = []
        """What it was asked, by the values of the images."""
        self.go = threading.Event()
        self._faults = list(faults)

    def ask(self, message: tuple, limit: float) -> tuple:
        assert limit == 5.0
        _, name, array = message
        self.batches.append(array[:, 0, 0, 0].tolist())
        assert self.go.wait(20)
        if self._faults and (fault := self._faults.pop(0)):
            raise fault
        if name == "missing":
            return "unavailable", "The model is not here."
        if name == "broken":
            return "failed", "Traceback"
        if name == "strange":
            return "done", None, 1.0
        return "done", [array / 2, array[:, ::4, ::4]], 1.0


@pytest.fixture
def asking():
    """Puts requests to a dispatcher one after the other; the first is under way when the others come."""
    with ThreadPoolExecutor(64) as threads:

        def ask(queue: Dispatcher, network: Network, *requests: Request) -> list[Future]:
            answers = []
            for number, each in enumerate(requests):
                answers.append(threads.submit(queue.ask, each))
                until(lambda number=number: network.batches and len(queue._waiting) == number)
            network.go.set()
            return answers

        yield ask


def until(condition) -> None:
    end = monotonic() + 20
    while not condition():
        assert monotonic() < end
        sleep(0.001)


def check(answer: Future, asked: Request) -> None:
    (half, part), milliseconds = answer.result(20)
    np.testing.assert_array_equal(half, asked.array / 2)
    np.testing.assert_array_equal(part, asked.array[:, ::4, ::4])
    assert milliseconds == 1.0


def test_interactive_before_background_and_each_in_order(asking):
    network = Network()
    queue = Dispatcher(network)
    kinds = {"network": "photos"}, {"network": "mnist"}
    requests = [
        request(0),
        *(request(value, background=True, since=monotonic(), **kinds[value % 2]) for value in (1, 2, 3)),
        *(request(value, **kinds[value % 2]) for value in (11, 12, 13)),
    ]
    for answer, asked in zip(asking(queue, network, *requests), requests, strict=True):
        check(answer, asked)
    assert network.batches == [[0], [11, 13], [12], [1, 3], [2]]


def test_a_background_request_waits_no_longer_than_so():
    """However many others wait; but once only, so that it takes no more than a small share."""
    waited = [request(value, background=True, since=0.0, network=f"m{value}") for value in (1, 2)]
    others = [request(value, network=f"m{value}") for value in (11, 12)]
    waiting = [*others, *waited]
    assert together(waiting, LONGEST_WAIT - 0.1, 0.0) == [others[0]]
    assert together(waiting, LONGEST_WAIT, 0.0) == [waited[0]]
    assert together([*others, waited[1]], LONGEST_WAIT + 0.1, LONGEST_WAIT) == [others[0]]
    assert together([*others, waited[1]], 2 * LONGEST_WAIT, LONGEST_WAIT) == [waited[1]]
    assert together(waited, 0.0, 0.0) == [waited[0]]


@pytest.mark.parametrize(("waiting", "sizes"), [(2, [2]), (5, [4, 1]), (16, [16]), (39, [16, 16, 4, 2, 1])])
def test_small_requests_that_wait_together_are_answered_together(asking, waiting, sizes):
    network = Network()
    queue = Dispatcher(network)
    requests = [request(value) for value in range(waiting + 1)]
    for answer, asked in zip(asking(queue, network, *requests), requests, strict=True):
        check(answer, asked)
    assert [len(batch) for batch in network.batches] == [1, *sizes]
    assert [value for batch in network.batches for value in batch] == list(range(waiting + 1)), "in order"


def test_only_what_is_alike_and_small_goes_together():
    first = request(0)
    for other in (
        request(1, network="photos"),
        request(1, operation="run"),
        request(1, background=True),
        request(1, side=32),
        request(1, images=16),
    ):
        assert together([first, other], 0.0, 0.0) == [first]
    large = request(0, side=128)
    assert together([large, request(1, side=128)], 0.0, 0.0) == [large]
    latents = [request(value, operation="decode", side=7) for value in range(20)]
    assert together(latents, 0.0, 0.0) == latents[:MOST], "a latent counts as the pixels that it stands for"
    assert together([request(0, images=64), first], 0.0, 0.0)[0].array.shape[0] == 64


requests_drawn = st.lists(
    st.tuples(st.sampled_from(["mnist", "photos"]), st.sampled_from([1, 2, 4, 8]), st.booleans()), max_size=40
)


@given(requests_drawn)
def test_everyone_is_answered_once_and_in_order(drawn):
    """Whatever waits; those of one kind in the order in which they came."""
    waiting = [request(network=name, images=images, background=late) for name, images, late in drawn]
    served: list[Request] = []
    left = list(waiting)
    while left:
        batch = together(left, 0.0, 0.0)
        total = sum(len(each.array) for each in batch)
        assert total in BATCHES
        assert total <= MOST
        assert len({each.kind for each in batch}) == 1
        left = [each for each in left if each not in batch]
        served += batch
    assert len(served) == len(waiting) == len({id(each) for each in served})
    for kind in {each.kind for each in waiting}:
        assert [x for x in served if x.kind == kind] == [x for x in waiting if x.kind == kind]


def test_who_waits_no_longer_shifts_nobody(monkeypatch):
    monkeypatch.setattr(dispatcher, "START_LIMIT", 0.2)
    network = Network()
    queue = Dispatcher(network)
    requests = [request(0), *(request(value, limit=5.0 if value % 2 else 0.1) for value in range(1, 9))]
    answers = []
    with ThreadPoolExecutor(16) as threads:
        for number, each in enumerate(requests):
            answers.append(threads.submit(queue.ask, each))
            until(lambda number=number: network.batches and len(queue._waiting) >= number // 2)
        for answer in answers[2::2]:
            with pytest.raises(EngineTimeout, match="busy with other requests"):
                answer.result(20)
        network.go.set()
        for number in (0, 1, 3, 5, 7):
            check(answers[number], requests[number])
    assert network.batches == [[0], [1, 3, 5, 7]]


@pytest.mark.parametrize("fault", [EOFError(), TimeoutError()])
def test_after_a_fault_each_is_asked_once_more_alone(asking, fault):
    network = Network(None, fault, None, fault)
    queue = Dispatcher(network)
    requests = [request(value) for value in range(6)]
    answers = asking(queue, network, *requests)
    expected = EngineTimeout if isinstance(fault, TimeoutError) else EngineDied
    with pytest.raises(expected, match=r"longer than 5 seconds\.|twice during this request\."):
        answers[2].result(20)
    for number in (0, 1, 3, 4, 5):
        check(answers[number], requests[number])
    assert network.batches == [[0], [1, 2, 3, 4], [1], [2], [3], [4], [5]]


@pytest.mark.parametrize(
    ("name", "error", "sentence"),
    [
        ("missing", ModelUnavailable, "The model is not here."),
        ("broken", EngineError, "could not do this; the server's log says why"),
        ("strange", EngineError, "could not be passed on; the server's log says why"),
    ],
)
def test_everyone_gets_the_error(asking, name, error, sentence):
    network = Network()
    queue = Dispatcher(network)
    requests = [request(0), *(request(value, network=name) for value in (1, 2)), request(3)]
    answers = asking(queue, network, *requests)
    raised = []
    for answer in answers[1:3]:
        with pytest.raises(error, match=sentence) as caught:
            answer.result(20)
        raised.append(caught.value)
    assert raised[0] is not raised[1]
    check(answers[3], requests[3])


def test_closed_while_many_wait():
    network = Network(None, EngineError("The network has been shut down."))
    queue = Dispatcher(network)
    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(queue.ask, request())]
        until(lambda: network.batches)
        answers += [threads.submit(queue.ask, request(value)) for value in range(1, 5)]
        until(lambda: len(queue._waiting) == 4)
        queue.close()
        for answer in answers[1:]:
            with pytest.raises(EngineError, match="shut down"):
                answer.result(20)
        network.go.set()
        assert answers[0].result(20)[1] == 1.0, "what is under way gets its answer"
    with pytest.raises(EngineError, match="shut down"):
        queue.ask(request())


def test_many_threads():
    """Each of 1,280 requests gets its own answer, while now and then a batch fails."""
    network = Network(*(EOFError() if number % 40 == 3 else None for number in range(1000)))
    network.go.set()
    queue = Dispatcher(network)
    numbers = count()

    def ask(_: int) -> None:
        for _ in range(40):
            number = next(numbers)
            asked = request(number, 1 + number % 2, background=number % 5 == 0, since=monotonic())
            (half, _), _ = queue.ask(asked)
            np.testing.assert_array_equal(half, asked.array / 2)

    with ThreadPoolExecutor(32) as threads:
        list(threads.map(ask, range(32)))
