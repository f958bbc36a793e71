"""A trained model for other programs: encode, decode, denoise, compress and open pictures.

`cae.load` returns one. A grey picture is uint8 (H, W), a picture in colour is RGB uint8 (H, W, 3), both of any size.
"""

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from cae.codec.codec import Codec
from cae.codec.compression import decompress
from cae.codec.round_trip import Coded, RoundTrip
from cae.data import sources
from cae.engine import tiling
from cae.engine.client import Engine
from cae.model import store
from cae.model.specification import SCALE


def load(model: str | Path = store.DEFAULT) -> "TrainedModel":
    """The model of that name (`mnist`, `fashion_mnist`, `photos`, `runs/NAME`), or in that folder.

    Raises:
        PretrainedError: there is no such model, or its manifest cannot be read.
    """
    return TrainedModel(store.find(model))


@dataclass(frozen=True)
class TrainedModel:
    """The networks and the codec of a model folder.

    A process of its own holds the networks. It starts with the first picture and ends with the program; models of the
    same folder of models share it. All methods raise `EngineError` where the network gave no output, and `ValueError`
    for an array that is no picture or no latent.
    """

    files: store.Pretrained

    @cached_property
    def codec(self) -> Codec:
        """The codec. Raises `CodecError` where the model has none, `PretrainedError` where its files were altered."""
        return Codec.load(self.files)

    @property
    def engine(self) -> Engine:
        """The process that holds the networks."""
        return _engine(self.files.folder.parent)

    def encode(self, picture: np.ndarray) -> np.ndarray:
        """Grey pictures uint8 (…, H, W) → latents float32 (…, ⌈H/4⌉, ⌈W/4⌉)."""
        latents = tiling.encode(self.engine, self.files.network(), _padded(picture))
        return latents.reshape(*picture.shape[:-2], *latents.shape[1:3])

    def decode(self, latent: np.ndarray) -> np.ndarray:
        """Latents float (…, h, w) → grey pictures uint8 (…, 4·h, 4·w)."""
        if latent.ndim < 2:
            raise ValueError(f"A latent has the shape (h, w), not {latent.shape}.")
        pictures = tiling.decode(self.engine, self.files.network(), latent.reshape(-1, *latent.shape[-2:], 1))
        return pictures.reshape(*latent.shape[:-2], *pictures.shape[1:])

    def denoise(self, picture: np.ndarray) -> np.ndarray:
        """Grey pictures → their denoised reconstructions, uint8 of the same shape.

        Raises:
            PretrainedError: the model has no denoiser.
        """
        if not self.files.has_denoiser:
            command = sources.training_command("train-denoiser", sources.of(self.files), self.files.folder)
            raise store.PretrainedError(f"The model {self.files.name} has no denoiser; {command} trains one.")
        denoised = self.engine.run(self.files.network(), _padded(picture)).denoised
        assert denoised is not None
        height, width = picture.shape[-2:]
        return denoised[:, :height, :width].reshape(picture.shape)

    def compress(self, picture: np.ndarray, quality: int = 7) -> Coded:
        """Code a grey or a colour picture at a quality from 1 to 10; only a codec of photographs keeps colour.

        Returns:
            the .cae file as `data`, the picture that it decodes to as `decoded`, and the `distortion` between both.

        Raises:
            CodecError: the model has no codec, the picture is too large, or there is no such quality.
        """
        if picture.dtype != np.uint8 or picture.shape[2:] not in ((), (3,)) or 0 in picture.shape or picture.ndim < 2:
            raise ValueError(f"A picture is uint8 (H, W) or (H, W, 3), not {picture.dtype} {picture.shape}.")
        return RoundTrip(self.engine, self.codec, picture).at(quality)

    def open(self, data: bytes) -> np.ndarray:
        """Decode a .cae file: its grey or colour picture, or the pictures uint8 (N, H, W) of an archive.

        Raises:
            CodecError: it is no .cae file, is damaged, or was written with another model.
        """
        return decompress(self.engine, self.codec, data)


def _padded(picture: np.ndarray) -> np.ndarray:
    """Grey pictures uint8 (…, H, W) → (N, H, W) with sides that are multiples of 4: the last pixels are repeated."""
    if picture.dtype != np.uint8 or picture.ndim < 2 or 0 in picture.shape or picture.ndim == 3 == picture.shape[-1]:
        raise ValueError(f"A grey picture is uint8 (H, W), not {picture.dtype} {picture.shape}.")
    height, width = picture.shape[-2:]
    padding = ((0, 0), (0, -height % SCALE), (0, -width % SCALE))
    return np.pad(picture.reshape(-1, height, width), padding, "edge")


@cache
def _engine(root: Path) -> Engine:
    return Engine(root, time_limit=60.0)
