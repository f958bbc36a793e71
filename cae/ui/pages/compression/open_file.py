"""Open a .cae file: the pictures in it, and what it says about itself."""

from hashlib import sha256

import numpy as np
import streamlit as st

from cae.codec import compression
from cae.codec.anatomy import name_of, size_of
from cae.codec.codec import OWN_MODEL, Codec
from cae.codec.file_format import CodecError, Header, unpack
from cae.engine.client import Engine, EngineError
from cae.imaging import reading
from cae.imaging.pixels import quantise, to_png
from cae.model.store import PretrainedError
from cae.progress import Advance
from cae.ui import resources
from cae.ui.components.file_view import file_view
from cae.ui.components.picture_grid import Group, Row, picture, picture_grid
from cae.ui.components.wipe import wipe
from cae.ui.job import finished
from cae.ui.pages.compression.photograph import scaled
from cae.ui.state import Compression, state, widget

MOST_VALUES = 2**16
"""Of a file that is opened at once, for a megapixel; pictures that are larger, or in colour, in the background."""
SHOWN = 40
"""Pictures of an archive."""


def section() -> None:
    """The whole section; a fragment."""
    engine = resources.engine()
    left, right = st.columns([1, 1.25], gap="large")
    with left:
        file = st.file_uploader("A .cae file, up to 10 MB", key=widget(Compression, "open"))
        if file is None:
            state(Compression).job.named("")
            st.caption("One that you have downloaded here, or that `python -m cae compress` has written.")
            return
    data = file.getvalue()
    try:
        header, _ = unpack(data)
        with right:
            _words(header, len(data))
            file_view(data, key="opened_view")
        with left:
            if not engine.ready and engine.status != "failed":
                st.info("The network is starting …", icon=":material/hourglass_top:")
                return
            if header.count is None and (header.colour or header.values > MOST_VALUES):
                _photograph(header, data)
            else:
                _pictures(header, _decoded(data))
    except (CodecError, EngineError, PretrainedError) as problem:
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


def _decoded(data: bytes) -> np.ndarray:
    """The first pictures of a file, float32 (N, H, W); kept as long as the file stays."""
    own, codec = state(Compression), codec_for(data)
    if own.opened is None or own.opened[0] != data:
        header, symbols = codec.read(data, MOST_VALUES)
        pictures = compression.decode(resources.engine(), codec, symbols[0][:SHOWN], header.quality)
        own.opened = data, pictures[:, : header.height, : header.width]
    return own.opened[1]


def _words(header: Header, size: int) -> None:
    pixels = (1 if header.count is None else header.count) * header.height * header.width
    with st.container(horizontal=True, gap="medium"):
        st.metric("The file", f"{size:,} bytes", width="content")
        st.metric("Bits per pixel", f"{8 * size / pixels:.3f}", width="content")
        st.metric("Quality", f"{header.quality} of 10", width="content")
    st.caption(f"Says its header: {size_of(header)}, written with {name_of(header)}.")


def _pictures(header: Header, pictures: np.ndarray) -> None:
    if header.count is None:
        wipe(quantise(pictures[0]), None, (f"The picture in the file, {size_of(header)}", ""), key="opened")
        _save(to_png(quantise(pictures[0])))
        return
    row = [picture(quantise(each), f"Picture {number}") for number, each in enumerate(pictures, 1)]
    rows = [Row(row[start : start + 8]) for start in range(0, len(row), 8)]
    picture_grid([Group(rows)], key="opened_archive")
    if header.count > len(pictures):
        st.caption(f"The first {len(pictures)} of {header.count:,} pictures.")


def _photograph(header: Header, data: bytes) -> None:
    """A picture that takes a while: in the background, and only what is shown is kept, and a PNG of all."""
    if header.height * header.width > reading.MAX_PIXELS:
        raise CodecError(
            f"The picture in the file has {header.width:,} × {header.height:,} pixels; "
            f"at most {reading.MAX_PIXELS // 10**6} megapixels can be opened here."
        )
    engine, codec, name, own = resources.engine(), codec_for(data), sha256(data).hexdigest(), state(Compression).job

    def start() -> None:
        total = header.values * compression.DECOMPRESSING
        own.start(name, lambda advance: _unpacked(engine, codec, data, advance), total)

    job = own.named(name)
    if job is None:
        start()
    elif finished(job, "Decompressing"):
        png, picture = job.result
        wipe(picture, None, (f"The picture in the file, {size_of(header)}", ""), key="opened_photo")
        _save(png)
    elif not job.running and st.button("Try again", icon=":material/refresh:"):
        start()


def _unpacked(engine: Engine, codec: Codec, data: bytes, advance: Advance) -> tuple[bytes, np.ndarray]:
    """A PNG of the picture, and the picture as it is shown."""
    found = compression.decompress(engine, codec, data, advance)
    picture = found if found.dtype == np.uint8 else quantise(found[0])
    return to_png(picture), scaled(picture)


def _save(png: bytes) -> None:
    st.download_button("Save as PNG", png, "picture.png", "image/png", icon=":material/image:", on_click="ignore")
