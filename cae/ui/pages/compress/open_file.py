"""Open a .cae file: the pictures in it, and what it says about itself."""

from functools import partial
from hashlib import sha256

import numpy as np
import streamlit as st

from cae import CaeError
from cae.codec import compression
from cae.codec.anatomy import name_of, size_of
from cae.codec.codec import OWN_MODEL, Codec
from cae.codec.file_format import CodecError, Header, unpack
from cae.engine.client import Engine, EngineRestarts
from cae.imaging import reading
from cae.imaging.pixels import to_png
from cae.model.store import PretrainedError
from cae.progress import Advance, silent
from cae.ui import resources
from cae.ui.components.file_view import file_view
from cae.ui.components.picture_grid import Group, Row, is_smooth, picture, picture_grid
from cae.ui.components.wipe import wipe
from cae.ui.job import finished
from cae.ui.pages.compress.study import AT_ONCE, scaled
from cae.ui.state import Compress, run_anew_if_changed, state, widget
from cae.ui.upload_limit import refusal

SHOWN = 40
"""Pictures of an archive."""


def section() -> None:
    """The whole section; a fragment."""
    run_anew_if_changed(Compress, "source")
    engine = resources.engine()
    left, right = st.columns([1, 1.25], gap="large")
    with left:
        file = st.file_uploader("A .cae file, up to 25 MB", key=widget(Compress, "open"))
        if file is None:
            state(Compress).job.named("")
            st.caption("One that you have downloaded here, or that `python -m cae compress` has written.")
            return
    data = file.getvalue()
    try:
        if sentence := refusal(data):
            raise CaeError(sentence)
        header, _ = unpack(data)
        with right:
            _words(header, len(data))
            file_view(data, key="opened_view")
        with left:
            if not engine.ready and engine.status != "failed":
                st.info("The network is starting …", icon=":material/hourglass_top:")
                return
            opened = _opened(header, data)
            if opened:
                _show(header, *opened)
    except EngineRestarts:
        raise
    except CaeError as problem:
        with left:
            st.error(str(problem), icon=":material/broken_image:")


def codec_for(data: bytes) -> Codec:
    """The codec that can read a file; raises `CodecError` as `compression.codec_of` does."""
    header, _ = unpack(data)
    for name in resources.models():
        try:
            codec = resources.codec(name)
        except (CodecError, PretrainedError):
            continue
        if (codec.number, codec.fingerprint) == (header.model, header.fingerprint):
            return codec
    if header.model == OWN_MODEL:
        raise CodecError("The file was written with a model of somebody's own, which is not here.")
    return compression.codec_of(data)


def _words(header: Header, size: int) -> None:
    with st.container(horizontal=True, gap="medium"):
        st.metric("The file", f"{size:,} bytes", width="content")
        st.metric("Bits per pixel", f"{8 * size / _pixels(header):.3f}", width="content")
        st.metric("Quality", f"{header.quality} of 10", width="content")
    st.caption(f"Says its header: {size_of(header)}, written with {name_of(header)}.")


def _pixels(header: Header) -> int:
    return (1 if header.count is None else header.count) * header.height * header.width


def _opened(header: Header, data: bytes) -> tuple[list[np.ndarray], bytes] | None:
    """The file's pictures as `_decoded` gives them; None as long as a job decodes them in the background."""
    own, name, pixels = state(Compress), sha256(data).hexdigest(), _pixels(header)
    if own.opened and own.opened[0] == name:
        return own.opened[1:]
    if pixels > reading.KEPT_PIXELS:
        most = reading.KEPT_PIXELS // 10**6
        raise CodecError(f"The file holds {size_of(header)}; at most {most} megapixels can be opened here.")
    engine, codec = resources.engine(), codec_for(data)

    if pixels * (3 if header.colour else 1) <= AT_ONCE:
        own.opened = name, *_decoded(engine, codec, data)
        return own.opened[1:]
    job = own.job.named(name)
    if job and finished(job, "Decompressing"):
        own.opened = name, *job.result
        return own.opened[1:]
    if job is None or (not job.running and st.button("Try again", icon=":material/refresh:")):
        read, shown = header.values, header.values * min(1, SHOWN / (header.count or 1))
        decode = partial(_decoded, engine.background(), codec, data)
        own.job.start(name, decode, round(read + shown))
    return None


def _decoded(engine: Engine, codec: Codec, data: bytes, advance: Advance = silent) -> tuple[list[np.ndarray], bytes]:
    """The first pictures of a file, uint8, as large as is shown; and the first as a PNG."""
    header, symbols = codec.read(data, advance=advance)
    decoded = compression.reconstruct(engine, codec, header, [plane[:SHOWN] for plane in symbols], advance)
    pictures = [decoded] if header.count is None else list(decoded)
    return [scaled(each) for each in pictures], to_png(pictures[0])


def _show(header: Header, pictures: list[np.ndarray], png: bytes) -> None:
    if header.count is None:
        wipe(pictures[0], None, (f"The picture in the file, {size_of(header)}", ""), key="opened")
        st.download_button("Save as PNG", png, "picture.png", "image/png", icon=":material/image:", on_click="ignore")
        return
    row = [picture(each, f"Picture {number}") for number, each in enumerate(pictures, 1)]
    rows = [Row(row[start : start + 8]) for start in range(0, len(row), 8)]
    picture_grid([Group(rows)], key="opened_archive", smooth=is_smooth(pictures[0]))
    if header.count > len(pictures):
        st.caption(f"The first {len(pictures)} of {header.count:,} pictures.")
