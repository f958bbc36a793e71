"""The visitor's own picture: the uploader, and the steps that prepare it, each of which can be undone."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from cae.data.source import Source
from cae.imaging.formats import READ
from cae.imaging.preparation import Preparation, Prepared, prepare_whole
from cae.imaging.reading import MAX_BYTES, TURNED, ImageError, Picture
from cae.ui import uploads
from cae.ui.controls import choice
from cae.ui.state import widget
from cae.ui.uploads import Facts, made


@dataclass(frozen=True)
class Upload:
    """A file that was uploaded and can be read."""

    data: bytes
    name: str
    """A new one for each upload."""
    facts: Facts
    upright: bool
    """Whether it is to be turned as its EXIF data says."""


def uploader(page: type) -> Upload | None:
    """The uploader of a page, and what the file is; None while there is none that can be read."""
    label = f"A picture: {READ}, up to {MAX_BYTES // 10**6} MB"
    file = st.file_uploader(label, key=widget(page, "upload"), help="It is kept for this visit only, on this server.")
    if file is None:
        return None
    data = file.getvalue()
    try:
        facts = made(data, uploads.facts)
        words = st.empty()
        upright = not facts.turned or st.checkbox(
            "Turned upright, as its EXIF data says", value=True, key=widget(page, "upright", file.file_id)
        )
        facts = made(data, uploads.facts, upright=upright)
    except ImageError as problem:
        st.error(str(problem), icon=":material/broken_image:")
        return None
    remarks = [remark for remark in facts.remarks if remark != TURNED]
    words.caption("; ".join([f"{facts.width:,} × {facts.height:,} pixels", *remarks]))
    return Upload(data, file.file_id, facts, upright)


def prepared(upload: Upload, source: Source, page: type) -> np.ndarray:
    """The picture as the network sees it, uint8 (28, 28), with a tick for each step of its preparation."""
    if upload.facts.blank:
        st.warning("The picture is one even grey: there is nothing in it to compress.", icon=":material/info:")
        return made(upload.data, _prepare, prepare_whole, False, None, 0, upright=upload.upright).image
    proposed = _made(upload, source.prepare)
    inverted = st.checkbox(
        "Inverted",
        value=proposed.is_inverted,
        key=widget(page, "invert", upload.name, source.name),
        help="Light and dark exchanged: the network has learned light things on black.",
    )
    cut_out = bool(source.label) and st.checkbox(
        f"Cut out and centred as {source.label} did",
        value=proposed.is_cut_out,
        key=widget(page, "cut_out", upload.name, source.name),
        help="Off: the whole picture, scaled into 28×28 pixels.",
    )
    thing = 0
    if cut_out and len(proposed.boxes) > 1:
        numbers = list(range(1, len(proposed.boxes) + 1))
        thing = choice("Which of them", numbers, default=1, key=widget(page, "thing", upload.name, source.name)) - 1
    result = _made(
        upload,
        source.prepare,
        None if inverted == proposed.is_inverted else inverted,
        None if cut_out == proposed.is_cut_out else cut_out,
        thing,
    )
    if result.remark:
        st.caption(result.remark)
    return result.image


def _made(
    upload: Upload, how: Preparation, inverted: bool | None = None, cut_out: bool | None = None, thing: int = 0
) -> Prepared:
    return made(upload.data, _prepare, how, inverted, cut_out, thing, upright=upload.upright)


def _prepare(picture: Picture, how: Preparation, inverted: bool | None, cut_out: bool | None, thing: int) -> Prepared:
    return how(picture.pixels, inverted=inverted, cut_out=cut_out, thing=thing)
