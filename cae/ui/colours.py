"""One colour for each stage of the network, the same in panels, funnels and charts, readable on light and dark."""

ENCODER = "#3b82f6"
LATENT = "#a855f7"
DECODER = "#10a37f"
DENOISER = "#f08c1a"
