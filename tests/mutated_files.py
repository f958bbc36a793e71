"""Decodes damaged and hostile .cae files, and says what became of them.

    PYTHONPATH=. python tests/mutated_files.py --files 1000000 --seed 1

Each is one of the golden files with bits flipped, bytes cut, put in or repeated, or its sizes written anew; in a
quarter of them the checksum is made to fit, since whoever wants to do harm can do that, too. Anything but symbols of
the declared shape or a `CodecError` of one sentence ends the run.
"""

import argparse
import json
import resource
import sys
import zlib
from pathlib import Path

import numpy as np
from golden_files import GOLDEN, MODEL

from cae.codec.codec import Codec
from cae.codec.file_format import CodecError
from cae.model import store


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """The file with one to three things done to it."""
    content = bytearray(data[:-4])
    for _ in range(rng.integers(1, 4)):
        at = int(rng.integers(0, len(content) + 1))
        some = rng.integers(0, 256, rng.integers(1, 9), np.uint8).tobytes()
        match rng.integers(0, 8):
            case 0:
                content[at:at] = some
            case 1:
                del content[at : at + len(some)]
            case 2:
                del content[at:]
            case 3:
                content += bytes(content) * int(rng.integers(1, 20))
            case 4:
                content[3:4] = bytes([0x10 | rng.integers(0, 5)])
            case 5:
                content[8:8] = some
            case 6:
                content[8:10] = sizes(rng)
            case _:
                for bit in rng.integers(0, 8 * max(1, len(content)), len(some)):
                    if content:
                        content[bit // 8] ^= 1 << bit % 8
    if rng.random() < 0.25:
        return bytes(content) + zlib.crc32(content).to_bytes(4, "little")
    return bytes(content) + data[-4:]


def sizes(rng: np.random.Generator) -> bytes:
    """Height and width: those of a small, a 28×28 or a large picture, some of them in more bytes than they take."""
    written = b""
    for _ in range(2):
        size = int(rng.choice((1, 28, 45, 127, 300, 5_000, 16_384)))
        groups = [size >> 7 * index & 127 for index in range(1 + (size > 127) + (size > 16_383) + (rng.random() < 0.2))]
        written += bytes(group | 128 for group in groups[:-1]) + bytes(groups[-1:])
    return written


def run(files: int, seed: int) -> dict:
    codec = Codec.load(store.load(MODEL, GOLDEN))
    originals = [path.read_bytes() for path in sorted(Path(GOLDEN).glob("*.cae"))]
    rng = np.random.default_rng(seed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    messages: dict[str, int] = {}
    decoded = 0
    for index in range(files):
        data = mutated(originals[rng.integers(len(originals))], rng)
        try:
            header, symbols = codec.read(data)
        except CodecError as error:
            kind = "".join(letter for letter in str(error) if not letter.isdigit() and letter != ",")
            if not kind.endswith(".") or "\n" in kind:
                raise AssertionError(f"Not one sentence: {error}") from error
            messages[kind] = messages.get(kind, 0) + 1
        else:
            if tuple(plane.shape for plane in symbols) != header.shapes:
                raise AssertionError(f"{[plane.shape for plane in symbols]} is not what was declared: {header}.")
            decoded += 1
        if sys.stderr.isatty() and index % 1_000 == 0:
            print(f"\r{index:,} of {files:,}", end="", file=sys.stderr)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"files": files, "decoded": decoded, "refused": messages, "megabytes": (peak - before) / 1024}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Decodes damaged and hostile .cae files.")
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(json.dumps(run(options.files, options.seed), indent=1))
