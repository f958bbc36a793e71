"""Makes tests/golden: a small model folder with a codec of its own, .cae files, and the symbols that are in them.

    PYTHONPATH=. python tests/golden_files.py

The files are what other machines have written. Make them anew only where the format gets a new version.
"""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from cae.codec.fitting import Fitted

GOLDEN = Path(__file__).parent / "golden"
MODEL = "tiny"
FILES = {"single": (28, 28, None), "sized": (37, 54, None), "archive": (28, 28, 5), "sized_archive": (8, 61, 3)}
"""Height, width, and the number of pictures in an archive."""
COLOUR = (45, 30)
"""Height and width of the picture in colour."""
PLANES = ("luma", "blue", "red")
STEPS = (2048, 1434, 1024, 717, 512, 358, 256, 179, 128, 90)


def smooth(count: int, height: int, width: int, seed: int) -> np.ndarray:
    """Latents with something to predict: sums of neighbouring normal draws, float32 (count, height, width)."""
    draws = np.random.default_rng(seed).normal(size=(count, height + 2, width + 2))
    rows = draws[:, 2:] + draws[:, 1:-1] + draws[:, :-2]
    return (rows[:, :, 2:] + rows[:, :, 1:-1] + rows[:, :, :-2]).astype(np.float32)


def grey_file(codec, symbols: np.ndarray, quality: int, height: int, width: int, archive: bool = False) -> bytes:
    """The file of symbols int16 (N, h, w); without `archive`, N is 1."""
    return codec.write(codec.header(quality, height, width, count=len(symbols) if archive else None), [symbols])


def quantised(codec, latents: np.ndarray, quality: int) -> np.ndarray:
    """The symbols that are chosen for latents (N, h, w)."""
    coder = codec.coder(quality, *latents.shape[1:])
    return coder.quantise(latents * (1024 / coder.step), codec.setting(quality).rate_weight)[0]


def make() -> None:
    from cae.codec.codec import Codec, Setting
    from cae.model import store
    from cae.training import context_model

    folder = GOLDEN / MODEL
    context_model.HIDDEN, context_model.REACH = 3, 2
    latents = smooth(2_000, 7, 7, 0)
    contexts = {
        ("", "grid"): context_model.train(latents, list(STEPS), context_model.grid_offsets(7, 7), 60),
        ("", "free"): context_model.train(latents, list(STEPS), context_model.free_offsets(2), 60),
    }
    limits = [int(6 * 1024 / step) for step in STEPS]  # some symbols are beyond
    settings = [
        Setting(quality, "", step, 0.1 if quality < 6 else 0.0, -limit, limit)
        for quality, (step, limit) in enumerate(zip(STEPS, limits, strict=True), 1)
    ]
    store.seal(folder, {"decoder.safetensors": b"stands for a decoder's weights"})
    Codec(store.load(MODEL, GOLDEN), settings, contexts).save()

    codec = Codec.load(store.load(MODEL, GOLDEN))
    expected = {}
    for seed, (name, (height, width, count)) in enumerate(FILES.items(), 1):
        for quality in (1, 5, 10):
            header = codec.header(quality, height, width, count=count)
            encoded = codec.encode(header, [Fitted(smooth(*header.shape, seed)[..., np.newaxis])])
            (GOLDEN / f"{name}-{quality}.cae").write_bytes(encoded.data)
            expected[f"{name}-{quality}"] = encoded.symbols[0]
    expected |= write_colour(codec)
    save_file(expected, GOLDEN / "symbols.safetensors")


def write_colour(codec) -> dict[str, np.ndarray]:
    """The golden files in colour; gives the symbols of their planes by name."""
    expected = {}
    for quality in (1, 5, 10):
        header = codec.header(quality, *COLOUR, colour=True)
        latents = [Fitted(smooth(*shape, seed)[..., np.newaxis]) for seed, shape in enumerate(header.shapes, 5)]
        encoded = codec.encode(header, latents)
        (GOLDEN / f"colour-{quality}.cae").write_bytes(encoded.data)
        expected |= {f"colour-{quality}-{name}": plane for name, plane in zip(PLANES, encoded.symbols, strict=True)}
    return expected


if __name__ == "__main__":
    make()
