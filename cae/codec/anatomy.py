"""What each byte of a .cae file is for, in words."""

from dataclasses import dataclass

from cae.codec.codec import model_name
from cae.codec.file_format import ARCHIVE, CHECKSUM_BYTES, COLOUR, HEADER_BYTES, SHIFTED, SINGLE, SIZED, Header, unpack

HEADER, PAYLOAD, CHECKSUM = "header", "payload", "checksum"


@dataclass(frozen=True)
class Part:
    """Some bytes of a file that belong together."""

    kind: str
    """`HEADER`, `PAYLOAD` or `CHECKSUM`."""
    content: bytes
    name: str
    meaning: str
    """A phrase that says what these bytes say."""


def parts(data: bytes) -> list[Part]:
    """The parts of a file in order; together they are the file.

    Raises:
        CodecError: it is no such file, or damaged.
    """
    header, payload = unpack(data)
    version, form = divmod(data[3], 16)
    what = {
        SINGLE: "one picture of 28 × 28",
        SIZED: "one picture, its size follows",
        ARCHIVE: "an archive",
        COLOUR: "one picture in colour, its size follows",
        SHIFTED: "one picture in colour, its size and two shifts follow",
    }[form]
    found = [
        Part(HEADER, data[:3], "Mark", "“CAE”: what kind of file this is"),
        Part(HEADER, data[3:4], "Format", f"version {version}, form {form}: {what}"),
        Part(HEADER, data[4:5], "Model and quality", f"{name_of(header)}, quality {header.quality} of 10"),
        Part(HEADER, data[5:HEADER_BYTES], "Fingerprint", "the very weights that can read the file"),
    ]
    end = len(data) - CHECKSUM_BYTES
    start = end - len(payload)
    sizes = start - (len(header.shifts) if form == SHIFTED else 0)
    if sizes > HEADER_BYTES:
        found.append(Part(HEADER, data[HEADER_BYTES:sizes], "Size", size_of(header)))
    if sizes < start:
        blue, red = header.shifts
        found.append(Part(HEADER, data[sizes:start], "Shifts", f"the mean of Cb moves by {blue:+d}, of Cr by {red:+d}"))
    found.append(Part(PAYLOAD, payload, "Payload", _payload(header, payload)))
    return [*found, Part(CHECKSUM, data[end:], "Checksum", "CRC-32 of all bytes before: one changed bit is noticed")]


def name_of(header: Header) -> str:
    """The model of a file in words."""
    name = model_name(header)
    return f"model {header.model}, {name}" if name else "a model of somebody's own"


def size_of(header: Header) -> str:
    """What is in a file, in words."""
    size = f"{header.width:,} × {header.height:,} pixels"
    return size if header.count is None else f"{header.count:,} picture{'s' * (header.count != 1)} of {size}"


def _payload(header: Header, payload: bytes) -> str:
    bits = 8 * len(payload) / header.values
    return f"{header.values:,} latent values, entropy coded: {bits:.1f} bits each"
