"""The .cae file: eight bytes of header, the sizes where they are not 28×28, the payload, four bytes of checksum.

`docs/file-format.md` describes it byte by byte. Nothing is allocated, and nothing decoded, before the checksum and the
declared sizes have been found to be right.
"""

import math
import zlib
from dataclasses import dataclass

from cae import CaeError
from cae.model.specification import SCALE, SIDE

MAGIC = b"CAE"
VERSION = 1
QUALITIES = range(1, 11)
MAX_SIDE = 2**14
MAX_VALUES = 2**22
"""The most pixels in a row or a column, and the most latent values of all pictures, of those in colour the luma's:
67 megapixels, or 85,598 × 28 × 28."""

SINGLE, SIZED, ARCHIVE, COLOUR, SHIFTED = range(5)
"""The forms: one 28×28 picture; one picture of another size; any number of pictures of one size; one in colour; one in
colour with shifts."""
SIZES = (0, 2, 3, 2, 2)
"""How many sizes follow the header, by form."""
MIDDLE = 128
"""What is added to a shift of colour to write it as a byte."""

HEADER_BYTES = 8
CHECKSUM_BYTES = 4
OVERHEAD_BYTES = HEADER_BYTES + CHECKSUM_BYTES
"""All there is around the payload of one 28×28 picture."""


class CodecError(CaeError, ValueError):
    """A .cae file cannot be written or read; the message says why in one plain sentence."""


