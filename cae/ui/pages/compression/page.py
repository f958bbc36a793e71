"""Compression: a picture as a real .cae file, what comes out of it again, and what others make of as many bytes."""

import numpy as np
import streamlit as st

from cae.codec.codec import Codec
from cae.codec.file_format import QUALITIES, CodecError
from cae.codec.round_trip import Compressed, Distortion, Trial
from cae.engine.client import EngineError
from cae.imaging.pixels import quantise
from cae.model.specification import SIDE
from cae.model.store import PretrainedError
from cae.ui import resources
from cae.ui.charts import error
from cae.ui.components.file_view import file_view
from cae.ui.components.wipe import wipe
from cae.ui.controls import choice, example_buttons, model_choice, prepare
from cae.ui.job import poll
from cae.ui.pages.compression import comparison, input, open_file, photograph, rate_chart
from cae.ui.state import Compression, kept, state

DRAW, UPLOAD, OPEN = "Draw", "Upload", "Open a .cae file"
NOTHING_YET = {DRAW: "Draw something, or pick an example.", UPLOAD: "Choose a picture."}


def page() -> None:
    """The whole page."""
    resources.engine()  # starts it, if this is the first visit
    models, own = resources.models(), state(Compression)
    model_key, source_key = kept(Compression, "model", models), kept(Compression, "source", [DRAW, UPLOAD, OPEN])
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("#### A picture in a handful of bytes", width="content")
        source = choice("Where the picture comes from", [DRAW, UPLOAD, OPEN], key=source_key)
        if len(models) > 1 and source != OPEN:
            model_choice(models, model_key)
        examples = prepare(own.model)
        if source == DRAW:
            example_buttons(examples, Compression)
    if source == OPEN:
        poll(open_file.section, until=lambda: _ready() and not own.job.running)()
        return
    try:
        codec = resources.codec(own.model)
    except (CodecError, PretrainedError) as problem:
        st.info(str(problem), icon=":material/info:")
        return
    if source == UPLOAD and codec.keeps_colour:
        poll(photograph.section, until=lambda: not own.job.running)(codec)
        return
    poll(_workbench, until=_ready, every=1.0)(codec, source)


def _ready() -> bool:
    return resources.engine().ready


def _workbench(codec: Codec, source: str) -> None:
    own = state(Compression)
    inputs, middle, facts = st.columns([1, 1.05, 1.25], gap="large")
    examples = prepare(codec.model.name)
    with inputs:
        picture = {DRAW: input.drawn, UPLOAD: input.uploaded}[source](examples)
    if picture is None:
        with middle:
            st.info(NOTHING_YET[source])
        return
    with middle:
        frame = st.container()
        quality = st.slider("Quality", QUALITIES[0], QUALITIES[-1], key=kept(Compression, "quality", QUALITIES))
    trial = _trial(codec, picture)
    made, problem = _made(trial, quality)
    rested = own.rested
    waits = made is not None and source == DRAW and rested is not None and rested.name != trial.name
    with frame:
        asked = _before_and_after(trial, made, ask=trial.name if waits else "")
    if made is None:
        with facts:
            st.info(problem, icon=":material/hourglass_top:")
        return
    with facts:
        _facts(made, picture)
    if not waits or asked == trial.name:
        own.rested = rested = trial
    _below(rested, quality, codec)


def _trial(codec: Codec, picture: np.ndarray) -> Trial:
    """This picture's trial; the same one as long as picture and codec stay."""
    own = state(Compression)
    trial = Trial(resources.engine(), codec, picture)
    if own.trial is None or own.trial.name != trial.name or own.trial.engine is not trial.engine:
        own.trial = trial
    return own.trial


def _made(trial: Trial, quality: int) -> tuple[Compressed | None, str]:
    """The file, or what to say while there is none."""
    engine = resources.engine()
    if quality not in trial.made and not engine.ready and engine.status != "failed":
        return None, "The network is starting …"
    try:
        if trial.picture.size > SIDE**2:
            with st.spinner("Compressing …"):
                return trial.at(quality), ""
        return trial.at(quality), ""
    except (CodecError, EngineError) as problem:
        return None, str(problem)


def _before_and_after(trial: Trial, made: Compressed | None, ask: str) -> str:
    words = ("The picture before compression", "")
    if made:
        words = (words[0], f"The picture from the file, quality {made.quality}: {figures(made.distortion)}")
    asked = wipe(quantise(trial.picture), made and quantise(made.picture), words, key="wipe", ask=ask)
    if made:
        st.caption(figures(made.distortion), text_alignment="center")
    return asked


def _facts(made: Compressed, picture: np.ndarray) -> None:
    size = len(made.data)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.metric("The file", f"{size:,} bytes", width="content")
        st.metric(f"Of {picture.size:,} bytes", _percent(size / picture.size), width="content")
        st.metric("Bits per pixel", f"{8 * size / picture.size:.3f}", width="content")
    bare = made.payload / picture.size
    st.caption(
        f"{made.payload:,} bytes of payload and {size - made.payload} around it. "
        f"The payload alone: {_percent(bare)}, {8 * bare:.3f} bits per pixel."
    )
    file_view(made.data, key="file_view")
    photograph.download(made.data, made.quality)


def _below(trial: Trial, quality: int, codec: Codec) -> None:
    """What takes longer, for the picture on which the pen rests."""
    small = trial.picture.size <= SIDE**2
    try:
        if small:
            trial.make()
        made = trial.at(quality)
    except (CodecError, EngineError) as problem:
        st.info(str(problem))
        return
    comparison.section(trial, made)
    size = trial.picture.size
    own = [
        rate_chart.Point(each.quality, 8 * each.payload / size, each.distortion.psnr)
        for _, each in sorted(trial.made.items())
    ]
    rate_chart.section(rate_chart.read_curves(codec), own, quality, size)


def figures(distortion: Distortion) -> str:
    """MSE, PSNR and SSIM in one line."""
    if not distortion.mse:
        return "no difference"
    words = f"MSE {error(distortion.mse)} · PSNR {distortion.psnr:.1f} dB"
    return words if distortion.ssim is None else f"{words} · SSIM {distortion.ssim:.3f}"


def _percent(share: float) -> str:
    return f"{100 * share:.{1 if share < 0.995 else 0}f}\u00a0%"
