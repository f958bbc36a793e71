"""A picture to a .cae file and back: at any quality, what the file costs and how far its picture is from the original.

`RoundTrip` serves pictures of any size, a digit of 28×28 as well as a photograph.
"""

import math
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

import numpy as np

from cae.codec import compression
from cae.codec.codec import Codec
from cae.codec.file_format import Header
from cae.codec.fitting import Fitted
from cae.engine.client import Engine
from cae.imaging import colour, metrics
from cae.imaging.metrics import Distortion
from cae.progress import Advance, silent


@dataclass(frozen=True)
class Coded:
    """A picture's file at one quality, and the picture that the file decodes to."""

    picture: np.ndarray
    """What was coded, uint8 (H, W) or (H, W, 3)."""
    quality: int
    data: bytes
    payload: int
    """Bytes of the file that are neither header nor checksum."""
    decoded: np.ndarray
    """uint8 of the picture's shape, as every reader of the file gets it."""
    luma_bits: float
    """What the luma alone costs in the file, in bits; of a grey picture this is all there is."""

    @cached_property
    def mse(self) -> float:
        """Mean squared error, in squared units of [0, 1]."""
        height = len(self.picture)
        return float(metrics.mse(self.picture.reshape(1, height, -1), self.decoded.reshape(1, height, -1))[0])

    @cached_property
    def distortion(self) -> Distortion:
        """Measured when first asked for: SSIM takes about two seconds of a picture of 12 megapixels."""
        return metrics.distortion(self.picture, self.decoded)


@dataclass
class RoundTrip:
    """Codes a picture uint8 (H, W) or (H, W, 3) at any quality; latents and results are kept.

    A codec that keeps only grey codes the luma of a colour picture, which then takes the picture's place here. All
    methods raise as `codec.compression` does.
    """

    engine: Engine
    codec: Codec
    picture: np.ndarray
    results: dict[int, Coded] = field(default_factory=dict)
    """What has been coded so far, by quality."""
    _latents: dict[compression.Makers, list[Fitted]] = field(default_factory=dict)
    """The latents of all planes, by their makers."""

    def __post_init__(self) -> None:
        if not self.codec.keeps_colour:
            self.picture = colour.luma(self.picture)

    @cached_property
    def name(self) -> str:
        """A hash of the model's version and the picture: the same for the same two, in every process."""
        content = f"{self.codec.model.version} {self.picture.shape}".encode()
        return sha256(content + self.picture.tobytes()).hexdigest()

    @property
    def pixels(self) -> int:
        return self.picture.shape[0] * self.picture.shape[1]

    def work(self, quality: int) -> int:
        """What the `advance` of `at` counts up to. Raises `CodecError` for a picture that is too large."""
        if quality in self.results:
            return 0
        header = self._header(quality)
        work = compression.work(self.codec, header, encoded=compression.makers(self.codec, header) in self._latents)
        return work if header.colour else work + math.prod(header.shape)

    def at(self, quality: int, advance: Advance = silent) -> Coded:
        """The picture's file at a quality from 1 to 10 and what it decodes to; `advance` counts up to `work`."""
        if quality not in self.results:
            self.results[quality] = self._code(quality, advance)
        return self.results[quality]

    def _code(self, quality: int, advance: Advance) -> Coded:
        header = self._header(quality)
        parts = self.engine, self.codec, header
        makers = compression.makers(self.codec, header)
        if makers not in self._latents:
            self._latents[makers] = compression.encode(*parts, self._planes, advance)
        encoded, planes = compression.write(*parts, self._planes, self._latents[makers], advance)
        planes = planes or [compression.decode(*parts, 0, encoded.symbols, advance)]
        decoded = compression.joined(encoded.header, planes)
        return Coded(self.picture, quality, encoded.data, len(encoded.payload), decoded, encoded.bits[0])

    @cached_property
    def _planes(self) -> list[np.ndarray]:
        """Those that the file holds, uint8 (1, H, W) each."""
        planes = colour.planes(self.picture) if self.picture.ndim == 3 else [self.picture]
        return [plane[np.newaxis] for plane in planes]

    def _header(self, quality: int) -> Header:
        return self.codec.header(quality, *self.picture.shape[:2], colour=self.picture.ndim == 3)
