"""Reads damaged and hostile pictures, and says what became of them.

    PYTHONPATH=. python tests/mutated_pictures.py --files 100000 --seed 1

Each is a small picture of one of the formats that are read, cut, with bits flipped, with bytes put in, taken out or
repeated, or with its sizes written anew wherever they stand. Anything but a picture or an `ImageError` of one sentence
ends the run, and so does a file that takes longer than the time limit.
"""

import argparse
import faulthandler
import io
import json
import resource
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from cae.imaging.reading import FORMATS, ImageError, read_image

HEIGHT, WIDTH = 61, 83
"""Two numbers that hardly stand in a file but for the size."""
SIZES = (0, 1, 2, 255, 256, 16_383, 16_384, 30_000, 65_535, 10**6, 2**24 - 1, 2**31 - 1, 2**32 - 1)
SECONDS = 20
"""Of a single file, which takes some milliseconds; more means that it hangs."""
EXTRA_MEMORY = 4 * 2**30
"""Of addresses, so that a file that declares a great size does not take the machine's memory."""


def originals() -> Iterator[tuple[str, bytes]]:
    """The formats with files of all kinds of their own: palettes, transparency, animations, compression, 16 bits."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    colour = Image.fromarray(np.stack([3 * x, 4 * y, x + y], -1).astype(np.uint8))
    grey, few, clear = colour.convert("L"), colour.quantize(16), colour.copy()
    clear.putalpha(grey)
    deep, floats = Image.fromarray((x * 700).astype(np.uint16)), Image.fromarray((x / WIDTH).astype(np.float32))
    exif = Image.Exif()
    exif[0x0112] = 6
    moving = {"save_all": True, "append_images": [colour.rotate(90)]}
    variants: dict[str, list[tuple[Image.Image, dict]]] = {
        "PNG": [(colour, {"exif": exif}), (clear, {}), (few, {"transparency": 0}), (grey, {}), (deep, {})],
        "JPEG": [(colour, {"exif": exif}), (grey, {"progressive": True}), (colour.convert("CMYK"), {})],
        "WEBP": [(colour, {"exif": exif}), (clear, {"lossless": True}), (colour, moving)],
        "AVIF": [(colour, {"exif": exif}), (clear, {"quality": 50}), (grey, {}), (colour, moving)],
        "TIFF": [
            *((colour, {"compression": name}) for name in ("tiff_lzw", "jpeg", "packbits", "tiff_adobe_deflate")),
            *((image, {}) for image in (colour, clear, grey, deep, floats)),
        ],
        "BMP": [(colour, {}), (clear, {}), (few, {}), (grey, {})],
        "GIF": [(few, {}), (grey, {}), (colour, moving)],
    }
    assert variants.keys() == set(FORMATS)
    for kind, images in variants.items():
        for image, options in images:
            file = io.BytesIO()
            image.save(file, kind, **options)
            yield kind, file.getvalue()


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """The file with one to three things done to it; half of them near its start, where the headers are."""
    content = bytearray(data)
    for _ in range(rng.integers(1, 4)):
        reach = len(content) if rng.random() < 0.5 else min(len(content), 100)
        at = int(rng.integers(0, reach + 1))
        some = rng.integers(0, 256, rng.integers(1, 9), np.uint8).tobytes()
        match rng.integers(0, 8):
            case 0:
                content[at:at] = some
            case 1:
                del content[at : at + len(some)]
            case 2:
                del content[at + 8 :]
            case 3:
                content[at:at] = content[at : at + 50] * int(rng.integers(1, 20))
            case 4 | 5 | 6:
                _resize(content, rng)
            case _:
                for bit in rng.integers(0, 8 * max(1, reach), len(some)):
                    if bit // 8 < len(content):
                        content[bit // 8] ^= 1 << bit % 8
    return _with_checksums(content) if content.startswith(b"\x89PNG") else bytes(content)


def _resize(content: bytearray, rng: np.random.Generator) -> None:
    """Write a size anew, in one of the places where height or width stand, or these less one, as WebP has them."""
    size = int(rng.choice((HEIGHT, WIDTH, HEIGHT - 1, WIDTH - 1)))
    length, order = int(rng.choice((2, 3, 4))), "big" if rng.random() < 0.5 else "little"
    written = size.to_bytes(length, order)
    places = [at for at in range(len(content)) if content.startswith(written, at)]
    if places:
        at = int(rng.choice(places))
        content[at : at + length] = (int(rng.choice(SIZES)) % 256**length).to_bytes(length, order)


def _with_checksums(content: bytearray) -> bytes:
    """A PNG file whose chunks have the checksums that fit, as who wants to do harm would write them."""
    at = 8
    while at + 12 <= len(content):
        end = at + 8 + int.from_bytes(content[at : at + 4], "big")
        content[end : end + 4] = zlib.crc32(content[at + 4 : end]).to_bytes(4, "big")
        at = end + 4
    return bytes(content)


def run(files: int, seed: int) -> dict:
    samples = list(originals())
    rng = np.random.default_rng(seed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for index in range(files):
        kind, original = samples[index % len(samples)]
        data = mutated(original, rng)
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        try:
            picture = read_image(data)
        except ImageError as error:
            sentence = str(error)
            if not sentence.endswith(".") or "\n" in sentence:
                raise AssertionError(f"Not one sentence: {sentence}") from error
            refused[kind] += 1
        except BaseException as error:
            raise AssertionError(f"File {index} of seed {seed}, {kind}, raised {error!r}.") from error
        else:
            pixels = picture.pixels
            if pixels.dtype != np.uint8 or pixels.shape[2:] not in ((), (3,)) or not pixels.size:
                raise AssertionError(f"File {index} of seed {seed}, {kind}, is {pixels.dtype} {pixels.shape}.")
            read[kind] += 1
        if sys.stderr.isatty() and index % 100 == 0:
            print(f"\r{index:,} of {files:,}", end="", file=sys.stderr)
    faulthandler.cancel_dump_traceback_later()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"files": files, "read": dict(read), "refused": dict(refused), "megabytes": (peak - before) / 1024}


def _limit_memory() -> None:
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + EXTRA_MEMORY, resource.RLIM_INFINITY))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Reads damaged and hostile pictures.")
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if sys.platform == "linux":
        _limit_memory()
    print(json.dumps(run(options.files, options.seed), indent=1))
