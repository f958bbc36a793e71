"""One picture through a codec, at as many qualities as somebody asks for; each is made once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np

from cae.codec import compression
from cae.codec.codec import Codec
from cae.codec.file_format import QUALITIES, unpack
from cae.engine.client import Engine
from cae.imaging import metrics
from cae.imaging.pixels import eight_bits


@dataclass(frozen=True)
class Distortion:
    """How far an answer is from the picture: over [0, 1], in dB (infinite where equal), at most 1."""

    mse: float
    psnr: float
    ssim: float | None
    """None for pictures smaller than its window."""


@dataclass(frozen=True)
class Compressed:
    """A picture as a file, and what comes out of it again."""

    quality: int
    data: bytes
    payload: int
    """Bytes of the file that are neither header nor checksum."""
    picture: np.ndarray
    """What the file gives back, float32 (H, W) in [0, 1]."""
    distortion: Distortion


@dataclass
class Trial:
    """A picture, float32 (H, W) in steps of 1/255, and its files. All methods raise as `codec.compression` does."""

    engine: Engine
    codec: Codec
    picture: np.ndarray
    made: dict[int, Compressed] = field(default_factory=dict)
    """What there is so far, by quality."""
    _latents: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The same for the same picture and codec."""
        return sha256(self.codec.fingerprint + repr(self.picture.shape).encode() + self.picture.tobytes()).hexdigest()

    def at(self, quality: int) -> Compressed:
        """The picture at a quality from 1 to 10."""
        self.make([quality])
        return self.made[quality]

    def make(self, qualities: Iterable[int] = QUALITIES) -> None:
        """Make what is not there yet; one call of the network for all that it can do at once."""
        missing = [quality for quality in qualities if quality not in self.made]
        for network in dict.fromkeys(self.codec.network(quality) for quality in missing):
            self._make(network, [quality for quality in missing if self.codec.network(quality) == network])

    def _make(self, network: str, qualities: list[int]) -> None:
        height, width = self.picture.shape
        if network not in self._latents:
            self._latents[network] = compression.encode(self.engine, self.codec, self.picture[np.newaxis], qualities[0])
        symbols = {quality: self.codec.quantise(self._latents[network], quality) for quality in qualities}
        latents = [self.codec.dequantise(symbols[quality], quality) for quality in qualities]
        answers = eight_bits(self.engine.decode(network, np.concatenate(latents)))[:, :height, :width, 0]
        for quality, answer in zip(qualities, answers, strict=True):
            data = self.codec.write(symbols[quality], quality, height, width)
            self.made[quality] = Compressed(
                quality, data, len(unpack(data)[1]), answer, distortion(self.picture, answer)
            )


def distortion(picture: np.ndarray, answer: np.ndarray) -> Distortion:
    """Of two pictures float32 (H, W) in [0, 1]."""
    pair = picture[np.newaxis, ..., np.newaxis], answer[np.newaxis, ..., np.newaxis]
    ssim = float(metrics.ssim(*pair)[0]) if min(picture.shape) >= metrics.WINDOW else None
    return Distortion(float(metrics.mse(*pair)[0]), float(metrics.psnr(*pair)[0]), ssim)