@dataclass(frozen=True)
class Header:
    """What a file says about itself: `count` grey pictures of height × width pixels, or one in colour.

    `count` is None outside archives.
    """

    model: int
    """The model's number, 0…15; see `cae.codec.codec.NUMBERS`."""
    fingerprint: bytes
    """Three bytes that tell one training of a model from another."""
    quality: int
    height: int = SIDE
    width: int = SIDE
    count: int | None = None
    colour: bool = False
    shifts: tuple[int, int] = (0, 0)
    """In colour: levels, −128…127, that are added to the decoded Cb and Cr, so that their means are the picture's."""

    @property
    def form(self) -> int:
        """`SINGLE`, `SIZED`, `ARCHIVE`, `COLOUR` or `SHIFTED`."""
        if self.colour:
            return SHIFTED if any(self.shifts) else COLOUR
        if self.count is not None:
            return ARCHIVE
        return SINGLE if (self.height, self.width) == (SIDE, SIDE) else SIZED

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of the latents without their last axis: (N, H/4, W/4), where a side is rounded up; in colour of Y."""
        return (1 if self.count is None else self.count, _divided(self.height, SCALE), _divided(self.width, SCALE))

    @property
    def shapes(self) -> tuple[tuple[int, int, int], ...]:
        """The shapes of all planes: one if grey, and in colour those of Y, Cb and Cr."""
        if not self.colour:
            return (self.shape,)
        height, width = (_divided(_divided(side, 2), SCALE) for side in (self.height, self.width))
        chroma = (1, height, width)
        return self.shape, chroma, chroma

    @property
    def values(self) -> int:
        """How many latent values the file holds, in all its planes."""
        return sum(math.prod(shape) for shape in self.shapes)

    def check(self) -> None:
        """Raise `CodecError` unless quality and sizes are such as a file may have."""
        if self.quality not in QUALITIES:
            raise CodecError(f"The quality must be from {QUALITIES[0]} to {QUALITIES[-1]}, not {self.quality}.")
        if not (1 <= self.height <= MAX_SIDE and 1 <= self.width <= MAX_SIDE):
            raise CodecError(f"A picture has 1 to {MAX_SIDE:,} pixels a side, not {self.height:,} × {self.width:,}.")
        if not 1 <= math.prod(self.shape) <= MAX_VALUES:
            raise CodecError(
                f"A file holds 1 to {MAX_VALUES * SCALE**2:,} pixels, "
                f"not {self.shape[0]:,} × {self.height:,} × {self.width:,}."
            )


def pack(header: Header, payload: bytes) -> bytes:
    """The whole file. Raises `CodecError` for sizes or a quality that no file can have.

    >>> file = pack(Header(model=0, fingerprint=bytes(3), quality=7, height=300, width=20), payload=b"...")
    >>> file[:-CHECKSUM_BYTES].hex(" ")
    '43 41 45 11 07 00 00 00 ac 02 14 2e 2e 2e'
    >>> unpack(file)[1]
    b'...'
    """
    header.check()
    sizes = (header.count or 0, header.height, header.width)[3 - SIZES[header.form] :]
    start = MAGIC + bytes([VERSION << 4 | header.form, header.model << 4 | header.quality]) + header.fingerprint
    shifts = bytes(shift + MIDDLE for shift in header.shifts) if header.form == SHIFTED else b""
    content = start + b"".join(_varint(size) for size in sizes) + shifts + payload
    return content + zlib.crc32(content).to_bytes(CHECKSUM_BYTES, "little")


def unpack(data: bytes) -> tuple[Header, bytes]:
    """Header and payload of a file.

    Raises:
        CodecError: it is none, of another version, damaged, or declares what no file holds.
    """
    if not data.startswith(MAGIC):
        raise CodecError("The file is not a .cae file.")
    if len(data) < OVERHEAD_BYTES:
        raise CodecError("The file is incomplete: it ends within its header.")
    version, form = divmod(data[3], 16)
    if version != VERSION:
        raise CodecError(f"The file has version {version} of the format, and only version {VERSION} can be read here.")
    content, checksum = data[:-CHECKSUM_BYTES], data[-CHECKSUM_BYTES:]
    if zlib.crc32(content).to_bytes(CHECKSUM_BYTES, "little") != checksum:
        raise CodecError("The file is damaged or incomplete: its checksum is another.")
    if form >= len(SIZES):
        raise CodecError("The file holds another kind of picture than can be read here.")
    sizes, start = [], HEADER_BYTES
    for _ in range(SIZES[form]):
        size, start = _read_varint(content, start)
        sizes.append(size)
    count = sizes.pop(0) if form == ARCHIVE else None
    height, width = sizes or (SIDE, SIDE)
    model, quality = divmod(data[4], 16)
    shifts = (0, 0)
    if form == SHIFTED:
        if len(content) < start + len(shifts):
            raise CodecError("The file is incomplete: it ends within its header.")
        shifts = content[start] - MIDDLE, content[start + 1] - MIDDLE
        start += len(shifts)
    header = Header(model, content[5:HEADER_BYTES], quality, height, width, count, form in (COLOUR, SHIFTED), shifts)
    header.check()
    if header.form != form and form == SHIFTED:
        raise CodecError("The file shifts its colours by nothing, where only others say by how much.")
    if header.form != form:
        raise CodecError(f"The file stores the size of a {SIDE} × {SIDE} picture, where only others have theirs.")
    return header, content[start:]


def _divided(value: int, by: int) -> int:
    """Rounded up."""
    return -(-value // by)


def _varint(value: int) -> bytes:
    """LEB128: seven bits a byte, the lowest first, the eighth set on all bytes but the last."""
    groups = [value & 127]
    while value := value >> 7:
        groups.append(value & 127)
    return bytes([*(group | 128 for group in groups[:-1]), groups[-1]])


def _read_varint(content: bytes, start: int) -> tuple[int, int]:
    """The number at `start`, below 2²⁸, and where it ends."""
    value = 0
    for index in range(4):
        if start + index >= len(content):
            raise CodecError("The file is incomplete: it ends within its header.")
        byte = content[start + index]
        if index and not byte:
            raise CodecError("The file writes a size in more bytes than it takes.")
        value |= (byte & 127) << 7 * index
        if byte < 128:
            return value, start + index + 1
    raise CodecError("The file declares a size that no picture has.")
