"""The methods that `rate_distortion` compares: each codes a batch of grey pictures, uint8 (N, H, W), at some settings.

A method yields a `Sample` at each setting. Its rates, as from `rates`, stand in it as "bytes" a picture and "bpp" (bits
per pixel); where whole files are counted beside coded pixels alone, theirs have "file_" in front.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import numpy as np
from PIL import Image

from cae.codec import compression
from cae.codec.codec import Codec
from cae.codec.fitting import Fitted
from cae.codec.round_trip import RoundTrip
from cae.engine.client import Engine
from cae.evaluation import standard_codecs
from cae.evaluation.baselines import PCA
from cae.evaluation.klt import KLT
from cae.imaging.pixels import quantise
from cae.model.cores import usable_cores
from cae.model.specification import SCALE

CHECKED = 512
"""So many images go through the network a second time, straight from the quantiser, to compare with decode(encode)."""
SINGLE_FILES = 200
"""So many images of an archive are also written as files of their own, at each quality."""

Given = TypeVar("Given")
Coded = TypeVar("Coded")

Sample = tuple[dict, dict, np.ndarray]
"""A setting, its rates and other figures as means over the pictures, and the decoded pictures, uint8 (N, H, W)."""


def rates(size: float, pictures: np.ndarray, prefix: str = "") -> dict[str, float]:
    """Bytes of all pictures → bytes a picture, and bits per pixel."""
    return {f"{prefix}bytes": size / len(pictures), f"{prefix}bpp": 8 * size / pictures.size}


def archive(engine: Engine, codec: Codec, images: np.ndarray, qualities: Sequence[int]) -> Iterator[Sample]:
    """The model's codec, all images in one archive.

    "exact" tells that the archive's symbols are those that were written, and that its first pictures equal those of the
    network with the quantised latents put straight into its decoder.
    """
    latents: dict[compression.Makers, list[Fitted]] = {}
    for quality in qualities:
        header = codec.header(quality, *images.shape[1:], count=len(images))
        makers = compression.makers(codec, header)
        if makers not in latents:
            latents[makers] = compression.encode(engine, codec, header, [images])
        encoded = codec.encode(header, latents[makers])
        [written] = encoded.symbols
        _, (read,) = codec.read(encoded.data)
        decoded = compression.reconstruct(engine, codec, header, [read])
        straight = compression.reconstruct(engine, codec, header, [written[:CHECKED]])
        single = codec.header(quality, *images.shape[1:])
        files = [codec.write(single, [symbols[np.newaxis]]) for symbols in written[:SINGLE_FILES]]
        exact = np.array_equal(read, written) and np.array_equal(straight, decoded[:CHECKED])
        yield _coded(codec, quality, images, len(encoded.payload), encoded.bits[0], files, exact, decoded)


def round_trip(engine: Engine, codec: Codec, picture: np.ndarray, qualities: Sequence[int]) -> Iterator[Sample]:
    """The model's codec, a batch of one picture as a file of its own.

    "exact" tells that the file gives the very picture that the network had made of its symbols.
    """
    trip = RoundTrip(engine, codec, picture[0])
    for quality in qualities:
        made = trip.at(quality)
        exact = np.array_equal(compression.decompress(engine, codec, made.data), made.decoded)
        decoded = made.decoded[np.newaxis]
        yield _coded(codec, quality, picture, made.payload, made.luma_bits, [made.data], exact, decoded)


def files(name: str, coded: Callable[[bytes], int], images: np.ndarray, qualities: Sequence[int]) -> Iterator[Sample]:
    """JPEG, WebP or AVIF, each picture a file, of which `coded` tells the bytes that count as the rate."""

    def encoded(quality: int) -> list[bytes]:
        return [standard_codecs.encode(image, name, quality) for image in images]

    for quality, data in at_once(encoded, qualities):
        figures = rates(sum(map(coded, data)), images) | rates(sum(map(len, data)), images, "file_")
        yield {"quality": quality}, figures, np.stack([standard_codecs.decode(file) for file in data])


def mosaic(name: str, images: np.ndarray, qualities: Sequence[int]) -> Iterator[Sample]:
    """JPEG, WebP or AVIF, all pictures in one large picture."""
    whole = standard_codecs.mosaic(images)
    for quality, file in at_once(partial(standard_codecs.encode, whole, name), qualities):
        decoded = standard_codecs.pieces(standard_codecs.decode(file), *images.shape)
        yield {"quality": quality}, rates(len(file), images), decoded


def at_once(encode: Callable[[Given], Coded], all_given: Sequence[Given]) -> Iterator[tuple[Given, Coded]]:
    """All that is given, each with what `encode` makes of it, in threads: Pillow's encoders release the interpreter."""
    threads = ThreadPoolExecutor(usable_cores())
    try:
        yield from zip(all_given, threads.map(encode, all_given), strict=True)
    finally:
        threads.shutdown(cancel_futures=True)  # whoever interrupts does not wait for those to come


def klt(pca: PCA, codes: np.ndarray, images: np.ndarray, steps: Sequence[float]) -> Iterator[Sample]:
    """Linear transform coding with the PCA's components, its tables fitted on the training images' codes."""
    for step in steps:
        fitted = KLT.fit(pca, codes, step)
        payload = fitted.encode(images)
        yield {"step": step}, rates(len(payload), images), quantise(fitted.decode(payload, len(images))[..., 0])


def principal_components(pca: PCA, images: np.ndarray, components: Sequence[int]) -> Iterator[Sample]:
    """The first so many components, neither quantised nor coded."""
    for count in components:
        first = pca.first(count)
        yield {"components": count}, {}, quantise(first.decode(first.encode(images))[..., 0])


def block_means(pictures: np.ndarray, steps: Sequence[int]) -> Iterator[Sample]:
    """The plainest codec of as many values: each 4×4 block's mean in few levels, enlarged bicubically.

    The rate is the empirical entropy of the levels, each on its own (order 0), the levels' frequencies not counted.

    Args:
        pictures: uint8 (1, H, W).
        steps: from one level to the next, in greys of 255.
    """
    [picture] = pictures
    height, width = picture.shape
    padded = np.pad(picture, ((0, -height % SCALE), (0, -width % SCALE)), "edge")
    means = padded.reshape(padded.shape[0] // SCALE, SCALE, padded.shape[1] // SCALE, SCALE).mean((1, 3))
    for step in steps:
        levels = np.rint(means / step)
        _, counts = np.unique(levels, return_counts=True)
        bits = float(-(counts * np.log2(counts / levels.size)).sum())
        small = Image.fromarray((levels * step).astype(np.float32))
        large = np.asarray(small.resize(padded.shape[::-1], Image.Resampling.BICUBIC))[:height, :width]
        yield {"step": step}, rates(bits / 8, pictures), quantise(large / 255)[np.newaxis]


def _coded(
    codec: Codec,
    quality: int,
    pictures: np.ndarray,
    payload: int,
    bits: float,
    files: list[bytes],
    exact: bool,
    decoded: np.ndarray,
) -> Sample:
    """What this codec yields; `bits` are those expected of the context model, `files` those of the first pictures."""
    setting = codec.setting(quality)
    figures = rates(payload, pictures) | rates(bits / 8, pictures, "estimated_") | {"exact": exact}
    figures |= rates(sum(map(len, files)), pictures[: len(files)], "file_")
    return {"quality": quality, "variant": setting.variant, "step": setting.step / 1024}, figures, decoded
