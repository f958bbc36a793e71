"""Latents ↔ symbols ↔ .cae files, for one model. Knows nothing of the network: see `compression` for pictures.

    latents float32 (N, h, w, 1) ── encode ─────▶ symbols int16 (N, h, w) ─────────▶ bytes
    latents                      ◀─ dequantise ── symbols                 ◀─ read ── bytes

Both ways there is such an array for each plane: one of grey pictures, those of Y, Cb and Cr of a picture in colour.

A model folder with a codec holds

    codec.json           one row a quality: which training of the network (the variant), which step, which alphabet;
                         where pictures in colour are kept, such rows for their chroma, too;
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
from safetensors.numpy import save as save_tensors

from cae.codec import entropy_coder
from cae.codec.context_model import UNIT, ContextModel
from cae.codec.entropy_coder import LARGEST_SYMBOL, SymbolCoder
from cae.codec.file_format import QUALITIES, CodecError, Header, pack, unpack
from cae.codec.fitting import Fitted
from cae.codec.range_coder import RangeEncoder
from cae.codec.smoothing import smoothed
from cae.data import sources
from cae.data.photographs import Photographs
from cae.data.source import OWN_MODEL
from cae.model import store
from cae.model.specification import SCALE, SIDE
from cae.model.store import Pretrained
from cae.progress import Advance, silent

SETTINGS, CONTEXTS = "codec.json", "codec.safetensors"
NUMBERS = {source.name: source.file_number for source in sources.KNOWN}
"""The numbers of the shipped models in the files."""
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
    sensitivity: float = 0.0
    """What a squared error of 1 in a latent adds to the mean squared error over [0, 1], when the latents after it make
    good what they can; 0: latents are not fitted. In the units of `Fitted.costs`."""
    smoothing: int = 0
    """How often the reader averages the latents of flat areas; see `smoothing`."""


@dataclass(frozen=True)
class Encoded:
    """A file, what is in it, and what that costs."""

    header: Header
    payload: bytes
    symbols: tuple[np.ndarray, ...]
    """int16 (N, h, w) of each plane."""
    bits: tuple[float, ...]
    """Of each plane, by the symbols' probabilities."""

    @property
    def data(self) -> bytes:
        """The whole file."""
        return pack(self.header, self.payload)


