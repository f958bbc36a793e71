"""Compress: a picture as a real .cae file, what comes out of it again, and what others make of as many bytes."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cae import CaeError
from cae.codec.codec import Codec
from cae.codec.file_format import QUALITIES
from cae.codec.round_trip import RoundTrip
from cae.engine.client import EngineRestarts
from cae.progress import Advance
from cae.ui import resources
from cae.ui.controls import choice, example_buttons, model_choice, prepare
from cae.ui.job import finished, poll
from cae.ui.pages.compress import comparison, open_file, rate_chart, source
from cae.ui.pages.compress.panels import before_and_after, facts, file
from cae.ui.pages.compress.source import Source
from cae.ui.pages.compress.study import AT_ONCE, Study, result, study, work
from cae.ui.state import Compress, kept, run_anew_if_changed, state

DRAW, UPLOAD, OPEN = "Draw", "Upload", "Open a .cae file"
NOTHING_YET = {DRAW: "Draw something, or pick an example.", UPLOAD: "Choose a picture."}
ALL = "All ten qualities"
T = TypeVar("T")


def page() -> None:
    """The whole page."""
    resources.engine()  # starts it, if this is the first visit
    models, own = resources.models(), state(Compress)
    model_key, source_key = kept(Compress, "model", models), kept(Compress, "source", [DRAW, UPLOAD, OPEN])
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title("A picture in a handful of bytes", anchor=False, width="content")
        where = choice("Where the picture comes from", [DRAW, UPLOAD, OPEN], key=source_key)
        if len(models) > 1 and where != OPEN:
            model_choice(models, model_key)
        examples = prepare(own.model)
        if where == DRAW:
            example_buttons(examples, Compress)
    if where == OPEN:
        poll(open_file.section, until=lambda: _ready() and not own.job.running)()
        return
    try:
        codec = resources.codec(own.model)
    except CaeError as problem:
        st.info(str(problem), icon=":material/info:")
        return
    poll(_workbench, until=_ready, every=1.0)(codec, where)


def _ready() -> bool:
    return resources.engine().ready


def _workbench(codec: Codec, where: str) -> None:
    """The picture, its file and what is known of them; a fragment."""
    run_anew_if_changed(Compress, "model", "source")
    inputs, rest = st.columns([1, 2.3], gap="large")
    examples = prepare(codec.model.name)
    with inputs:
        chosen = (
            source.drawn(examples)
            if where == DRAW
            else source.uploaded(resources.source(codec.model.name), codec.keeps_colour)
        )
    if chosen is None:
        state(Compress).job.named("")
        rest.info(NOTHING_YET[where])
        return
    if math.prod(chosen.shape) <= AT_ONCE:
        known = _at_once(codec, chosen, rest, follows_pen=where == DRAW)
    else:
        known = _in_background(codec, chosen, inputs, rest)
    if known:
        comparison.section(known)
        points = list(known.points.values())
        rate_chart.section(rate_chart.read_curves(codec), points, known.result.quality, known.result.pixels)


def _round_trip(codec: Codec, chosen: Source) -> RoundTrip:
    """The one on the page, as long as picture and codec stay."""
    own, name = state(Compress), (chosen.name, codec.model.version, resources.engine())
    if own.trip is None or own.trip[0] != name:
        own.trip = name, RoundTrip(resources.engine(), codec, chosen.read())
    return own.trip[1]


def _at_once(codec: Codec, chosen: Source, place: DeltaGenerator, follows_pen: bool) -> Study | None:
    """A small picture at the quality chosen; what takes longer follows when the pen rests."""
    own, engine, trip = state(Compress), resources.engine(), _round_trip(codec, chosen)
    frame, beside = place.columns([1, 1.25], gap="large")
    with frame:
        pictures = st.container()
        quality = _quality()
    found = None
    with beside:
        words = st.container()
        if quality not in trip.results and not engine.ready and engine.status != "failed":
            st.info("The network is starting …", icon=":material/hourglass_top:")
        else:
            found = _shown(lambda: result(trip, quality))
    with words:
        facts(chosen.shape, found)
    waits = follows_pen and found is not None and own.study is not None and own.study.name != trip.name
    with pictures:
        rested = before_and_after(chosen.views(), found, ask=trip.name if waits else "")
    if found is None:
        return None
    with beside:
        file(found)
    if not waits or rested == trip.name:
        own.study = _shown(lambda: study(trip, quality, _known(trip.name), complete=True))
    return own.study


def _shown(compute: Callable[[], T]) -> T | None:
    """What `compute` returns; None where it fails, and then the page says why."""
    try:
        return compute()
    except EngineRestarts:
        raise
    except CaeError as problem:
        st.error(str(problem), icon=":material/error:")
        return None


def _in_background(codec: Codec, chosen: Source, inputs: DeltaGenerator, place: DeltaGenerator) -> Study | None:
    """A large picture, as it was compressed last."""
    own, name = state(Compress), _name(codec, chosen)
    job = own.job.named(name)
    if job and job.result:
        own.study = job.result
    with inputs:
        quality = _quality()
        poll(_job, until=lambda: not own.job.running)(codec, chosen, quality)
    known = _known(name)
    with place:
        facts(chosen.shape, known.result if known else None)
        before_and_after(chosen.views(), known.result if known else None)
        if known:
            file(known.result)
    return known


def _name(codec: Codec, chosen: Source) -> str:
    """Of a large picture's job and study: the same as long as picture and codec stay."""
    return f"{codec.model.version} {chosen.name}"


def _job(codec: Codec, chosen: Source, quality: int) -> None:
    """Buttons that start the visitor's job, and how far it is; a fragment."""
    own, name = state(Compress), _name(codec, chosen)
    known = _known(name)
    if not own.job.running:
        with st.container(horizontal=True):
            done = known is not None and known.result.quality == quality
            if st.button("Compress", type="primary", icon=":material/compress:", disabled=done):
                _start(codec, chosen, quality, complete=False)
            if known and len(known.points) < len(QUALITIES) and st.button(ALL, help="For the chart below."):
                _start(codec, chosen, known.result.quality, complete=True)
    job = own.job.named(name)
    if job:
        finished(job, "Compressing, and looking at what comes out")


def _start(codec: Codec, chosen: Source, quality: int, complete: bool) -> None:
    """Start the job that studies a large picture at a quality, `complete` as in `study`."""
    engine, name = resources.engine().background(), _name(codec, chosen)
    known = _known(name)

    def run(advance: Advance) -> Study:
        trip = RoundTrip(engine, codec, chosen.read())
        return replace(study(trip, quality, known, complete=complete, advance=advance), name=name)

    # The work depends on the picture's size alone, and the picture is read when the job has its turn.
    of_its_size = RoundTrip(engine, codec, np.broadcast_to(np.uint8(0), chosen.shape))
    total = _shown(lambda: work(of_its_size, quality, known, complete=complete))
    if total is not None:
        state(Compress).job.start(name, run, total)


def _known(name: str) -> Study | None:
    """The last study, if it is of the picture of this name."""
    last = state(Compress).study
    return last if last and last.name == name else None


def _quality() -> int:
    return st.slider("Quality", QUALITIES[0], QUALITIES[-1], key=kept(Compress, "quality", QUALITIES))
