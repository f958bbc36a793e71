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
