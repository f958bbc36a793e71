"""Work in the background: counted, waited for, and failing in plain words."""

import logging
import threading

import pytest
from streamlit.testing.v1 import AppTest

from cae import CaeError
from cae.ui.job import Job, Queue, SharedJobs


def test_progress_and_result():
    half, on = threading.Event(), threading.Event()

    def work(advance):
        advance(5)
        half.set()
        assert on.wait(10)
        advance(5)
        return "done"

    job = Job(work, 10)
    assert half.wait(10)
    assert (job.running, job.done, job.share, job.result) == (True, 5, 0.5, None)
    on.set()
    assert job.wait(10)
    assert (job.running, job.share, job.result, job.error) == (False, 1.0, "done", "")


def test_more_than_expected_is_no_more_than_all():
    job = Job(lambda advance: advance(20), 10)
    assert job.wait(10)
    assert job.share == 1.0


def test_expected_failure_is_its_own_sentence():
    def work(_):
        raise CaeError("The file is damaged.")

    job = Job(work, 1)
    assert job.wait(10)
    assert job.error == "The file is damaged."


def test_other_failure_is_logged_and_kept_from_visitors(caplog):
    with caplog.at_level(logging.ERROR):
        job = Job(lambda _: 1 / 0, 1)
        assert job.wait(10)
    assert job.error == "This did not work; the server's log says why."
    assert "ZeroDivisionError" in caplog.text


def test_stopped_at_its_next_step():
    started, on = threading.Event(), threading.Event()
    steps = []

    def work(advance):
        started.set()
        assert on.wait(10)
        for step in range(3):
            advance(1)
            steps.append(step)

    job = Job(work, 3)
    assert started.wait(10)
    job.stop()
    assert job.running
    on.set()
    assert job.wait(10)
    assert (job.stopped, job.result, job.error, steps) == (True, None, "", [])


def test_time_left_from_the_pace_so_far():
    """Known from the second step on, whatever came before the first, and nothing is left in the end."""
    seen = []

    def work(advance):
        seen.append(job_there.wait(10) and jobs[0].seconds_left)
        for _ in range(4):
            advance(1)
            seen.append(jobs[0].seconds_left)

    jobs, job_there = [], threading.Event()
    jobs.append(Job(work, 4))
    job_there.set()
    assert jobs[0].wait(10)
    assert seen[:2] == [None, None]
    assert all(seconds >= 0 for seconds in seen[2:])
    assert seen[-1] == 0
    assert not jobs[0].stopped


def endless(advance):
    """Work that ends only by what `advance` raises."""
    while True:
        advance(0)


def test_nobody_looks_at_it_any_more():
    job = Job(endless, 1, patience=0.05)
    assert job.wait(10)
    assert (job.stopped, job.abandoned, job.result) == (True, True, None)


def test_it_goes_on_while_somebody_looks():
    job = Job(endless, 1, patience=2)
    for _ in range(30):
        job.look()
        assert not job.wait(0.1)
    job.stop()
    assert job.wait(10)
    assert (job.stopped, job.abandoned) == (True, False)


@pytest.fixture
def gate():
    """Lets work go on when it is set."""
    gate = threading.Event()
    yield gate
    gate.set()


def test_one_at_a_time_in_their_order(gate):
    queue, order = Queue(), []

    def work(name):
        def run(advance):
            order.append(name)
            assert gate.wait(10)
            advance(1)
            order.append(name)

        return run

    jobs = [Job(work("first"), 1, queue=queue)]
    for name in ("second", "third"):
        while not order:
            jobs[0].wait(0.01)
        jobs.append(Job(work(name), 1, queue=queue))
        while jobs[-1].ahead < len(jobs) - 1:  # until its thread has joined the queue
            jobs[-1].wait(0.01)
    assert [job.ahead for job in jobs] == [0, 1, 2]
    gate.set()
    assert all(job.wait(10) for job in jobs)
    assert order == ["first", "first", "second", "second", "third", "third"]


@pytest.mark.parametrize("end", ["stopped", "abandoned", "failed"])
def test_the_turn_passes_on_however_a_job_ends(end):
    queue = Queue()
    work = (lambda _: 1 / 0) if end == "failed" else endless
    first = Job(work, 1, queue=queue, patience=0.05 if end == "abandoned" else 60)
    if end == "stopped":
        first.stop()
    second = Job(lambda _: "done", 1, queue=queue)
    assert second.wait(10)
    assert second.result == "done"


def test_an_abandoned_job_gives_up_its_place_while_it_waits():
    queue = Queue()
    first = Job(endless, 1, queue=queue)
    second = Job(endless, 1, queue=queue, patience=0.05)
    assert second.wait(10)
    assert second.abandoned
    first.stop()
    assert first.wait(10)


def test_shared_jobs_are_joined_while_they_run(gate):
    jobs = SharedJobs()
    assert jobs.get("a") is None
    first = jobs.start("a", lambda _: gate.wait(10), 1)
    assert jobs.start("a", endless, 1) is first
    other = jobs.start("b", lambda _: "other", 1)
    assert jobs.running("a")
    gate.set()
    assert first.wait(10)
    assert other.wait(10)
    assert not jobs.running("a")
    assert jobs.get("a") is first
    again = jobs.start("a", lambda _: "again", 1)
    assert again.wait(10)
    assert jobs.get("a").result == "again"
    assert jobs.get("b") is other


def test_of_shared_jobs_the_oldest_that_has_ended_goes_first(gate):
    jobs = SharedJobs(most=2)
    running = jobs.start("running", lambda _: gate.wait(10), 1)
    for name in "abcd":
        assert jobs.start(name, lambda _: "done", 1).wait(10)
    assert [jobs.get(name) is not None for name in "abcd"] == [False, True, True, True]
    assert jobs.get("running") is running


def polling() -> None:
    """A page that waits for something, which is there or gone at the times that the test sets."""
    import streamlit as st

    from cae.ui.job import poll

    seen, there = st.session_state["seen"], st.session_state["there"]
    seen.append("page")
    poll(lambda word: seen.append(word), until=lambda: there.pop(0))("drawn")


@pytest.mark.parametrize(
    ("there", "seen"),
    [
        ([False, False], ["page", "drawn"]),
        ([True, True], ["page", "drawn"]),
        ([False, True, True, True], ["page", "page", "drawn"]),
        ([True, False, False, False], ["page", "page", "drawn"]),
    ],
)
def test_the_page_is_run_once_more_when_what_it_waits_for_has_come_or_gone(there, seen):
    """A fragment alone cannot change its own timer; the first of `there` is what the timer was set by."""
    app = AppTest.from_function(polling)
    app.session_state["seen"], app.session_state["there"] = [], list(there)
    app.run()
    assert not app.exception
    assert app.session_state["seen"] == seen
