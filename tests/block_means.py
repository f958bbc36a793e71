"""A network's stand-in: a latent is the sum of a 4×4 block, less 8, and a block comes back as its mean."""

import numpy as np


class BlockMeans:
    """Answers as `cae.engine.client.Engine` does."""

    in_background = False

    def __init__(self, *_, **__) -> None:
        self.asked = []

    def encode(self, model: str, images: np.ndarray) -> np.ndarray:
        assert images.dtype == np.float32
        assert images.ndim == 4
        self.asked.append(model)
        count, height, width, _ = images.shape
        blocks = images.reshape(count, height // 4, 4, width // 4, 4)
        return (blocks.sum((2, 4)) - 8)[..., np.newaxis].astype(np.float32)

    def decode(self, model: str, latents: np.ndarray) -> np.ndarray:
        self.asked.append(model)
        return np.clip((latents + 8) / 16, 0, 1).repeat(4, 1).repeat(4, 2).astype(np.float32)

    def close(self) -> None:
        pass
