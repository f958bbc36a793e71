"""The picture as JPEG, WebP and PNG beside the .cae file."""

import numpy as np
import streamlit as st

from cae.codec.round_trip import Compressed, Trial
from cae.evaluation import standard_codecs
from cae.evaluation.comparison import Rival, photo_rival
from cae.imaging.pixels import quantise
from cae.ui import colours
from cae.ui.components.picture_grid import Column, Group, Row, picture, picture_grid

NAMES = {"JPEG": "JPEG", "WEBP": "WebP"}


def section(trial: Trial, made: Compressed) -> None:
    """Pictures side by side, at equal bytes or at the fewest that the others can do."""
    size = len(made.data)
    original = quantise(trial.picture)
    found = [photo_rival(original, name, size) for name in NAMES]
    png = len(standard_codecs.encode(original, "PNG"))
    st.markdown("#### The same picture in as many bytes")
    pictures, words = st.columns([2, 1], gap="large")
    with words:
        st.markdown(f"{whole_files(found, size)}\n\n{without_headers(found, made.payload)}")
    with pictures:
        groups = [
            _group("original", "", original, f"{png:,} bytes", "PNG, no loss"),
            _group(
                "this codec",
                colours.DECODER,
                quantise(made.picture),
                f"{size:,} bytes",
                _decibels(made.distortion.psnr),
            ),
        ]
        picture_grid(groups + _groups(found), key="rivals", width=150)


def photo_section(before: np.ndarray, after: np.ndarray, data: bytes, psnr: float, found: list[Rival]) -> None:
    """The same for a photograph, uint8 (H, W, 3) or (H, W), before and after, and what the others gave."""
    st.markdown("#### The same picture in as many bytes")
    st.markdown(whole_files(found, len(data)))
    groups = [
        _group("original", "", before),
        _group("this codec", colours.DECODER, after, f"{len(data):,} bytes", _decibels(psnr)),
    ]
    picture_grid(groups + _groups(found), key="rivals", width=230, smooth=True)


def whole_files(found: list[Rival], budget: int) -> str:
    """Who can make a whole file of so few bytes."""
    large = [each for each in found if not each.fits]
    if not large:
        return f"The best that each can do in a file of at most **{budget:,} bytes**."
    one = len(large) == 1
    words = f"{_names(large)} cannot make a file of **{budget:,} bytes**"
    if all(each.header > budget for each in large):
        words += f": {'its' if one else 'their'} headers alone take {_and([f'{each.header:,}' for each in large])}"
    return f"{words}. What you see is the least that {'it' if one else 'they'} can do."


def without_headers(found: list[Rival], payload: int) -> str:
    """What the coded pixels alone take."""
    sizes = _and([f"{each.size - each.header:,} in the {NAMES[each.codec]}" for each in found])
    return f"Without headers and tables, the pixels alone take {sizes}, and **{payload:,} bytes** in ours."


def _names(found: list[Rival]) -> str:
    return _and([NAMES[each.codec] for each in found])


def _and(words: list[str]) -> str:
    return " and ".join(words)


def _groups(found: list[Rival]) -> list[Group]:
    return [
        _group(NAMES[each.codec], "", each.picture, f"{each.size:,} bytes", _decibels(each.distortion.psnr))
        for each in found
    ]


def _group(title: str, colour: str, pixels: np.ndarray, *words: str) -> Group:
    caption = " · ".join(words)
    shown = picture(pixels, f"{title}: {caption}" if words else title)
    return Group([Row([shown], caption)], columns=(Column(title, colour),))


def _decibels(psnr: float) -> str:
    return f"{psnr:.1f} dB" if np.isfinite(psnr) else "no loss"
