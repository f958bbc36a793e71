"""A compressed picture: before and after, what its file costs, and the file."""

import math

import numpy as np
import streamlit as st

from cae.imaging.metrics import Distortion
from cae.ui.charts import error
from cae.ui.components.file_view import file_view
from cae.ui.components.wipe import wipe
from cae.ui.controls import choice
from cae.ui.pages.compress.study import WHOLE, Result
from cae.ui.state import Compress, widget


def before_and_after(before: dict[str, np.ndarray], found: Result | None, ask: str = "") -> str:
    """The picture before compression and, if there is a file already, what the file decodes to.

    Args:
        before: the picture as `study.views` gives it.
        found: the file and its picture.
        ask: returned once the pen rests.
    """
    view = WHOLE
    if len(before) > 1:
        key = widget(Compress, "view")
        view = choice("What is shown", list(before), key=key, default=view)
    words = (f"The picture before compression: {view}" if len(before) > 1 else "The picture before compression", "")
    if found is None:
        wipe(before[view], None, words, key="wipe")
        st.caption("Before compression.  \n\u00a0", text_alignment="center")  # as many lines as will be there
        return ""
    said = figures(found.distortion)
    words = words[0], f"The picture from the file, quality {found.quality}: {', '.join(said)}"
    asked = wipe(before[view], found.after[view], words, key="wipe", ask=ask)
    st.caption(f"Quality {found.quality}: " + "  \n".join(said), text_alignment="center")
    return asked


def facts(shape: tuple[int, ...], found: Result | None) -> None:
    """What the file of a picture of this shape costs; before there is one, as much room for it."""
    size, payload = "–", "Not compressed yet."
    share = rate = "–"
    if found:
        size, share, rate = f"{len(found.data):,} bytes", *_shares(shape, len(found.data))
        payload = f"{found.payload:,} bytes of payload and {len(found.data) - found.payload} around it. "
        payload += "The payload alone: {}, {} bits per pixel.".format(*_shares(shape, found.payload))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.metric("The file", size, width="content")
        st.metric(f"Of {math.prod(shape):,} bytes", share, width="content")
        st.metric("Bits per pixel", rate, width="content")
    st.caption(payload)


def _shares(shape: tuple[int, ...], size: int) -> tuple[str, str]:
    """So many bytes as a share of the picture's, and in bits per pixel."""
    return percent(size / math.prod(shape)), f"{8 * size / math.prod(shape[:2]):.3f}"


def file(found: Result) -> None:
    """The file's bytes and what they are for, and a button that saves it."""
    file_view(found.data, key="file_view")
    st.download_button(
        "Download the file",
        found.data,
        f"picture-quality-{found.quality}.cae",
        "application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
    )


def figures(distortion: Distortion) -> list[str]:
    """A distortion in plain words, and as MSE, PSNR and SSIM."""
    if not distortion.mse:
        return ["no difference"]
    similarity = "" if distortion.ssim is None else f" · SSIM {distortion.ssim:.3f}"
    return [
        f"typically off by {percent(math.sqrt(distortion.mse))} of full brightness",
        f"MSE {error(distortion.mse)} · PSNR {distortion.psnr:.1f} dB{similarity}",
    ]


def percent(share: float) -> str:
    """A share in three significant figures."""
    value = 100 * share
    return f"{value:,.0f}\u00a0%" if value >= 100 else f"{value:#.3g}\u00a0%"
