"""Where the compression page's picture comes from: the drawing pad, an example, or a file."""

import numpy as np
import streamlit as st
from PIL import Image

from cae.imaging.examples import Examples
from cae.imaging.pixels import quantise
from cae.imaging.preprocessing import fit_square, invert, is_blank, is_light_background, stretch_contrast
from cae.imaging.strokes import rasterise
from cae.ui import resources
from cae.ui.components.drawing_pad import drawing_pad
from cae.ui.state import Compression, widget

MOST_PIXELS = 250_000
"""Of a picture that is compressed as it is."""
FIT, AS_IT_IS = "Fitted to 28×28", "As it is, in grey"


def drawn(examples: Examples) -> np.ndarray | None:
    """What is on the pad, fitted, float32 (28, 28) in steps of 1/255; None where it is empty."""
    ink = rasterise(drawing_pad())
    return None if is_blank(ink) else _eight_bits(examples.fit(ink))


def uploaded(examples: Examples) -> np.ndarray | None:
    """A visitor's picture, float32 (H, W) in steps of 1/255; None where there is none yet, or none that can be read."""
    file = st.file_uploader("A picture: PNG, JPEG, WebP, BMP or GIF, up to 10 MB", key=widget(Compression, "upload"))
    if file is None:
        return None
    picture = resources.picture(file.getvalue(), True)
    if isinstance(picture, str):
        st.error(picture, icon=":material/broken_image:")
        return None
    width, height = picture.image.size
    remarks = [f"{width:,} × {height:,} pixels", *picture.remarks]
    how = st.radio(
        "How it is compressed", [FIT, AS_IT_IS], key=widget(Compression, "how"), label_visibility="collapsed"
    )
    if how == AS_IT_IS:
        pixels = at_most(picture.image.convert("L"), MOST_PIXELS)
        if pixels.shape != (height, width):
            remarks.append(f"made smaller, to {pixels.shape[1]:,} × {pixels.shape[0]:,}")
        st.caption("; ".join(remarks))
        st.caption("The network has learned from small pictures of one kind only: of others it makes what it can.")
        return pixels
    st.caption("; ".join(remarks))
    return _fitted(picture.grey(), examples, file.file_id)


def _fitted(pixels: np.ndarray, examples: Examples, name: str) -> np.ndarray:
    """Cut out and centred as the training images are."""
    if is_blank(pixels):
        st.warning("The picture is one even grey: there is little in it to compress.", icon=":material/info:")
        return _eight_bits(fit_square(pixels))
    if st.checkbox(
        "Light and dark exchanged",
        value=is_light_background(pixels),
        key=widget(Compression, "invert", name),
        help="The network has learned light things on black.",
    ):
        pixels = invert(pixels)
    fitted = examples.fit(stretch_contrast(pixels))
    return _eight_bits(fit_square(pixels) if is_blank(fitted) else fitted)


def at_most(image: Image.Image, pixels: int) -> np.ndarray:
    """A grey picture as float32 (H, W) in steps of 1/255, made smaller where it has more pixels."""
    width, height = image.size
    if width * height > pixels:
        scale = (pixels / (width * height)) ** 0.5
        size = (max(1, int(width * scale)), max(1, int(height * scale)))
        image = image.resize(size, Image.Resampling.LANCZOS)
    return np.asarray(image, np.float32) / np.float32(255)


def _eight_bits(image: np.ndarray) -> np.ndarray:
    return quantise(image).reshape(image.shape[:2]) / np.float32(255)
