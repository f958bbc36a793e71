"""A photograph in its own size and colour: compressed in the background, looked at before and after."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from PIL import Image

from cae.codec.codec import Codec
from cae.codec.file_format import QUALITIES, CodecError
from cae.codec.photograph import Packed, luma_point, pack, work
from cae.engine.client import Engine
from cae.evaluation.comparison import Rival, photo_rival
from cae.imaging.reading import ImageError, Picture, read_image
from cae.progress import Advance
from cae.ui import resources
from cae.ui.components.file_view import file_view
from cae.ui.components.wipe import wipe
from cae.ui.job import finished
from cae.ui.pages.compression import comparison, rate_chart
from cae.ui.state import Compression, kept, state, widget

OTHERS_SHARE = 8
"""Each of the others takes about an eighth of our time."""
LONGEST = 900
"""Pixels a side of what is shown."""
WHOLE, DETAIL = "Whole picture", "The middle, pixel by pixel"


@dataclass(frozen=True)
class Photo:
    """What is kept of a compressed photograph; nothing that is as large as itself."""

    quality: int
    data: bytes
    pixels: int
    values: int
    psnr: float
    """In dB, infinite without loss."""
    views: dict[str, tuple[np.ndarray, np.ndarray]]
    """Before and after, uint8 (H, W, 3) or (H, W), by name."""
    luma: rate_chart.Point
    """The brightness alone."""
    others: list[Rival]
    """JPEG and WebP in as many bytes; their pictures scaled."""


def section(codec: Codec) -> None:
    """The whole section; a fragment."""
    own = state(Compression)
    left, right = st.columns([1, 2], gap="large")
    with left:
        file = st.file_uploader(
            "A photograph: PNG, JPEG, WebP, BMP or GIF, up to 10 MB", key=widget(Compression, "upload")
        )
        quality = st.slider("Quality", QUALITIES[0], QUALITIES[-1], key=kept(Compression, "quality", QUALITIES))
        name = f"{codec.fingerprint.hex()} {file.file_id}" if file else ""
        job = own.job.named(name)
        if file is None:
            st.info("Choose a photograph: it keeps its size and its colours.")
            return
        picture = _read(name, file.getvalue)
        if isinstance(picture, str):
            st.error(picture, icon=":material/broken_image:")
            return
        width, height = picture.image.size
        st.caption("; ".join([f"{width:,} × {height:,} pixels", *picture.remarks]))
        if not (job and job.running) and st.button("Compress", type="primary", icon=":material/compress:"):
            _start(name, codec, picture.image, quality)
        done = job is not None and finished(job, "Compressing, and looking at what comes out")
    if done:
        with right:
            _result(job.result)
        _beside_others(codec, job.result)


def _read(name: str, content: Callable[[], bytes]) -> Picture | str:
    """The picture, or what is wrong with it; read once, since the section runs twice a second."""
    own = state(Compression)
    if own.photo is None or own.photo[0] != name:
        try:
            own.photo = name, read_image(content())
        except ImageError as problem:
            own.photo = name, str(problem)
    return own.photo[1]


def _start(name: str, codec: Codec, image: Image.Image, quality: int) -> None:
    engine = resources.engine()
    try:
        total = work(codec, image)
    except CodecError as problem:
        st.error(str(problem), icon=":material/error:")
        return
    step = total // OTHERS_SHARE
    whole = total + step * len(comparison.NAMES)
    state(Compression).job.start(name, lambda advance: _photo(engine, codec, image, quality, advance, step), whole)


def _photo(engine: Engine, codec: Codec, image: Image.Image, quality: int, advance: Advance, step: int) -> Photo:
    packed = pack(engine, codec, image, quality, advance)
    others = []
    for name in comparison.NAMES:
        found = photo_rival(packed.picture, name, len(packed.data))
        others.append(replace(found, picture=scaled(found.picture)))
        advance(step)
    luma = rate_chart.Point(quality, *luma_point(codec, packed))
    return Photo(quality, packed.data, packed.pixels, packed.picture.size, packed.psnr, _views(packed), luma, others)


def _views(packed: Packed) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    views = {WHOLE: (scaled(packed.picture), scaled(packed.answer))}
    if max(packed.picture.shape[:2]) > LONGEST:
        views[DETAIL] = middle(packed.picture), middle(packed.answer)
    return views


def scaled(picture: np.ndarray) -> np.ndarray:
    """A picture uint8 in at most 900 × 900 pixels."""
    image = Image.fromarray(picture)
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    return np.asarray(image)


def middle(picture: np.ndarray) -> np.ndarray:
    """The middle of a picture, at most 900 × 675 of its pixels."""
    height, width = picture.shape[:2]
    top, left = max(0, height - 3 * LONGEST // 4) // 2, max(0, width - LONGEST) // 2
    return picture[top : height - top, left : width - left].copy()


def _result(photo: Photo) -> None:
    words = "no loss" if np.isinf(photo.psnr) else f"{photo.psnr:.2f} dB"
    size = len(photo.data)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.metric(f"Quality {photo.quality}", f"{size:,} bytes", width="content")
        st.metric(f"Of {photo.values:,} bytes", f"{photo.values / size:,.1f} : 1", width="content")
        st.metric("Bits per pixel", f"{8 * size / photo.pixels:.3f}", width="content")
        st.metric("PSNR", words, width="content")
    view = next(iter(photo.views))
    if len(photo.views) > 1:
        view = st.segmented_control(
            "What is shown",
            list(photo.views),
            default=view,
            required=True,
            key=widget(Compression, "view"),
            label_visibility="collapsed",
        )
    before, after = photo.views[view]
    alt = (
        f"The photograph before compression: {view}",
        f"The photograph from the file, quality {photo.quality}: PSNR {words}",
    )
    wipe(before, after, alt, key="photo_wipe")
    download(photo.data, photo.quality)
    file_view(photo.data, key="photo_file")


def _beside_others(codec: Codec, photo: Photo) -> None:
    before, after = photo.views[WHOLE]
    comparison.photo_section(before, after, photo.data, photo.psnr, photo.others)
    rate_chart.section(rate_chart.read_curves(codec), [photo.luma], photo.quality, photo.pixels)


def download(data: bytes, quality: int) -> None:
    """A button that saves a file."""
    st.download_button(
        "Download the file",
        data,
        f"picture-quality-{quality}.cae",
        "application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
    )
