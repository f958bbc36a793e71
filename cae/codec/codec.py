"""Latents ↔ symbols ↔ .cae files, for one model. Knows nothing of the network: see `compression` for pictures.

    latents float32 (N, h, w, 1) ── quantise ──▶ symbols int16 (N, h, w) ── write ──▶ bytes
    latents                      ◀─ dequantise ─ symbols                 ◀─ read ──── bytes

A picture in colour has three such arrays, one for each of its planes: those of Y, Cb and Cr.

A model folder with a codec holds

    codec.json           one row a quality: which training of the network (the variant), which step, which alphabet;
                         and the SHA-256 of the weights that all this was made for
    codec.safetensors    the integer context models of each variant: "NAME/grid/…" for 7×7, "NAME/free/…" for the rest,
                         and where there is one, "NAME/chroma/…" for the colour of pictures

A variant is "" for the folder's own weights, or the name of a model folder within it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from cae.codec import entropy_coder
from cae.codec.context_model import UNIT, ContextModel
from cae.codec.entropy_coder import LARGEST_SYMBOL, SymbolCoder
from cae.codec.file_format import QUALITIES, CodecError, Header, pack, unpack
from cae.model import store
from cae.model.specification import SCALE, SIDE
from cae.model.store import Pretrained
from cae.progress import Advance, silent

SETTINGS, CONTEXTS = "codec.json", "codec.safetensors"
NUMBERS = {"mnist": 0, "fashion_mnist": 1, "photos": 2}
OWN_MODEL = 15
"""The number in the files of any other model; which training it is, the fingerprint tells."""
GRID = SIDE // SCALE
KINDS = ("grid", "free", "chroma")
"""Of context models: for 7×7 latents, for those of any size, for those of colour; only the second must be there."""


@dataclass(frozen=True)
class Setting:
    """What a quality means."""

    quality: int
    variant: str
    step: int
    """Of the quantiser, in 1/1024 of a latent unit."""
    rate_weight: float
    """Squared steps that a bit is worth to the encoder; 0 rounds each latent to the nearest symbol."""
    lowest: int
    highest: int
    """The alphabet."""


@dataclass(frozen=True)
class Codec:
    """The codec of a model folder. All methods that take a quality raise `CodecError` if it is not 1 to 10."""

    model: Pretrained
    settings: Sequence[Setting]
    contexts: dict[tuple[str, str], ContextModel]
    """By variant and kind."""

    @classmethod
    def load(cls, model: Pretrained) -> "Codec":
        """The codec in a model folder.

        Raises:
            CodecError: the folder has none, or one that was made for other weights.
            PretrainedError: its files were altered.
        """
        if SETTINGS not in model.checksums:
            raise CodecError(f"The model {model.name} has no codec yet: python -m cae fit-codec {model.name}.")
        content = json.loads(model.read(SETTINGS))
        if any(model.checksums.get(name) != checksum for name, checksum in content["made_for"].items()):
            raise CodecError(
                f"The codec of the model {model.name} was made for other weights: python -m cae fit-codec {model.name}."
            )
        settings = tuple(Setting(**row) for row in content["qualities"])
        arrays = load_tensors(model.read(CONTEXTS))
        contexts = {
            (variant, kind): ContextModel.from_arrays(arrays, f"{variant}/{kind}/")
            for variant in {setting.variant for setting in settings}
            for kind in KINDS
            if f"{variant}/{kind}/offsets" in arrays
        }
        return cls(model, settings, contexts)

    def save(self) -> None:
        """Write the codec into its model folder; the folder's manifest must be written after."""
        made_for = {name: self.model.checksums[name] for name in self.decoders}
        content = {"made_for": made_for, "qualities": [asdict(setting) for setting in self.settings]}
        arrays = {}
        for (variant, kind), contexts in self.contexts.items():
            arrays |= contexts.to_arrays(f"{variant}/{kind}/")
        store.write(self.model.folder, SETTINGS, json.dumps(content, indent=1) + "\n")
        store.write(self.model.folder, CONTEXTS, save_tensors(arrays))

    @property
    def number(self) -> int:
        """The model's number in the files."""
        return NUMBERS.get(self.model.name, OWN_MODEL)

    @property
    def keeps_colour(self) -> bool:
        """Whether it was made for photographs; all others see pictures in grey."""
        return self.number == NUMBERS["photos"] or any(kind == "chroma" for _, kind in self.contexts)

    @property
    def decoders(self) -> list[str]:
        """The weights that files are decoded with."""
        variants = {setting.variant for setting in self.settings}
        return sorted(f"{variant}/decoder.safetensors" if variant else "decoder.safetensors" for variant in variants)

    @cached_property
    def fingerprint(self) -> bytes:
        """Three bytes that change with the decoders' weights and with the codec: a file opens with these only."""
        files = (SETTINGS, CONTEXTS, *self.decoders)
        return hashlib.sha256("".join(self.model.checksums[file] for file in files).encode()).digest()[:3]

    def setting(self, quality: int) -> Setting:
        """What a quality means."""
        if quality not in QUALITIES:
            raise CodecError(f"The quality must be from {QUALITIES[0]} to {QUALITIES[-1]}, not {quality}.")
        return self.settings[quality - 1]

    def network(self, quality: int) -> str:
        """What the engine calls the network that makes and reads the latents of a quality."""
        return network_name(self.model.name, self.setting(quality).variant)

    def coder(self, quality: int, height: int = GRID, width: int = GRID) -> SymbolCoder:
        """The entropy coder for latents of this size."""
        return self._coder(quality, "grid" if (height, width) == (GRID, GRID) else "free")

    def coders(self, header: Header) -> list[SymbolCoder]:
        """The entropy coders for the planes of a file."""
        if not header.colour:
            return [self.coder(header.quality, *header.shape[1:])]
        return [self._coder(header.quality, kind) for kind in ("free", "chroma", "chroma")]

    def _coder(self, quality: int, kind: str) -> SymbolCoder:
        setting = self.setting(quality)
        contexts = self.contexts.get((setting.variant, kind)) or self.contexts[setting.variant, "free"]
        return SymbolCoder(contexts, setting.step, setting.lowest, setting.highest)

    def header(self, quality: int, height: int, width: int, count: int | None = None, colour: bool = False) -> Header:
        """The header of a file; raises `CodecError` for sizes that no file can have."""
        header = Header(self.number, self.fingerprint, quality, height, width, count, colour)
        header.check()
        return header

    def quantise(self, latents: np.ndarray, quality: int) -> np.ndarray:
        """Latents float (N, h, w, 1) → symbols int16 (N, h, w): the best trade of squared error for bits."""
        coder = self.coder(quality, *latents.shape[1:3])
        return quantise(coder, latents, self.setting(quality).rate_weight)

    def quantise_planes(
        self, header: Header, latents: Sequence[np.ndarray], advance: Advance = silent
    ) -> list[np.ndarray]:
        """The same for the planes that a header declares; `advance` counts latent values."""
        rate_weight = self.setting(header.quality).rate_weight
        pairs = zip(self.coders(header), latents, strict=True)
        return [quantise(coder, plane, rate_weight, advance) for coder, plane in pairs]

    def dequantise(self, symbols: np.ndarray, quality: int) -> np.ndarray:
        """Symbols int16 (N, h, w) → latents float32 (N, h, w, 1), the same on every machine."""
        return dequantise(symbols, self.setting(quality).step)

    def write(self, symbols: np.ndarray, quality: int, height: int, width: int, *, archive: bool = False) -> bytes:
        """The .cae file of symbols int16 (N, h, w), which stand for grey pictures of height × width pixels.

        Without `archive`, N is 1. Raises `CodecError` for sizes that no file can have.
        """
        header = self.header(quality, height, width, len(symbols) if archive else None)
        if header.shape != symbols.shape:
            raise CodecError(f"Symbols of the shape {symbols.shape} are no pictures of {height} × {width} pixels.")
        return self.write_planes(header, [symbols])

    def write_planes(self, header: Header, symbols: Sequence[np.ndarray], advance: Advance = silent) -> bytes:
        """The .cae file of symbols that have the header's `shapes`; `advance` counts latent values."""
        return pack(header, entropy_coder.encode(list(zip(self.coders(header), symbols, strict=True)), advance))

    def read(self, data: bytes, most_values: int | None = None) -> tuple[Header, np.ndarray]:
        """Header and symbols int16 (N, h, w) of a .cae file of grey pictures; raises as `read_planes` does."""
        header, symbols = self.read_planes(data, most_values)
        return header, symbols[0]

    def read_planes(
        self, data: bytes, most_values: int | None = None, advance: Advance = silent
    ) -> tuple[Header, list[np.ndarray]]:
        """Header and symbols int16 (N, h, w) of each plane of a .cae file.

        Args:
            most_values: larger pictures and archives are refused. A million values take about ten seconds.
            advance: counts latent values.

        Raises:
            CodecError: it is no such file, damaged, too large, or was written with another model.
        """
        header, payload = unpack(data)
        if most_values is not None and header.values > most_values:
            raise CodecError(f"The file holds {header.values:,} latent values; {most_values:,} can be read here.")
        if header.model != self.number:
            other = model_name(header) or "of somebody's own"
            raise CodecError(f"The file was written with the model {other}, not with {self.model.name}.")
        if header.fingerprint != self.fingerprint:
            raise CodecError(
                f"The file was written with another training of the model {self.model.name}, and only that can read it."
            )
        return header, entropy_coder.decode(
            payload, list(zip(self.coders(header), header.shapes, strict=True)), advance
        )


def network_name(model: str, variant: str) -> str:
    """What the engine calls the network of a variant."""
    return f"{model}/{variant}" if variant else model


def quantise(coder: SymbolCoder, latents: np.ndarray, rate_weight: float, advance: Advance = silent) -> np.ndarray:
    """Latents float (N, h, w, 1) → symbols int16 (N, h, w), `rate_weight` as in a `Setting`."""
    scaled = np.clip(latents[..., 0] * (UNIT / coder.step), -LARGEST_SYMBOL, LARGEST_SYMBOL)
    if rate_weight:
        return coder.choose(scaled, rate_weight, advance)
    advance(scaled.size)
    return np.rint(scaled).astype(np.int16)


def dequantise(symbols: np.ndarray, step: int) -> np.ndarray:
    """Symbols int16 (N, h, w) → latents float32 (N, h, w, 1), `step` as in a `Setting`."""
    return (symbols.astype(np.float32) * np.float32(step / UNIT))[..., np.newaxis]


def model_name(header: Header) -> str | None:
    """The name of the model that a file was written with, or None if it is not one that is shipped."""
    return {number: name for name, number in NUMBERS.items()}.get(header.model)
