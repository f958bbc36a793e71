"""The picture as JPEG, WebP, AVIF and PNG beside the .cae file."""

import numpy as np
import streamlit as st

from cae.evaluation.rate_table import listed
from cae.evaluation.standard_codecs import LOSSY, NAMES, Reference, avif_speed
from cae.ui import colours
from cae.ui.components.picture_grid import Column, Group, Row, is_smooth, picture, picture_grid
from cae.ui.pages.compress.study import WHOLE, Study


def section(study: Study) -> None:
    """Pictures side by side, at equal bytes or at the fewest that the reference codecs can do."""
    result, size = study.result, len(study.result.data)
    before, after, speed = result.before[WHOLE], result.after[WHOLE], avif_speed(result.pixels)
    st.markdown("## The same picture in as many bytes")
    st.markdown(
        f"{whole_files(study.references, size)} {without_headers(study.references, result.payload)} "
        + (f"AVIF is libaom's, at speed {speed} of 10." if "AVIF" in LOSSY else "This server's Pillow makes no AVIF.")
    )
    groups = [
        _group("original", "", before, f"{study.png:,} bytes", "PNG, no loss"),
        _group("this codec", colours.DECODER, after, f"{size:,} bytes", _decibels(result.distortion.psnr)),
        *(
            _group(NAMES[each.name], "", each.decoded, f"{len(each.data):,} bytes", _decibels(each.distortion.psnr))
            for each in study.references
        ),
    ]
    smooth = is_smooth(before)
    picture_grid(groups, key="references", width=210 if smooth else 150, smooth=smooth)


def whole_files(references: tuple[Reference, ...], size: int) -> str:
    """Which reference codecs can make a whole file of so few bytes."""
    large = [each for each in references if len(each.data) > size]
    if not large:
        return f"The best that each can do in a file of at most **{size:,} bytes**."
    one = len(large) == 1
    words = f"{listed([NAMES[each.name] for each in large])} cannot make a file of **{size:,} bytes**"
    headers = [len(each.data) - each.payload for each in large]
    if min(headers) > size:
        words += f": {'its' if one else 'their'} headers alone take {listed([f'{header:,}' for header in headers])}"
    return f"{words}. What you see is the least that {'it' if one else 'they'} can do."


def without_headers(references: tuple[Reference, ...], payload: int) -> str:
    """What the coded pixels alone take."""
    sizes = listed([f"{each.payload:,} in the {NAMES[each.name]}" for each in references])
    return f"Without headers and tables, the pixels alone take {sizes}, and **{payload:,} bytes** in ours."


def _group(title: str, colour: str, pixels: np.ndarray, *words: str) -> Group:
    caption = " · ".join(words)
    return Group([Row([picture(pixels, f"{title}: {caption}")], caption)], columns=(Column(title, colour),))


def _decibels(psnr: float) -> str:
    return f"{psnr:.1f} dB" if np.isfinite(psnr) else "no loss"
