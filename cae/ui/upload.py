"""The visitor's own picture: the uploader, and the steps that prepare it, each of which can be undone."""

import io
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from cae.data.source import Source
from cae.imaging.formats import READ
from cae.imaging.pixels import to_png
from cae.imaging.preparation import Box, Preparation, Prepared, prepare_whole
from cae.imaging.reading import MAX_BYTES, TURNED, ImageError, Picture
from cae.imaging.sample import biro_on_paper
from cae.ui import uploads
from cae.ui.controls import choice
from cae.ui.state import Uploaded, held, put, state, widget
from cae.ui.uploads import Facts, made

PREVIEW = 360
"""Pixels of the longer side of what a page shows of a picture."""


@dataclass(frozen=True)
class Upload:
    """A file that was uploaded and can be read."""

    data: bytes
    name: str
    """A new one for each upload."""
    facts: Facts
    upright: bool
    """Whether it is to be turned as its EXIF data says."""
    beside: DeltaGenerator
    """Where on the page there is room for what concerns it."""


def uploader(page: type) -> Upload | None:
    """The uploader of a page, and the picture that was uploaded here or on another page; None without one."""
    own, key = state(Uploaded), widget(page, "upload")
    label = f"A picture: {READ}, up to {MAX_BYTES // 10**6} MB"
    with st.container(horizontal=True, gap="medium"):
        st.file_uploader(label, key=key, on_change=_take, args=(key,), label_visibility="collapsed", width=340)
        beside = st.container(gap="small", width="stretch")
    with beside, st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = st.container(width="stretch")
        if own.data is None:
            st.button("Try a sample", key=widget(page, "sample"), on_click=_take_sample)
    kept = "kept on this server for this visit only"
    if own.data is None:
        words.caption(f"{label}, {kept}")
        return None
    try:
        facts = made(own.data, uploads.facts)
        with beside:
            upright = not facts.turned or _tick("Turned upright, as its EXIF data says", page, "upright", default=True)
        facts = made(own.data, uploads.facts, upright=upright)
    except ImageError as problem:
        words.caption(kept.capitalize())
        beside.error(str(problem), icon=":material/broken_image:")
        return None
    remarks = [remark for remark in facts.remarks if remark != TURNED]
    words.caption("; ".join([f"{own.title}: {facts.width:,} × {facts.height:,} pixels", *remarks, kept]))
    return Upload(own.data, own.name, facts, upright, beside)


def prepared(upload: Upload, source: Source, page: type) -> Prepared:
    """The picture as the network sees it, with a tick for each step of its preparation."""
    with upload.beside:
        return _prepared(upload, source, page)


def _prepared(upload: Upload, source: Source, page: type) -> Prepared:
    own = state(Uploaded)
    if upload.facts.blank:
        st.warning("The picture is one even colour: there is nothing in it to compress.", icon=":material/info:")
        return _made(upload, prepare_whole, inverted=False)
    proposed = _made(upload, source.prepare, square=own.square)
    with st.container(horizontal=True, gap="medium"):
        inverted = _tick(
            "Inverted",
            page,
            f"invert_{source.name}",
            default=proposed.is_inverted,
            help="Light and dark exchanged: the network has learned light things on black.",
        )
        cut_out = bool(source.label) and _tick(
            f"Cut out and centred as {source.label} did",
            page,
            f"cut_out_{source.name}",
            default=proposed.is_cut_out,
            help="Off: the whole picture, scaled into 28×28 pixels.",
        )
        if own.square is not None:
            st.button("The whole picture again", key=widget(page, "whole"), on_click=_forget_square)
    thing = 0
    if cut_out and len(proposed.boxes) > 1:
        numbers = list(range(1, len(proposed.boxes) + 1))
        thing = choice("Which of them", numbers, default=1, key=widget(page, "thing", upload.name, source.name)) - 1
    result = _made(
        upload,
        source.prepare,
        inverted=None if inverted == proposed.is_inverted else inverted,
        cut_out=None if cut_out == proposed.is_cut_out else cut_out,
        thing=thing,
        square=own.square,
    )
    if result.remark:
        st.caption(result.remark)
    if result.remark and len(result.boxes) < 2 and upload.facts.colour:
        compress = st.Page(lambda: None, title="Compress", url_path="compress")  # Streamlit looks at the path
        st.page_link(compress, label="This looks like a photograph: Compress keeps photographs of any size.")
    return result


