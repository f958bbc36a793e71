"""One colour for each stage of the network, the same in panels, funnels and charts, readable on light and dark."""

from functools import cache

import numpy as np
from plotly.colors import sample_colorscale

from cae.imaging.pixels import quantise

ENCODER = "#3b82f6"
LATENT = "#a855f7"
DECODER = "#10a37f"
DENOISER = "#f08c1a"

LATENT_SCALE = "Viridis"
ERROR_SCALE = "RdBu_r"
"""The Plotly colour scales of latents and of errors."""
ERROR_LIMIT = 0.5
"""Error maps always reach from −0.5 to 0.5, so that colours mean the same from picture to picture."""


@cache
def palette(scale: str) -> np.ndarray:
    """256 colours of a Plotly colour scale, uint8 (256, 3)."""
    return quantise(np.array(sample_colorscale(scale, np.linspace(0, 1, 256), colortype="tuple")))
