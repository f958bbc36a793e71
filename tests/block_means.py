"""A network's stand-in: a latent is the sum of a 4×4 block, less 8, and a block comes back as its mean."""

import numpy as np

from cae.imaging.pixels import quantise


class BlockMeans:
    """Answers as `cae.engine.client.Engine` does."""

    in_background = False

    def __init__(self, *_, **__) -> None:
        self.asked = []

    def encode(self, model: str, pictures: np.ndarray) -> np.ndarray:
        assert pictures.dtype == np.uint8
        self.asked.append(model)
        count, height, width = pictures.shape
        blocks = (pictures / np.float32(255)).reshape(count, height // 4, 4, width // 4, 4)
        return (blocks.sum((2, 4)) - 8)[..., np.newaxis].astype(np.float32)

    def decode(self, model: str, latents: np.ndarray) -> np.ndarray:
        self.asked.append(model)
        return quantise((latents[..., 0] + 8) / 16).repeat(4, 1).repeat(4, 2)

    def close(self) -> None:
        pass