@dataclass(frozen=True)
class Codec:
    """The codec of a model folder. All methods that take a quality raise `CodecError` if it is not 1 to 10."""

    model: Pretrained
    settings: Sequence[Setting]
    contexts: dict[tuple[str, str], ContextModel]
    """By variant and kind."""
    chroma: Sequence[Setting] = ()
    """The settings of the colour of pictures; those of all planes are the same if there are none."""

    @classmethod
    def load(cls, model: Pretrained) -> "Codec":
        """The codec in a model folder.

        Raises:
            CodecError: the folder has none, or one that was made for other weights.
            PretrainedError: its files were altered or are damaged.
        """
        if SETTINGS not in model.checksums:
            raise CodecError(f"The model {model.name} has no codec yet: {sources.command('fit-codec', model)}.")
        content, arrays = model.read_json(SETTINGS), model.read_tensors(CONTEXTS)
        try:
            made_for = dict(content["made_for"])
            settings, chroma = (
                tuple(Setting(**row) for row in rows) for rows in (content["qualities"], content.get("chroma", ()))
            )
            contexts = {
                (variant, kind): ContextModel.from_arrays(arrays, f"{variant}/{kind}/")
                for variant in {setting.variant for setting in (*settings, *chroma)}
                for kind in KINDS
                if kind == "free" or f"{variant}/{kind}/offsets" in arrays
            }
        except (KeyError, TypeError, ValueError):
            raise model.damaged(SETTINGS) from None
        for rows in (settings, chroma or settings):
            if tuple(setting.quality for setting in rows) != tuple(QUALITIES):
                raise model.damaged(SETTINGS)
        if any(model.checksums.get(name) != checksum for name, checksum in made_for.items()):
            again = sources.command("fit-codec", model)
            raise CodecError(f"The codec of the model {model.name} was made for other weights: {again}.")
        return cls(model, settings, contexts, chroma)

    def save(self) -> None:
        """Write the codec into its model folder."""
        made_for = {name: self.model.checksums[name] for name in self.decoders}
        content = {"made_for": made_for, "qualities": [asdict(setting) for setting in self.settings]}
        if self.chroma:
            content["chroma"] = [asdict(setting) for setting in self.chroma]
        arrays: dict[str, np.ndarray] = {}
        for (variant, kind), contexts in self.contexts.items():
            arrays |= contexts.to_arrays(f"{variant}/{kind}/")
        settings = json.dumps(content, indent=1) + "\n"
        store.seal(self.model.folder, {SETTINGS: settings, CONTEXTS: save_tensors(arrays)})

    @property
    def number(self) -> int:
        """The model's number in the files."""
        return NUMBERS.get(self.model.name, OWN_MODEL)

    @property
    def keeps_colour(self) -> bool:
        """Whether it was made for photographs; all others see pictures in grey."""
        known = sources.known_as(self.model.name)
        return isinstance(known, Photographs) or any(kind == "chroma" for _, kind in self.contexts)

    @property
    def decoders(self) -> list[str]:
        """The weights that files are decoded with."""
        variants = {setting.variant for setting in (*self.settings, *self.chroma)}
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

    def plane_settings(self, header: Header) -> list[Setting]:
        """The settings of the planes of a file."""
        luma = self.setting(header.quality)
        if not header.colour:
            return [luma]
        chroma = self.chroma[header.quality - 1] if self.chroma else luma
        return [luma, chroma, chroma]

    def network(self, setting: Setting) -> str:
        """What the engine calls the network that makes and reads the latents of a setting."""
        return self.model.network(setting.variant)

    def coder(self, quality: int, height: int = GRID, width: int = GRID) -> SymbolCoder:
        """The entropy coder for latents of this size."""
        return self._coder(self.setting(quality), "grid" if (height, width) == (GRID, GRID) else "free")

    def coders(self, header: Header) -> list[SymbolCoder]:
        """The entropy coders for the planes of a file."""
        if not header.colour:
            return [self.coder(header.quality, *header.shape[1:])]
        kinds = ("free", "chroma", "chroma")
        return [self._coder(*plane) for plane in zip(self.plane_settings(header), kinds, strict=True)]

    def _coder(self, setting: Setting, kind: str) -> SymbolCoder:
        contexts = self.contexts.get((setting.variant, kind)) or self.contexts[setting.variant, "free"]
        return SymbolCoder(contexts, setting.step, setting.lowest, setting.highest)

    def header(
        self, quality: int, height: int, width: int, *, count: int | None = None, colour: bool = False
    ) -> Header:
        """The header of a file; raises `CodecError` for sizes that no file can have."""
        header = Header(self.number, self.fingerprint, quality, height, width, count, colour)
        header.check()
        return header

    def encode(self, header: Header, latents: Sequence[Fitted], advance: Advance = silent) -> Encoded:
        """The .cae file of the latents of each plane, by the best trade of squared error for bits.

        Args:
            header: declares the planes' shapes and the quality.
            latents: of each plane.
            advance: counts latent values.
        """
        encoder = RangeEncoder()
        _check_shapes(header, [plane.latents.shape[:3] for plane in latents])
        parts = zip(self.coders(header), latents, self.plane_settings(header), strict=True)
        return _encoded(header, encoder, [quantised(*part, encoder, advance) for part in parts])

    def write(self, header: Header, symbols: Sequence[np.ndarray], advance: Advance = silent) -> bytes:
        """The .cae file of symbols int16 (N, h, w) of each plane; `advance` counts them.

        Raises:
            CodecError: they have not the shapes that the header declares.
        """
        encoder = RangeEncoder()
        _check_shapes(header, [plane.shape for plane in symbols])
        parts = zip(self.coders(header), symbols, strict=True)
        planes = [coder.quantise(plane, 0.0, encoder, advance) for coder, plane in parts]
        return _encoded(header, encoder, planes).data

    def read(
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


def quantised(
    coder: SymbolCoder,
    latents: Fitted,
    setting: Setting,
    encoder: RangeEncoder | None = None,
    advance: Advance = silent,
) -> tuple[np.ndarray, float]:
    """Latents in the symbols of a setting, as `SymbolCoder.quantise` gives them, and their bits."""
    scaled, costs = in_steps(latents.latents, setting.step), latents.costs
    if costs is not None:
        costs = costs / np.float32(setting.sensitivity)
    return coder.quantise(scaled, setting.rate_weight, encoder, advance, costs, latents.moves, latents.moved)


def in_steps(latents: np.ndarray, step: int) -> np.ndarray:
    """Latents float (N, h, w, 1) → float (N, h, w) in quantisation steps, within ± 32767; `step` as in a `Setting`."""
    return np.clip(latents[..., 0] * (UNIT / step), -LARGEST_SYMBOL, LARGEST_SYMBOL)


def dequantise(symbols: np.ndarray, setting: Setting) -> np.ndarray:
    """Symbols int16 (N, h, w) → latents float32 (N, h, w, 1)."""
    return (smoothed(symbols, setting.smoothing) * np.float32(setting.step / UNIT))[..., np.newaxis]


def model_name(header: Header) -> str | None:
    """The name of the model that a file was written with, or None if it is not one that is shipped."""
    return {number: name for name, number in NUMBERS.items()}.get(header.model)


def _check_shapes(header: Header, shapes: Sequence[tuple[int, ...]]) -> None:
    if tuple(shapes) != header.shapes:
        raise CodecError(
            f"Latents of the shapes {tuple(shapes)} are no picture of {header.height} × {header.width} pixels."
        )


def _encoded(header: Header, encoder: RangeEncoder, planes: Sequence[tuple[np.ndarray, float]]) -> Encoded:
    symbols, bits = zip(*planes, strict=True)
    return Encoded(header, encoder.finish(), symbols, bits)
