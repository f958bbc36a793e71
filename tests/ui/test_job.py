"""Work in the background: counted, waited for, and failing in plain words."""

import logging
import threading

from cae.ui.job import Job


def test_progress_and_result():
    half, on = threading.Event(), threading.Event()

    def work(advance):
        advance(5)
        half.set()
        assert on.wait(10)
        advance(5)
        return "done"

    job = Job(work, 10, (ValueError,))
    assert half.wait(10)
    assert (job.running, job.done, job.share, job.result) == (True, 5, 0.5, None)
    on.set()
    assert job.wait(10)
    assert (job.running, job.share, job.result, job.error) == (False, 1.0, "done", "")


def test_more_than_expected_is_no_more_than_all():
    job = Job(lambda advance: advance(20), 10, ())
    assert job.wait(10)
    assert job.share == 1.0


def test_expected_failure_is_its_own_sentence():
    job = Job(lambda _: [][0], 1, (IndexError,))
    assert job.wait(10)
    assert job.error == "list index out of range"


def test_other_failure_is_logged_and_kept_from_visitors(caplog):
    with caplog.at_level(logging.ERROR):
        job = Job(lambda _: 1 / 0, 1, (ValueError,))
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

    job = Job(work, 3, ())
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
    jobs.append(Job(work, 4, ()))
    job_there.set()
    assert jobs[0].wait(10)
    assert seen[:2] == [None, None]
    assert all(seconds >= 0 for seconds in seen[2:])
    assert seen[-1] == 0
    assert not jobs[0].stopped
