"""The network over pictures of any size: window after window, each with enough around it to be as in the whole picture.

A window covers at most 128×128 latent values, 512×512 pixels; in the background 48×48, 192×192 pixels: a step that
keeps others from their turn no longer than a batch of drawings does. The smaller the windows, the more work is done
twice, since they overlap: a seventh more in those of 192×192 pixels, half as much again in those of 128×128.

Of a window's answer only what lies further from its edges than the network sees is kept, but at the picture's own
edges, where the window ends as the picture does. All windows of a large picture have one shape, since a backend may
compile anew for each.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cae.engine.client import Engine
from cae.model.specification import DECODER, ENCODER, SCALE, Layer, input_span
from cae.progress import Advance, silent

SIDE, BACKGROUND_SIDE = 128, 48
"""The most latent values in a row or a column of a window."""


def reach(layers: tuple[Layer, ...], outputs: int, inputs: int) -> int:
    """How far the first `outputs` outputs of a network see beyond the first `inputs` inputs, in a row or a column."""
    first, last = input_span(layers, 0, outputs - 1)
    return max(-first, last - (inputs - 1))


ENCODER_HALO = -(-reach(ENCODER, 1, SCALE) // SCALE)
DECODER_HALO = reach(DECODER, SCALE, 1)
"""Latent values around a window's answer that are not kept."""


@dataclass(frozen=True)
class Span:
    """A window along one axis: where it lies, and what of its answer is kept."""

    start: int
    stop: int
    first: int
    last: int

    def window(self, scale: int) -> slice:
        """Where the window lies, in units of which a latent value has `scale`."""
        return slice(self.start * scale, self.stop * scale)

    def kept(self, scale: int) -> slice:
        """Where what is kept belongs."""
        return slice(self.first * scale, self.last * scale)

    def within(self, scale: int) -> slice:
        """What of the window's answer is kept."""
        return slice((self.first - self.start) * scale, (self.last - self.start) * scale)


def spans(length: int, halo: int, side: int) -> Iterator[Span]:
    """Windows of `side` values, or of all, that cover `length` values, each kept from one window.

    >>> [(span.start, span.stop, span.first, span.last) for span in spans(10, halo=1, side=6)]
    [(0, 6, 0, 5), (4, 10, 5, 10)]
    """
    first = 0
    while first < length:
        start = max(0, min(first - halo, length - side))
        stop = min(start + side, length)
        last = length if stop == length else stop - halo
        yield Span(start, stop, first, last)
        first = last


def windows(height: int, width: int, halo: int, most: int) -> Iterator[tuple[Span, Span]]:
    """Rows and columns of the windows over height × width latent values: one, if that is no more than one has."""
    if height * width <= most**2:
        yield Span(0, height, 0, height), Span(0, width, 0, width)
        return
    for rows in spans(height, halo, side_of(height, halo, most)):
        for columns in spans(width, halo, side_of(width, halo, most)):
            yield rows, columns


def side_of(length: int, halo: int, most: int) -> int:
    """The shortest side of windows that cover `length` values in as few as windows of `most` do.

    The last of windows of `most` would lie upon most of the one before, and little of its answer be kept.
    """
    count = max(1, _divided(length - 2 * halo, most - 2 * halo))
    return _divided(length + 2 * halo * (count - 1), count)


def _divided(value: int, by: int) -> int:
    """Rounded up."""
    return -(-value // by)


def _side(engine: Engine) -> int:
    return BACKGROUND_SIDE if engine.in_background else SIDE


def encode(engine: Engine, network: str, pictures: np.ndarray, advance: Advance = silent) -> np.ndarray:
    """Pictures → latents float32 (N, h, w, 1).

    Args:
        pictures: uint8 (N, H, W), with H and W multiples of 4.
        advance: counts latent values.
    """
    count, height, width = (len(pictures), *(side // SCALE for side in pictures.shape[1:]))
    latents = np.empty((count, height, width, 1), np.float32)
    for rows, columns in windows(height, width, ENCODER_HALO, _side(engine)):
        window = pictures[:, rows.window(SCALE), columns.window(SCALE)]
        answer = engine.encode(network, window)[:, rows.within(1), columns.within(1)]
        latents[:, rows.kept(1), columns.kept(1)] = answer
        advance(answer.size)
    return latents


def decode(engine: Engine, network: str, latents: np.ndarray, advance: Advance = silent) -> np.ndarray:
    """Latents float32 (N, h, w, 1) → pictures uint8 (N, 4·h, 4·w); `advance` counts latent values."""
    count, height, width, _ = latents.shape
    pictures = np.empty((count, SCALE * height, SCALE * width), np.uint8)
    for rows, columns in windows(height, width, DECODER_HALO, _side(engine)):
        answer = engine.decode(network, latents[:, rows.window(1), columns.window(1)])
        kept = answer[:, rows.within(SCALE), columns.within(SCALE)]
        pictures[:, rows.kept(SCALE), columns.kept(SCALE)] = kept
        advance(kept.size // SCALE**2)
    return pictures
