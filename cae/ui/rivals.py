"""The picture as JPEG, WebP and PNG beside the .cae file."""

import numpy as np
import streamlit as st

from cae import picture_codecs
from cae.comparison import Rival, rival
from cae.trial import Compressed, Trial
from cae.ui import stages
from cae.ui.components.picture_grid import Column, Group, Row, grey, picture_grid

NAMES = {"JPEG": "JPEG", "WEBP": "WebP"}


def section(trial: Trial, made: Compressed) -> None:
    """Pictures side by side, at equal bytes or at the fewest that the others can do."""
    whole = [rival(trial.picture, codec, len(made.data), headers=True) for codec in NAMES]
    bare = [rival(trial.picture, codec, made.payload, headers=False) for codec in NAMES]
    png = len(picture_codecs.encode(np.rint(trial.picture * 255).astype(np.uint8), "PNG"))
    st.markdown("#### The same picture in as many bytes")
    st.markdown(f"{whole_sentence(whole, len(made.data))} {bare_sentence(bare, made.payload)}")
    groups = [
        _group("original", "", trial.picture, f"{png:,} bytes", "PNG, no loss"),
        _group("this codec", stages.DECODER, made.picture, f"{len(made.data):,} bytes", _decibels(made)),
    ]
    groups += [
        _group(NAMES[each.codec], "", each.picture, f"{each.counted_bytes:,} bytes", _decibels(each)) for each in whole
    ]
    groups += [
        _group(f"{NAMES[each.codec]}, no headers", "", each.picture, f"{each.counted_bytes:,} bytes", _decibels(each))
        for each in bare
    ]
    picture_grid(groups, key="rivals", width=155)


def whole_sentence(found: list[Rival], budget: int) -> str:
    """Who can make a whole file of so few bytes."""
    large = [each for each in found if not each.fits]
    if not large:
        return f"Whole files of at most **{budget:,} bytes**."
    words = f"{_names(large)} cannot make a file of **{budget:,} bytes**"
    if all(each.header_bytes > budget for each in large):
        sizes = " and ".join(f"{each.header_bytes:,}" for each in large)
        words += f": {'its headers' if len(large) == 1 else 'their headers'} alone take {sizes}"
    return f"{words}. What you see is the least that {'it' if len(large) == 1 else 'they'} can do."


def bare_sentence(found: list[Rival], budget: int) -> str:
    """Who can do it where headers do not count."""
    words = f"“No headers” counts coded pixels alone, not even tables, against the **{budget:,} bytes** of our payload"
    large = [each for each in found if not each.fits]
    return f"{words}; {_names(large)} cannot do that either." if large else f"{words}."


def _names(found: list[Rival]) -> str:
    return " and ".join(NAMES[each.codec] for each in found)


def _group(title: str, colour: str, picture: np.ndarray, *words: str) -> Group:
    caption = " · ".join(words)
    return Group([Row([grey(picture, f"{title}: {caption}")], caption)], columns=(Column(title, colour),))


def _decibels(answer: Rival | Compressed) -> str:
    psnr = answer.distortion.psnr
    return f"{psnr:.1f} dB" if np.isfinite(psnr) else "no loss"
