"""Work on a large picture, for one visitor at a time: with the time left, and a button to stop it."""

import threading
import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from cae.codec.file_format import CodecError
from cae.engine.client import EngineError
from cae.progress import Advance
from cae.ui.job import Job

EVERY = 0.5
"""Seconds between two looks at a job."""
BREATH = 0.003
"""Seconds between two requests, so that another visitor's can slip in."""
LEAST_PAUSE = 0.25
"""Seconds between two such breaths: most steps of the entropy coder are shorter than one."""
_turn = threading.Lock()
"""Bounds the memory that large pictures take on the server."""


def job(key: str, name: str | None = None) -> Job | None:
    """The visitor's job under this key; where a name is given, one of another name is stopped and forgotten."""
    known = st.session_state.get(key)
    if known and name is not None and known[0] != name:
        known[1].stop()
        del st.session_state[key]
        return None
    return known[1] if known else None


def start(key: str, name: str, work: Callable[[Advance], Any], total: int) -> None:
    """Start a job, and let the page know."""
    if before := job(key):
        before.stop()
    st.session_state[key] = name, Job(lambda advance: _in_turn(work, advance), total, (CodecError, EngineError))
    st.rerun()


def every(key: str) -> float | None:
    """How often a fragment that shows the job is to be run; must be asked for whenever the whole page runs."""
    running = job(key)
    st.session_state[f"{key}_waits"] = bool(running and running.running)
    return EVERY if st.session_state[f"{key}_waits"] else None


def finished(key: str, what: str) -> bool:
    """Whether the job has a result; if not, say how far it is or why it has none."""
    current = job(key)
    if current is None:
        return False
    if current.running:
        st.progress(current.share, text=f"{what} · {_left(current)}")
        if st.button("Stop", icon=":material/stop_circle:", key=f"{key}_stop"):
            current.stop()
        return False
    if st.session_state.get(f"{key}_waits"):
        st.rerun()  # takes the timer away
    if current.error:
        st.error(current.error, icon=":material/error:")
    elif current.stopped:
        st.info("Stopped.", icon=":material/stop_circle:")
    return current.result is not None


def _left(current: Job) -> str:
    seconds = current.seconds_left
    if seconds is None:
        return "waiting for the network"
    return f"about {seconds:.0f} s left" if seconds < 100 else f"about {seconds / 60:.0f} minutes left"


def _in_turn(work: Callable[[Advance], Any], advance: Advance) -> Any:
    while not _turn.acquire(timeout=EVERY):
        advance(0)  # which ends a job that is stopped while it waits
    last = time.monotonic()

    def breathing(count: int) -> None:
        nonlocal last
        advance(count)
        if time.monotonic() - last > LEAST_PAUSE:
            time.sleep(BREATH)
            last = time.monotonic()

    try:
        return work(breathing)
    finally:
        _turn.release()