def shown(upload: Upload, result: Prepared) -> dict[str, Any]:
    """What the browser shows of a picture: a small JPEG as a data URL, its size, and the square of it that is taken."""
    own, facts = state(Uploaded), upload.facts
    side = max(facts.width, facts.height)
    square = own.square
    if square is None and result.is_cut_out and result.boxes:
        square = _around(result.boxes[result.taken])
    if square is None:
        square = (facts.width - side) // 2, (facts.height - side) // 2, side
    return {
        "url": f"data:image/jpeg;base64,{b64encode(_jpeg(made(upload.data, _small, upright=upload.upright))).decode()}",
        "of": upload.name,
        "size": [facts.width, facts.height],
        "square": square,
    }


def shown_small(image: np.ndarray) -> dict[str, Any]:
    """What the browser shows of a picture uint8 (28, 28) that is taken as it is."""
    large = image.repeat(4, 0).repeat(4, 1)
    return {
        "url": f"data:image/png;base64,{b64encode(to_png(large)).decode()}",
        "of": "",
        "size": [28, 28],
        "square": None,
    }


def take_square(reported: object) -> None:
    """Keep the square that the browser reports for the picture that is there; ignore anything else."""
    own = state(Uploaded)
    match reported:
        case {"of": own.name, "square": [int(left), int(top), int(side)]} if side > 0:
            own.square = left, top, side


def _take(key: str) -> None:
    file = held(key)
    put(Uploaded() if file is None else Uploaded(file.getvalue(), file.file_id, file.name))


def _take_sample() -> None:
    put(Uploaded(biro_on_paper(), "sample", "A digit on paper"))


def _forget_square() -> None:
    own = state(Uploaded)
    own.square = None
    own.name += "+"  # what the browser has reported of it is of another picture from now on


def _tick(label: str, page: type, name: str, *, default: bool, help: str | None = None) -> bool:
    """A tick box that keeps for this picture what it was set to, on all pages."""
    own = state(Uploaded)
    ticked = st.checkbox(label, value=own.ticks.get(name, default), key=widget(page, name, own.name), help=help)
    if ticked != default or name in own.ticks:
        own.ticks[name] = ticked
    return ticked


def _made(
    upload: Upload,
    how: Preparation,
    *,
    inverted: bool | None = None,
    cut_out: bool | None = None,
    thing: int = 0,
    square: tuple[int, int, int] | None = None,
) -> Prepared:
    return made(upload.data, _prepare, how, inverted, cut_out, thing, square, upright=upload.upright)


def _prepare(
    picture: Picture,
    how: Preparation,
    inverted: bool | None,
    cut_out: bool | None,
    thing: int,
    square: tuple[int, int, int] | None,
) -> Prepared:
    pixels = picture.pixels
    if square is not None:
        left, top, side = square
        part = pixels[max(0, top) : max(0, top + side), max(0, left) : max(0, left + side)]
        pixels = part if part.size else pixels
    return how(pixels, inverted=inverted, cut_out=cut_out, thing=thing)


def _around(box: Box) -> tuple[int, int, int]:
    """Left, top and side of the smallest square around a box."""
    top, left, bottom, right = box
    side = max(bottom - top, right - left)
    return (left + right - side) // 2, (top + bottom - side) // 2, side


def _small(picture: Picture) -> np.ndarray:
    image = Image.fromarray(picture.pixels)
    image.thumbnail((PREVIEW, PREVIEW))
    return np.asarray(image)


def _jpeg(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=85)
    return file.getvalue()
